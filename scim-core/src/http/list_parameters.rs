//! What a client asks of a list, as the wire gave it: names and filter are still text.

use crate::query::SortOrder;

/// The parameters of a query (RFC 7644 §3.4.2, RFC 9865 §2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ListParameters {
    /// The filter; an empty one is given and wrong (F-024).
    pub(crate) filter: Option<String>,
    /// Path of the attribute to sort by.
    pub(crate) sort_by: Option<String>,
    /// The direction of the sort.
    pub(crate) sort_order: SortOrder,
    /// Position of the first result, counted from 1, at least 1 (P-001).
    pub(crate) start_index: Option<u64>,
    /// How many results are wanted at the most (P-002).
    pub(crate) count: Option<u64>,
    /// The cursor of an earlier page; an empty one asks for the first (K-001).
    pub(crate) cursor: Option<String>,
    /// Which attributes are wanted of each result.
    pub(crate) projection: ProjectionParameters,
}

/// Which attributes of a resource are wanted (RFC 7644 §3.9). Closed by the RFC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum ProjectionParameters {
    /// Those that are returned by default.
    #[default]
    Default,
    /// Only these (`attributes`).
    Only(Vec<String>),
    /// The default without these (`excludedAttributes`).
    Without(Vec<String>),
}
