//! What a query may still compare before it ends.

use std::cell::Cell;

use scim_core::store::{StoreError, StoreErrorKind};

/// The budget of one query, in comparisons.
pub(crate) struct Work {
    /// `None` once the query went beyond it.
    left: Cell<Option<u64>>,
}

impl Work {
    pub(crate) fn new(budget: u64) -> Self {
        Self { left: Cell::new(Some(budget)) }
    }

    /// Takes so many comparisons from what is left and says whether there were as many.
    pub(crate) fn take(&self, comparisons: usize) -> bool {
        let comparisons = u64::try_from(comparisons).unwrap_or(u64::MAX);
        self.left.set(self.left.get().and_then(|left| left.checked_sub(comparisons)));
        self.left.get().is_some()
    }

    /// # Errors
    /// When more was asked for than there was.
    pub(crate) fn check(&self) -> Result<(), StoreError> {
        self.left.get().map(drop).ok_or_else(|| StoreErrorKind::OverBudget.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_counted_to_the_last_and_never_comes_back() {
        let work = Work::new(10);
        assert!(work.take(4));
        assert!(work.take(6));
        assert!(work.check().is_ok());
        assert!(!work.take(1));
        assert!(!work.take(0));
        assert_eq!(*work.check().unwrap_err().kind(), StoreErrorKind::OverBudget);
    }
}
