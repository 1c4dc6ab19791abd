//! One resource as the store keeps it.

use std::sync::Arc;

use bytes::Bytes;
use scim_core::{Document, Meta, ResourceId, Revision, Timestamp, Version, store::Claim};

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
    /// The two parts of the document as text: parsed, it would take several times the room.
    visible: Bytes,
    hidden: Bytes,
    pub(crate) label: Option<Arc<str>>,
    pub(crate) claims: Vec<Unique>,
}

/// A unique value of one resource type: the path of the attribute, which has no zero, and the key
/// bytes of the value.
pub(crate) type Unique = Arc<[u8]>;

pub(crate) fn unique(claim: &Claim) -> Unique {
    [claim.attribute.path().as_bytes(), b"\0", &claim.value.to_key()].concat().into()
}

/// The path of the attribute that a unique value is of.
pub(crate) fn path_of(unique: &Unique) -> Option<&str> {
    let path = unique.split(|octet| *octet == 0).next()?;
    std::str::from_utf8(path).ok()
}

impl Row {
    /// A row that is new at this time.
    pub(crate) fn new(id: ResourceId, document: &Document, now: Timestamp) -> Self {
        let (visible, hidden) = (document.visible().clone(), document.hidden().clone());
        let (label, claims) = (None, Vec::new());
        Self {
            id,
            version: 1,
            revision: 1,
            created: now,
            last_modified: now,
            visible,
            hidden,
            label,
            claims,
        }
    }

    /// Its document, which is parsed when first looked into.
    pub(crate) fn document(&self) -> Document {
        Document::from_stored(self.visible.clone(), self.hidden.clone())
    }

    /// Its document without the hidden part.
    pub(crate) fn shown(&self) -> Document {
        Document::from_stored(self.visible.clone(), Bytes::new())
    }

    /// The same row with its values in this document, and without claims.
    pub(crate) fn with(&self, document: &Document) -> Self {
        let (visible, hidden) = (document.visible().clone(), document.hidden().clone());
        Self { visible, hidden, claims: Vec::new(), ..self.clone() }
    }

    /// Exchanges its document.
    pub(crate) fn revise(&mut self, document: &Document) {
        (self.visible, self.hidden) = (document.visible().clone(), document.hidden().clone());
        self.revision = self.revision.saturating_add(1);
    }

    pub(crate) fn meta(&self) -> Meta {
        Meta {
            version: Version::from(self.version),
            revision: Revision::from(self.revision),
            created: self.created,
            last_modified: self.last_modified,
        }
    }

    /// Notes that the resource is different from now on.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.version = self.version.saturating_add(1);
        self.last_modified = now.after(self.last_modified);
    }
}
