//! Trying again after losing a race for a document.

use super::{Context, Failure};
use crate::{
    config::ATTEMPTS,
    resource::Selection,
    store::{StoreError, StoreErrorKind},
    validate::Notes,
};

/// How often a change of a document may still be tried, and what was known before the first time.
#[derive(Debug)]
pub(super) struct Attempts {
    left: usize,
    notes: Notes,
    selection: Selection,
}

impl Attempts {
    pub(super) fn new(context: &Context) -> Self {
        let (notes, selection) = (context.notes.clone(), context.selection.clone());
        Self { left: ATTEMPTS, notes, selection }
    }

    /// What the request comes to; `None` when it is worth another attempt, for which the context
    /// forgets the one that was lost.
    pub(super) fn settle<T>(
        &mut self,
        context: &mut Context,
        attempt: Result<T, Failure>,
    ) -> Option<Result<T, Failure>> {
        match attempt {
            Err(failure) if failure.lost_race() => {
                self.left = self.left.saturating_sub(1);
                if self.left == 0 {
                    return Some(Err(StoreError::new(StoreErrorKind::Stale).into()));
                }
                context.notes.clone_from(&self.notes);
                context.selection.clone_from(&self.selection);
                None
            }
            settled => Some(settled),
        }
    }
}
