//! How much one request may ask for.

use std::time::Duration;

/// How much one request may ask for. Every limit has a safe default.
///
/// ```
/// use scim_core::Limits;
///
/// let limits = Limits::default().body(64 << 10).max_page(200);
/// assert_eq!((limits.max_page, limits.default_page), (200, 100));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes that a request body may have; 413 beyond. Default 1 MiB.
    pub body: usize,
    /// Levels of nesting that a JSON body may have; 400 `invalidSyntax` beyond. Default 64; more
    /// than 127 is as 127.
    pub json_depth: usize,
    /// Levels of nesting that a filter may have; 400 `invalidFilter` beyond. Default 64, which is
    /// also the most. Paths of PATCH have the limits of [`scim_filter::Parser`].
    pub filter_depth: usize,
    /// Comparisons that a filter may have; 400 `invalidFilter` beyond. Default 1,000.
    pub filter_terms: usize,
    /// Bytes that a filter may have; 400 `invalidFilter` beyond. Default 64 KiB.
    pub filter_length: usize,
    /// Operations that a PATCH may have; 413 beyond. Default 1,000.
    pub operations: usize,
    /// Operations that a Bulk request may have, shown as `bulk.maxOperations`; 413 beyond. Default
    /// 1,000.
    pub bulk_operations: usize,
    /// Bytes that the body of a Bulk request may have, shown as `bulk.maxPayloadSize`; 413 beyond.
    /// Default 1 MiB.
    pub bulk_payload: usize,
    /// Resources on a page when the client names no `count`. Default 100.
    pub default_page: usize,
    /// Resources on a page at the most, shown as `filter.maxResults`. Default 1,000.
    pub max_page: usize,
    /// Candidates that one query may examine where the store left work to the engine; 400
    /// `tooMany` beyond. Also the edges that the removals by filter of one PATCH may have examined
    /// before another one is refused. Default 100,000.
    pub candidates: usize,
    /// Comparisons that one query may make on resources that no index has picked out, or on the
    /// keys of an index that it goes through; 400 `tooMany` beyond. A filter of 25 terms over a
    /// million users is as much as the default, 25,000,000, which takes some seconds.
    pub comparisons: usize,
    /// Edges that are read with a resource at once; more are streamed. Default 1,000.
    pub edges: usize,
    /// How long a cursor is valid after the page it came with, in whole seconds; 400
    /// `expiredCursor` beyond. Default one hour.
    pub cursor_timeout: Duration,
}

impl Limits {
    /// Sets [`body`](Self#structfield.body).
    #[must_use]
    pub fn body(mut self, body: usize) -> Self {
        self.body = body;
        self
    }

    /// Sets [`json_depth`](Self#structfield.json_depth).
    #[must_use]
    pub fn json_depth(mut self, json_depth: usize) -> Self {
        self.json_depth = json_depth;
        self
    }

    /// Sets [`filter_depth`](Self#structfield.filter_depth).
    #[must_use]
    pub fn filter_depth(mut self, filter_depth: usize) -> Self {
        self.filter_depth = filter_depth;
        self
    }

    /// Sets [`filter_terms`](Self#structfield.filter_terms).
    #[must_use]
    pub fn filter_terms(mut self, filter_terms: usize) -> Self {
        self.filter_terms = filter_terms;
        self
    }

    /// Sets [`filter_length`](Self#structfield.filter_length).
    #[must_use]
    pub fn filter_length(mut self, filter_length: usize) -> Self {
        self.filter_length = filter_length;
        self
    }

    /// Sets [`operations`](Self#structfield.operations).
    #[must_use]
    pub fn operations(mut self, operations: usize) -> Self {
        self.operations = operations;
        self
    }

    /// Sets [`bulk_operations`](Self#structfield.bulk_operations).
    #[must_use]
    pub fn bulk_operations(mut self, bulk_operations: usize) -> Self {
        self.bulk_operations = bulk_operations;
        self
    }

    /// Sets [`bulk_payload`](Self#structfield.bulk_payload).
    #[must_use]
    pub fn bulk_payload(mut self, bulk_payload: usize) -> Self {
        self.bulk_payload = bulk_payload;
        self
    }

    /// Sets [`default_page`](Self#structfield.default_page).
    #[must_use]
    pub fn default_page(mut self, default_page: usize) -> Self {
        self.default_page = default_page;
        self
    }

    /// Sets [`max_page`](Self#structfield.max_page).
    #[must_use]
    pub fn max_page(mut self, max_page: usize) -> Self {
        self.max_page = max_page;
        self
    }

    /// Sets [`candidates`](Self#structfield.candidates).
    #[must_use]
    pub fn candidates(mut self, candidates: usize) -> Self {
        self.candidates = candidates;
        self
    }

    /// Sets [`comparisons`](Self#structfield.comparisons).
    #[must_use]
    pub fn comparisons(mut self, comparisons: usize) -> Self {
        self.comparisons = comparisons;
        self
    }

    /// Sets [`edges`](Self#structfield.edges).
    #[must_use]
    pub fn edges(mut self, edges: usize) -> Self {
        self.edges = edges;
        self
    }

    /// Sets [`cursor_timeout`](Self#structfield.cursor_timeout).
    #[must_use]
    pub fn cursor_timeout(mut self, cursor_timeout: Duration) -> Self {
        self.cursor_timeout = cursor_timeout;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            json_depth: 64,
            filter_depth: 64,
            filter_terms: 1_000,
            filter_length: 64 << 10,
            operations: 1_000,
            bulk_operations: 1_000,
            bulk_payload: 1 << 20,
            default_page: 100,
            max_page: 1_000,
            candidates: 100_000,
            comparisons: 25_000_000,
            edges: 1_000,
            cursor_timeout: Duration::from_secs(3600),
        }
    }
}
