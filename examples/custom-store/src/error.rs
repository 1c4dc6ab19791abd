//! What SQLite reports, as the engine understands it.

use rusqlite::ErrorCode;
use scim_core::store::{StoreError, StoreErrorKind};

pub(crate) type Result<T> = std::result::Result<T, Failure>;

/// Why a call failed. (An application cannot convert one foreign error into another with `?`.)
pub(crate) struct Failure(pub(crate) StoreError);

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => StoreErrorKind::StorageFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                StoreErrorKind::Unavailable
            }
            _ => StoreErrorKind::Internal,
        };
        Self(StoreError::new(kind).caused_by(error))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self(StoreError::internal(error))
    }
}

impl From<StoreErrorKind> for Failure {
    fn from(kind: StoreErrorKind) -> Self {
        Self(kind.into())
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}
