//! What the engine does for one query where the store left work to it.

use std::cell::Cell;

use super::{failure::too_much_work, list::too_many};
use crate::{config::Limits, error::ScimError, query::Predicate, store::Residual};

/// The budget of one query.
pub(super) struct Work {
    candidates: usize,
    examined: usize,
    /// Comparisons that each candidate takes at least.
    each: usize,
    /// `None` once more were made than may be.
    left: Cell<Option<usize>>,
}

impl Work {
    pub(super) fn on(residual: &Residual, limits: &Limits) -> Self {
        let filter = residual.filter.as_ref().map_or(0, Predicate::comparisons);
        let each = filter.saturating_add(residual.sort.len());
        let left = Cell::new(Some(limits.comparisons));
        Self { candidates: limits.candidates, examined: 0, each, left }
    }

    /// Counts so many candidates before they are looked at.
    ///
    /// # Errors
    /// 400 `tooMany` when they are more than one query may look at, or take more comparisons than
    /// it may make.
    pub(super) fn begin(&mut self, candidates: usize) -> Result<(), ScimError> {
        self.examined = self.examined.saturating_add(candidates);
        if self.examined > self.candidates {
            return Err(too_many(self.candidates));
        }
        self.checked(self.compare(candidates.saturating_mul(self.each)).then_some(()))
    }

    /// Counts comparisons and says whether they may be made.
    pub(super) fn compare(&self, comparisons: usize) -> bool {
        self.left.set(self.left.get().and_then(|left| left.checked_sub(comparisons)));
        self.left.get().is_some()
    }

    /// # Errors
    /// 400 `tooMany` when something was not found out because that would take too many comparisons.
    pub(super) fn checked<T>(&self, found: Option<T>) -> Result<T, ScimError> {
        found.filter(|_| self.left.get().is_some()).ok_or_else(too_much_work)
    }
}
