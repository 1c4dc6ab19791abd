//! What must hold for a write to be made.

use super::StoreErrorKind;
use crate::resource::{Meta, Revision, Version};

/// What must hold of a resource for a write to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Precondition {
    /// It exists.
    Exists,
    /// Its version is one of these (the client's `If-Match`); otherwise
    /// [`VersionMismatch`](super::StoreErrorKind::VersionMismatch).
    Version(Vec<Version>),
    /// Its document is still the one that was read; otherwise
    /// [`Stale`](super::StoreErrorKind::Stale).
    Document(Revision),
    /// Both: the client's version and the document that was read.
    VersionAndDocument(Vec<Version>, Revision),
}

impl Precondition {
    /// Whether it holds of a resource with this metadata.
    ///
    /// # Errors
    /// [`VersionMismatch`](StoreErrorKind::VersionMismatch) or [`Stale`](StoreErrorKind::Stale).
    pub fn check(&self, current: &Meta) -> Result<(), StoreErrorKind> {
        let (versions, revision) = match self {
            Self::Exists => (None, None),
            Self::Version(versions) => (Some(versions), None),
            Self::Document(revision) => (None, Some(revision)),
            Self::VersionAndDocument(versions, revision) => (Some(versions), Some(revision)),
        };
        if versions.is_some_and(|versions| !versions.contains(&current.version)) {
            return Err(StoreErrorKind::VersionMismatch);
        }
        match revision {
            Some(revision) if *revision != current.revision => Err(StoreErrorKind::Stale),
            _ => Ok(()),
        }
    }

    /// Whether it is about versions, as a client's `If-Match` is.
    pub(crate) fn names_versions(&self) -> bool {
        matches!(self, Self::Version(_) | Self::VersionAndDocument(..))
    }

    /// The same condition, and that nothing at all was changed since this version.
    pub(crate) fn and_version(self, read: Version) -> Self {
        match self {
            Self::Exists => Self::Version(vec![read]),
            Self::Document(revision) => Self::VersionAndDocument(vec![read], revision),
            // Versions that this one is not among hold no more, and are refused as ever.
            Self::Version(mut versions) => {
                versions.retain(|version| *version == read);
                Self::Version(versions)
            }
            Self::VersionAndDocument(mut versions, revision) => {
                versions.retain(|version| *version == read);
                Self::VersionAndDocument(versions, revision)
            }
        }
    }

    /// The same condition, and that the document is still the one that was read.
    pub fn and_document(self, read: Revision) -> Self {
        match self {
            Self::Exists | Self::Document(_) => Self::Document(read),
            Self::Version(versions) | Self::VersionAndDocument(versions, _) => {
                Self::VersionAndDocument(versions, read)
            }
        }
    }
}
