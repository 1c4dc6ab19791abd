//! Why an operation failed, in terms a client can be told.

use std::time::Duration;

use http::StatusCode;

#[cfg(any(feature = "tracing", test))]
use crate::error::causes;
use crate::{
    error::{ScimError, ScimType},
    profile::advised,
    resource::DocumentError,
    store::{StoreError, StoreErrorKind},
};

/// A failed operation: the error a client sees, and what only the host's log should hold.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: ScimError,
    /// When the client may try again.
    pub(crate) retry_after: Option<Duration>,
    /// The cause, for the log.
    #[cfg_attr(
        not(any(feature = "tracing", test)),
        expect(dead_code, reason = "without a log nobody asks")
    )]
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// Whether the document changed between reading and writing, so that trying again may help.
    lost_race: bool,
}

impl Failure {
    pub(crate) fn lost_race(&self) -> bool {
        self.lost_race
    }

    /// The cause and what lies behind it, for the log.
    #[cfg(any(feature = "tracing", test))]
    pub(crate) fn causes(&self) -> Option<String> {
        Some(causes(&**self.cause.as_ref()?))
    }

    /// What the client is told of it; the cause is for the log, once.
    fn told(&self) -> Self {
        let Self { error, retry_after, lost_race, .. } = self;
        let (error, retry_after, lost_race) = (error.clone(), *retry_after, *lost_race);
        Self { error, retry_after, cause: None, lost_race }
    }

    /// Leaves the cause, if there is one, in the log.
    pub(crate) fn log(&self) {
        #[cfg(feature = "tracing")]
        if let Some(cause) = self.causes() {
            tracing::error!(status = self.error.status().as_u16(), cause, "request failed");
        }
    }

    /// The same of a failure that the client is not told of, since what it asked for was done.
    pub(crate) fn log_after_write(&self) {
        #[cfg(feature = "tracing")]
        {
            let cause = self.causes().unwrap_or_else(|| self.error.to_string());
            tracing::error!(cause, "a write was made, and could not be shown");
        }
    }

    /// A fault of the host or of ours.
    pub(crate) fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        StoreError::internal(cause).into()
    }

    pub(crate) fn not_found() -> Self {
        ScimError::with_status(StatusCode::NOT_FOUND, "no such resource").into()
    }
}

/// What several are told that fail together: the culprit what is wrong, the others that it is not
/// with them. What has no culprit fails all alike.
#[derive(Debug)]
pub(super) struct Blame {
    /// Which of them.
    pub(super) culprit: Option<usize>,
    pub(super) failure: Failure,
}

impl Blame {
    /// The failures of so many, in their order; these are those of the others.
    pub(super) fn shared(
        self,
        among: usize,
        innocent: impl Fn() -> Failure,
    ) -> impl Iterator<Item = Failure> {
        let Self { culprit, failure } = self;
        let (again, mut cause) = (failure.told(), Some(failure));
        (0..among).map(move |index| match culprit {
            Some(culprit) if culprit != index => innocent(),
            _ => cause.take().unwrap_or_else(|| again.told()),
        })
    }
}

impl From<ScimError> for Failure {
    fn from(error: ScimError) -> Self {
        Self { error, retry_after: None, cause: None, lost_race: false }
    }
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        StoreError::internal(error).into()
    }
}

impl From<StoreError> for Failure {
    fn from(failure: StoreError) -> Self {
        let error = describe(failure.kind());
        let retry_after = match failure.kind() {
            StoreErrorKind::Busy { retry_after } => Some(*retry_after),
            StoreErrorKind::Stale | StoreErrorKind::Unavailable => Some(crate::config::RETRY_AFTER),
            _ => None,
        };
        let is_ours = error.status().is_server_error();
        let lost_race = *failure.kind() == StoreErrorKind::Stale;
        let cause = is_ours.then(|| Box::new(failure) as _);
        Self { error, retry_after, cause, lost_race }
    }
}

fn describe(kind: &StoreErrorKind) -> ScimError {
    let status = |status, detail: &'static str| ScimError::with_status(status, detail);
    match kind {
        StoreErrorKind::NotFound => status(StatusCode::NOT_FOUND, "no such resource"),
        StoreErrorKind::VersionMismatch => status(
            StatusCode::PRECONDITION_FAILED,
            "the resource is not in the version that the request asks for",
        ),
        StoreErrorKind::Conflict { attribute, .. } => {
            let detail = "the value is held by another resource";
            advised(ScimError::new(ScimType::Uniqueness, detail).at(attribute.path()))
        }
        StoreErrorKind::Refused { attribute, detail } => {
            ScimError::new(ScimType::InvalidValue, *detail).at(attribute.path())
        }
        StoreErrorKind::UnknownTarget { relation, target } => {
            let accepted = relation.targets().collect::<Vec<_>>().join(" or ");
            let detail = format!("no {accepted} has the id `{target}`");
            let unknown = ScimError::new(ScimType::InvalidValue, detail);
            advised(unknown.at(relation.attribute().path()))
        }
        StoreErrorKind::Stale => status(
            StatusCode::SERVICE_UNAVAILABLE,
            "the resource is being changed by many clients at once",
        ),
        StoreErrorKind::Busy { .. } => status(StatusCode::SERVICE_UNAVAILABLE, "the store is busy"),
        StoreErrorKind::OverBudget => too_much_work(),
        StoreErrorKind::StorageFull => {
            status(StatusCode::INSUFFICIENT_STORAGE, "the storage is full")
        }
        StoreErrorKind::Unavailable => {
            status(StatusCode::SERVICE_UNAVAILABLE, "the store is unavailable")
        }
        StoreErrorKind::Unsupported(what) => status(StatusCode::NOT_IMPLEMENTED, what),
        StoreErrorKind::Internal => {
            status(StatusCode::INTERNAL_SERVER_ERROR, "the store failed; see the server's log")
        }
    }
}

/// Past the work budget of a query, whoever did the work.
pub(super) fn too_much_work() -> ScimError {
    let detail =
        "too many comparisons: no index answers this filter or order for so many resources";
    ScimError::new(ScimType::TooMany, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_pointed_at_the_log_and_told_no_cause() {
        // E-005, E-007
        let failure = Failure::internal("disk /dev/sda1 is on fire");
        assert_eq!(failure.error.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(failure.error.to_string(), "the store failed; see the server's log");
        assert_eq!(failure.causes().unwrap(), "the store failed: disk /dev/sda1 is on fire");
    }
}
