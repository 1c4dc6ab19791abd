//! One resource as the store keeps it.

use std::sync::Arc;

use scim_core::{
    Document, Meta, Object, Revision, Timestamp, Version,
    query::Prepared,
    store::{Claim, StoreError},
};

use scim_core::ResourceId;

/// Where a row is. Numbers are given in order and never twice, so the order of row ids is the
/// order of insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct RowId {
    pub(crate) number: u64,
    /// Position of the table of its resource type.
    pub(crate) table: usize,
}

impl RowId {
    pub(crate) const FIRST: Self = Self { number: 0, table: 0 };

    /// The id below which all rows up to this number lie.
    pub(crate) fn after(number: u64) -> Self {
        Self { number: number.saturating_add(1), table: 0 }
    }
}

/// A resource without its edges.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: ResourceId,
    pub(crate) version: u64,
    pub(crate) revision: u64,
    pub(crate) created: Timestamp,
    pub(crate) last_modified: Timestamp,
    /// Shared, because a change of edges makes a new row around the same document.
    pub(crate) document: Arc<Document>,
    pub(crate) label: Option<Box<str>>,
    pub(crate) claims: Vec<Arc<Unique>>,
}

/// A unique value of one resource type: the path of the attribute and the value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Unique {
    path: Box<str>,
    value: Prepared,
}

impl From<&Claim> for Unique {
    fn from(claim: &Claim) -> Self {
        Self { path: claim.attribute.path().into(), value: claim.value.clone() }
    }
}

impl Row {
    pub(crate) fn meta(&self) -> Meta {
        Meta {
            version: Version::from(self.version),
            revision: Revision::from(self.revision),
            created: self.created,
            last_modified: self.last_modified,
        }
    }

    pub(crate) fn values(&self) -> Result<&Object, StoreError> {
        self.document.values().map_err(StoreError::internal)
    }

    /// Notes that the resource is different from now on.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.version = self.version.saturating_add(1);
        self.last_modified = now.after(self.last_modified);
    }
}
