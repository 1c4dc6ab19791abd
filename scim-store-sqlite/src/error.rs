//! What SQLite says, in the terms of the store contract.

use std::fmt;

use rusqlite::ErrorCode;
use scim_core::{
    DocumentError,
    store::{StoreError, StoreErrorKind},
};

/// A [`StoreError`] on its way out: it can be made of whatever fails in here by `?`.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) StoreError);

impl Failure {
    /// The same failure for another caller.
    pub(crate) fn repeated(&self) -> StoreError {
        StoreError::new(self.0.kind().clone()).caused_by(Described::of(&self.0).0)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<StoreErrorKind> for Failure {
    fn from(kind: StoreErrorKind) -> Self {
        Self(kind.into())
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Self(StoreError::internal(error))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self(StoreError::internal(error))
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreErrorKind::StorageFull,
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::SystemIoFailure
                | ErrorCode::CannotOpen
                | ErrorCode::PermissionDenied
                | ErrorCode::OutOfMemory,
            ) => StoreErrorKind::Unavailable,
            _ => StoreErrorKind::Internal,
        };
        Self(StoreError::new(kind).caused_by(error))
    }
}

/// The text of an error and its causes.
struct Described(String);

impl Described {
    fn of(error: &dyn std::error::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        Self(text)
    }
}

/// Why a file could not be opened. Nothing in it was changed.
#[derive(Debug)]
pub struct OpenError {
    kind: OpenErrorKind,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What kind of failure an [`OpenError`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenErrorKind {
    /// Another process, or another store of this one, has the file open.
    Held,
    /// The file is not an SQLite database, or a damaged one.
    NotADatabase,
    /// The file is the SQLite database of another application.
    Foreign,
    /// A later version of this crate wrote the file.
    Newer {
        /// The version of the file's schema.
        found: u32,
        /// The latest version that this crate knows.
        supported: u32,
    },
    /// The file system keeps SQLite from working: a missing directory, missing rights, no space,
    /// or no support for a write-ahead log. The source tells.
    Inaccessible,
    /// A thread could not be started.
    NoThread,
}

impl OpenError {
    pub(crate) fn new(kind: OpenErrorKind) -> Self {
        Self { kind, source: None }
    }

    pub(crate) fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> &OpenErrorKind {
        &self.kind
    }
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            OpenErrorKind::Held => f.write_str("the file is open elsewhere"),
            OpenErrorKind::NotADatabase => f.write_str("the file is not an SQLite database"),
            OpenErrorKind::Foreign => f.write_str("the file belongs to another application"),
            OpenErrorKind::Newer { found, supported } => write!(
                f,
                "the file has schema version {found}, and this program knows up to {supported}"
            ),
            OpenErrorKind::Inaccessible => f.write_str("the file cannot be opened"),
            OpenErrorKind::NoThread => f.write_str("a thread of the store cannot be started"),
        }
    }
}

impl std::error::Error for OpenError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| &**source as _)
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                OpenErrorKind::NotADatabase
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => OpenErrorKind::Held,
            _ => OpenErrorKind::Inaccessible,
        };
        Self::new(kind).caused_by(error)
    }
}
