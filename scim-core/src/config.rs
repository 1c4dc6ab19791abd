//! Limits and switches of a service provider.

use std::time::Duration;

use crate::{
    patch::PatchOptions, schema::ResourceType, store::UnknownTargets, tolerance::FilterTolerance,
    validate::Rules,
};

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

/// How an endpoint behaves where the RFCs leave a choice, or where clients disagree with them. A
/// [`ClientProfile`](crate::ClientProfile) changes it by names.
///
/// ```
/// use scim_core::{Behaviour, Bulk, Rules, UnknownAttributes};
///
/// let behaviour = Behaviour::default()
///     .rules(Rules::default().unknown_attributes(UnknownAttributes::Refuse))
///     .bulk(Bulk::Off);
/// assert_ne!(behaviour, Behaviour::strict());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Behaviour {
    /// How strictly bodies are read.
    pub rules: Rules,
    /// How PATCH reads what is not plain.
    pub patch: PatchOptions,
    /// How filters are read.
    pub filters: FilterTolerance,
    /// What to do with edges to resources that do not exist.
    pub unknown_targets: UnknownTargets,
    /// Whether references, such as a user's manager, must lead to a resource.
    pub references: References,
    /// Which names are unique beyond what schemas say.
    pub unique_names: UniqueNames,
    /// Which PATCH requests are answered without the resource.
    pub patch_answers: PatchAnswers,
    /// The media type of all answers; `None` leaves the choice to `Accept`.
    pub response_type: Option<ResponseType>,
    /// Whether several writes may come in one request, and what their failures mean.
    pub bulk: Bulk,
}

impl Behaviour {
    /// Nothing but what the RFCs say.
    pub fn strict() -> Self {
        Self::default().without_tolerance()
    }

    /// The same without any tolerance. What the host has chosen besides, such as [`Bulk::Off`],
    /// is none.
    pub(crate) fn without_tolerance(&self) -> Self {
        Self {
            rules: Rules::strict(),
            patch: PatchOptions::strict(),
            filters: FilterTolerance::none(),
            unknown_targets: UnknownTargets::Refuse,
            ..self.clone()
        }
    }
}

impl Behaviour {
    /// Sets [`rules`](Self#structfield.rules).
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets [`patch`](Self#structfield.patch).
    #[must_use]
    pub fn patch(mut self, patch: PatchOptions) -> Self {
        self.patch = patch;
        self
    }

    /// Sets [`filters`](Self#structfield.filters).
    #[must_use]
    pub fn filters(mut self, filters: FilterTolerance) -> Self {
        self.filters = filters;
        self
    }

    /// Sets [`unknown_targets`](Self#structfield.unknown_targets).
    #[must_use]
    pub fn unknown_targets(mut self, unknown_targets: UnknownTargets) -> Self {
        self.unknown_targets = unknown_targets;
        self
    }

    /// Sets [`references`](Self#structfield.references).
    #[must_use]
    pub fn references(mut self, references: References) -> Self {
        self.references = references;
        self
    }

    /// Sets [`unique_names`](Self#structfield.unique_names).
    #[must_use]
    pub fn unique_names(mut self, unique_names: UniqueNames) -> Self {
        self.unique_names = unique_names;
        self
    }

    /// Sets [`patch_answers`](Self#structfield.patch_answers).
    #[must_use]
    pub fn patch_answers(mut self, patch_answers: PatchAnswers) -> Self {
        self.patch_answers = patch_answers;
        self
    }

    /// Sets [`response_type`](Self#structfield.response_type).
    #[must_use]
    pub fn response_type(mut self, response_type: Option<ResponseType>) -> Self {
        self.response_type = response_type;
        self
    }

    /// Sets [`bulk`](Self#structfield.bulk).
    #[must_use]
    pub fn bulk(mut self, bulk: Bulk) -> Self {
        self.bulk = bulk;
        self
    }
}

/// The media type of responses. Closed: both are the same JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResponseType {
    /// `application/scim+json` (RFC 7644 §8.1).
    #[default]
    Scim,
    /// `application/json`, for clients that accept nothing else.
    Json,
}

impl ResponseType {
    /// The media type as it stands in `Content-Type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scim => "application/scim+json",
            Self::Json => "application/json",
        }
    }
}

/// Whether references must lead to a resource: attributes whose `referenceTypes` name resource
/// types, such as the enterprise user's `manager`. Relations, such as the members of groups, always
/// do; [`Behaviour::unknown_targets`] is about those.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum References {
    /// They are kept as they are: identity providers send a manager before they create it, or one
    /// that they never create.
    #[default]
    Any,
    /// A write that newly refers to a resource that does not exist is 400 `invalidValue`.
    ///
    /// It is checked before the write, by one query for each type referred to, and not when the
    /// resource referred to is deleted.
    Existing,
}

/// Which names are unique beyond what schemas say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UniqueNames {
    /// None.
    #[default]
    AsSchema,
    /// The `displayName` of whatever has relations, such as groups: a second one of the same name
    /// is 409 `uniqueness`.
    ///
    /// It holds among the resources that were named under this choice.
    Groups,
}

/// Which PATCH requests are answered with 204 instead of the resource (RFC 7644 §3.5.2 allows
/// both). A request that selects attributes is always answered with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatchAnswers {
    /// Those that change relations alone.
    #[default]
    RelationsBriefly,
    /// All to resources of these types, by name.
    Briefly(Vec<Box<str>>),
    /// All.
    AllBriefly,
    /// None, not even those that change relations alone.
    InFull,
}

impl PatchAnswers {
    pub(crate) fn are_brief(&self, resource_type: &ResourceType) -> bool {
        match self {
            Self::RelationsBriefly | Self::InFull => false,
            Self::Briefly(names) => {
                names.iter().any(|name| name.eq_ignore_ascii_case(resource_type.name()))
            }
            Self::AllBriefly => true,
        }
    }
}

/// What becomes of Bulk requests (RFC 7644 §3.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bulk {
    /// Operations succeed or fail each on its own, as the RFC asks.
    ///
    /// Operations that refer to each other in a circle are one exception: they succeed or fail
    /// together, and [`Policy::conflict`](crate::Policy::conflict) is not asked about them. An
    /// operation that refers to one that failed is 409; to one that is not there, 400
    /// `invalidValue`.
    #[default]
    Independent,
    /// All operations succeed or none does anything, against the RFC, which wants partial
    /// failures disregarded.
    ///
    /// All of them are one batch of the store, with one change for each resource; the `version`
    /// of an operation is that before the request. The operation that failed is answered with
    /// its error and all others with 424; `failOnErrors` means nothing. Two resources cannot swap
    /// a unique value, and [`Policy::conflict`](crate::Policy::conflict) is not asked.
    Atomic,
    /// Bulk requests are 501, and `/ServiceProviderConfig` says so.
    Off,
}

/// What becomes of requests to `/Me`, the alias of the caller's own resource (RFC 7644 §3.11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Me {
    /// They are answered with 501.
    #[default]
    Refuse,
    /// They are carried out; answers name the permanent location.
    Serve,
    /// They are sent to the permanent location by 308.
    Redirect,
}

/// How often a write is tried again after losing a race for a document.
pub(crate) const ATTEMPTS: usize = 8;

/// What a client is told to wait after all attempts were lost.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);
