//! Trying again after losing a race for a document.

use super::Failure;
use crate::{
    config::ATTEMPTS,
    store::{StoreError, StoreErrorKind},
};

/// How often a change of a document may still be tried.
pub(super) struct Attempts(usize);

impl Attempts {
    pub(super) fn new() -> Self {
        Self(ATTEMPTS)
    }

    /// What the request comes to; `None` when it is worth another attempt.
    pub(super) fn settle<T>(&mut self, attempt: Result<T, Failure>) -> Option<Result<T, Failure>> {
        match attempt {
            Err(failure) if failure.lost_race() => {
                self.0 = self.0.saturating_sub(1);
                let exhausted = || Err(StoreError::new(StoreErrorKind::Stale).into());
                (self.0 == 0).then(exhausted)
            }
            settled => Some(settled),
        }
    }
}
