//! Finding resources.

use super::Stored;
use crate::{http::ListParameters, query::SortOrder};

/// Which resources are wanted, and which page of them (RFC 7644 §3.4.2, RFC 9865). The default is
/// the first page of all.
///
/// ```
/// use scim_core::Search;
///
/// let search = Search::new().filter(r#"userName sw "b""#).sort_by("userName").count(20);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Search(pub(super) ListParameters);

impl Search {
    /// The first page of all resources.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only those that match a filter (RFC 7644 §3.4.2.2).
    ///
    /// A filter is made from trusted text: a value in it that comes from elsewhere has to be
    /// written as a JSON string, as [`Resources::find`](super::Resources::find) does.
    pub fn filter(mut self, filter: impl Into<String>) -> Self {
        self.0.filter = Some(filter.into());
        self
    }

    /// Those whose attribute has this value, whatever characters are in it.
    ///
    /// ```
    /// use scim_core::Search;
    ///
    /// let injected = Search::new().equal("userName", r#"x" or userName pr or userName eq ""#);
    /// let escaped = r#"userName eq "x\" or userName pr or userName eq \"""#;
    /// assert_eq!(injected, Search::new().filter(escaped));
    /// ```
    pub fn equal(self, attribute: &str, value: &str) -> Self {
        self.filter(format!("{attribute} eq {}", serde_json::Value::from(value)))
    }

    /// In the order of an attribute.
    pub fn sort_by(mut self, attribute: impl Into<String>) -> Self {
        self.0.sort_by = Some(attribute.into());
        self
    }

    /// In the opposite order of the attribute to sort by.
    pub fn descending(mut self) -> Self {
        self.0.sort_order = SortOrder::Descending;
        self
    }

    /// From the match at this position on, counted from 1.
    pub fn start_index(mut self, position: u64) -> Self {
        self.0.start_index = Some(position.max(1));
        self
    }

    /// From where an earlier page ended: its [`Matches::next_cursor`]. The empty cursor asks for
    /// the first page of a walk.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.0.cursor = Some(cursor.into());
        self
    }

    /// At most this many at once, and no more than [`Limits::max_page`](crate::Limits::max_page).
    pub fn count(mut self, count: u64) -> Self {
        self.0.count = Some(count);
        self
    }
}

/// One page of what was found.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Matches<T> {
    /// The resources.
    pub resources: Vec<Stored<T>>,
    /// How many there are in all; `None` where counting would mean to read them.
    pub total: Option<u64>,
    /// Position of the first of them among all, counted from 1; pages by cursor have none.
    pub start_index: Option<u64>,
    /// Where the next page begins, for a search [by cursor](Search::cursor) that has one.
    pub next_cursor: Option<String>,
}
