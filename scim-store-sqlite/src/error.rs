//! What SQLite says, in the terms of the store contract.

use rusqlite::ErrorCode;
use scim_core::{
    DocumentError,
    store::{StoreError, StoreErrorKind},
};

/// A [`StoreError`] on its way out: it can be made of whatever fails in here by `?`.
#[derive(Debug)]
pub(crate) struct Failure(pub(crate) StoreError);

impl Failure {
    pub(crate) fn is_over_budget(&self) -> bool {
        *self.0.kind() == StoreErrorKind::OverBudget
    }

    /// The same failure for another caller.
    pub(crate) fn repeated(&self) -> StoreError {
        StoreError::new(self.0.kind().clone()).caused_by(described(&self.0))
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
            // A damaged file is no fault of the request either, and can be put right behind our back.
            Some(
                ErrorCode::ReadOnly
                | ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
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
fn described(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a file could not be opened. Nothing in it was changed.
#[derive(Debug, thiserror::Error)]
#[error("{kind}")]
pub struct OpenError {
    kind: OpenErrorKind,
    source: Option<Source>,
}

/// What kind of failure an [`OpenError`] is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenErrorKind {
    /// Another process, or another store of this one, has the file open.
    #[error("the file is open elsewhere")]
    Held,
    /// The file is not an SQLite database, or a damaged one.
    #[error("the file is not an SQLite database")]
    NotADatabase,
    /// The file is the SQLite database of another application.
    #[error("the file belongs to another application")]
    Foreign,
    /// A later version of this crate wrote the file.
    #[error("the file has schema version {found}, and this program knows up to {supported}")]
    Newer {
        /// The version of the file's schema.
        found: u32,
        /// The latest version that this crate knows.
        supported: u32,
    },
    /// The file system keeps SQLite from working: a missing directory, missing rights, no space,
    /// or no support for a write-ahead log. The source tells.
    #[error("the file cannot be opened")]
    Inaccessible,
    /// A thread could not be started.
    #[error("a thread of the store cannot be started")]
    NoThread,
}

impl OpenError {
    pub(crate) fn new(kind: OpenErrorKind) -> Self {
        Self { kind, source: None }
    }

    pub(crate) fn caused_by(mut self, source: impl Into<Source>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> &OpenErrorKind {
        &self.kind
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
