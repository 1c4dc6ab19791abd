//! What can go wrong in a store.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use crate::{
    resource::ResourceId,
    schema::{Attribute, Relation},
};

type Source = Box<dyn StdError + Send + Sync>;

/// Why a store did not do what it was asked to. Nothing of a failed batch was applied.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct StoreError {
    kind: StoreErrorKind,
    entry: Option<usize>,
    source: Option<Source>,
}

/// What kind of failure a [`StoreError`] is.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The resource to write does not exist. Answered as 404.
    #[error("no such resource")]
    NotFound,
    /// The resource has none of the versions that the client asked for. Answered as 412.
    #[error("the resource has another version")]
    VersionMismatch,
    /// The document changed after it was read. The engine reads again and retries.
    #[error("the document changed meanwhile")]
    Stale,
    /// Another resource holds a unique value. Answered as 409 `uniqueness`.
    #[error("the value of `{}` is held by resource `{holder}`", attribute.path())]
    Conflict {
        /// The unique attribute.
        attribute: Arc<Attribute>,
        /// Id of the resource that holds the value.
        holder: ResourceId,
    },
    /// A value that the storage does not take, such as one too long for its column. Answered as
    /// 400 `invalidValue`, with the detail shown to the client.
    #[error("`{}` was refused: {detail}", attribute.path())]
    Refused {
        /// The attribute whose value it is.
        attribute: Arc<Attribute>,
        /// What is wrong with the value, without the value.
        detail: &'static str,
    },
    /// An edge points at nothing. Answered as 400 `invalidValue`.
    #[error("`{}` refers to the unknown resource `{target}`", relation.attribute().path())]
    UnknownTarget {
        /// The relation of the edge.
        relation: Arc<Relation>,
        /// Id that no resource of an accepted type has.
        target: ResourceId,
    },
    /// The store has more to do than it takes on. Answered as 503 with `Retry-After`.
    #[error("the store is busy")]
    Busy {
        /// How long to wait before trying again.
        retry_after: Duration,
    },
    /// A query takes more work than its [budget](super::Query::budget) allows. Answered as 400
    /// `tooMany`.
    #[error("the query takes more work than it may")]
    OverBudget,
    /// The storage is exhausted. Answered as 507.
    #[error("the storage is full")]
    StorageFull,
    /// The store cannot be reached or written for now. Answered as 503.
    #[error("the store is unavailable")]
    Unavailable,
    /// The store cannot do what was asked, by its nature. Answered as 501.
    #[error("the store does not support this: {0}")]
    Unsupported(&'static str),
    /// Anything else; the source tells. Answered as 500, without the source.
    #[error("the store failed")]
    Internal,
}

#[cfg(any(feature = "metrics", feature = "tracing"))]
impl StoreErrorKind {
    /// The kind in one word, for metrics and logs.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::VersionMismatch => "version_mismatch",
            Self::Stale => "stale",
            Self::Conflict { .. } => "conflict",
            Self::Refused { .. } => "refused",
            Self::UnknownTarget { .. } => "unknown_target",
            Self::Busy { .. } => "busy",
            Self::OverBudget => "over_budget",
            Self::StorageFull => "storage_full",
            Self::Unavailable => "unavailable",
            Self::Unsupported(_) => "unsupported",
            Self::Internal => "internal",
        }
    }
}

impl StoreError {
    /// A failure of the store as a whole.
    pub fn new(kind: StoreErrorKind) -> Self {
        Self { kind, entry: None, source: None }
    }

    /// A failure of one entry of a batch.
    pub fn at(entry: usize, kind: StoreErrorKind) -> Self {
        Self { kind, entry: Some(entry), source: None }
    }

    /// Says which entry of the batch failed, counted from 0, where it is not said yet.
    pub fn in_entry(mut self, entry: usize) -> Self {
        self.entry.get_or_insert(entry);
        self
    }

    /// An [`Internal`](StoreErrorKind::Internal) failure with its cause.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::new(StoreErrorKind::Internal).caused_by(source)
    }

    /// Adds the cause, which is for logs and never shown to clients.
    pub fn caused_by(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> &StoreErrorKind {
        &self.kind
    }

    /// The position in the batch of the entry that failed.
    pub fn entry(&self) -> Option<usize> {
        self.entry
    }
}

impl From<StoreErrorKind> for StoreError {
    fn from(kind: StoreErrorKind) -> Self {
        Self::new(kind)
    }
}
