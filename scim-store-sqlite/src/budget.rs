//! How much a read may do: on the thread that asks, and at all.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use rusqlite::Connection;

/// Steps of SQLite's machine between two looks at the budget.
const STRIDE: u16 = 10_000;

/// Steps of the machine that count as one comparison, where it compares by itself.
const PER_COMPARISON: u64 = 16;

/// Steps that it takes at the most, about, to bring a row to a function of ours and to put what it
/// answers in order. They are part of what the function compares.
const BRINGING: u64 = 32;

/// Steps after which a read on the thread that asks ends: about ten milliseconds.
pub(crate) const SHORT: u64 = 200_000;

/// Ends what turns out to be long.
#[derive(Clone, Debug, Default)]
pub(crate) struct Budget(Arc<State>);

/// Counted in steps. A connection runs one statement at a time, and what threads that take turns
/// with it count is ordered by its lock.
#[derive(Debug)]
struct State {
    spent: AtomicU64,
    limit: AtomicU64,
    /// Steps since the last look that were part of what functions compared.
    bringing: AtomicU64,
}

impl Default for State {
    fn default() -> Self {
        let (spent, limit) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
        Self { spent, limit, bringing: AtomicU64::new(0) }
    }
}

impl State {
    /// Counts steps and says whether they are within the limit.
    fn spend(&self, steps: u64) -> bool {
        let spent = add(&self.spent, steps);
        spent <= self.limit.load(Ordering::Relaxed)
    }

    /// Counts a stride of the machine, but no step that a function has counted for it.
    fn stride(&self) -> bool {
        let counted = self.bringing.swap(0, Ordering::Relaxed);
        self.spend(u64::from(STRIDE).saturating_sub(counted))
    }

    fn compare(&self, comparisons: usize) -> bool {
        add(&self.bringing, BRINGING);
        self.spend(Budget::steps(u64::try_from(comparisons).unwrap_or(u64::MAX)))
    }
}

fn add(to: &AtomicU64, steps: u64) -> u64 {
    let sum = to.load(Ordering::Relaxed).saturating_add(steps);
    to.store(sum, Ordering::Relaxed);
    sum
}

/// A limit that is put back however what it is for ends.
struct Limit<'a> {
    state: &'a State,
    outer: u64,
}

impl<'a> Limit<'a> {
    fn lower(state: &'a State, steps: u64) -> Self {
        let outer = state.limit.load(Ordering::Relaxed);
        let inner = state.spent.load(Ordering::Relaxed).saturating_add(steps);
        state.limit.store(inner.min(outer), Ordering::Relaxed);
        Self { state, outer }
    }
}

impl Drop for Limit<'_> {
    fn drop(&mut self) {
        self.state.limit.store(self.outer, Ordering::Relaxed);
    }
}

impl Budget {
    /// The budget of a connection; nothing is limited yet.
    pub(crate) fn of(sql: &mut Connection) -> rusqlite::Result<Self> {
        let budget = Self::default();
        let state = budget.0.clone();
        let ends = move || !state.stride();
        sql.progress_handler(i32::from(STRIDE), Some(ends))?;
        Ok(budget)
    }

    /// The steps that so many comparisons may take.
    pub(crate) fn steps(comparisons: u64) -> u64 {
        comparisons.saturating_mul(PER_COMPARISON)
    }

    /// Counts comparisons that a function makes, and says whether it may make them.
    pub(crate) fn compare(&self, comparisons: usize) -> bool {
        self.0.compare(comparisons)
    }

    /// The same for comparisons with what such a function was already brought.
    pub(crate) fn compare_more(&self, comparisons: usize) -> bool {
        self.0.spend(Self::steps(u64::try_from(comparisons).unwrap_or(u64::MAX)))
    }

    /// Runs statements within so many steps, and within what is left of those that it is called
    /// in; `None` when they went beyond them.
    pub(crate) fn limit<T>(&self, steps: u64, run: impl FnOnce() -> T) -> Option<T> {
        let _limit = Limit::lower(&self.0, steps);
        let outcome = run();
        self.0.spend(0).then_some(outcome)
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn what_is_long_ends_only_where_it_is_limited() {
        let mut sql = Connection::open_in_memory().unwrap();
        let budget = Budget::of(&mut sql).unwrap();
        let count = |upto: u32| {
            let text = format!(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {upto}) \
                 SELECT count(*) FROM n"
            );
            sql.query_row(&text, [], |it| it.get::<_, u32>(0)).ok()
        };
        assert_eq!(budget.limit(SHORT, || count(10)), Some(Some(10)));
        assert_eq!(budget.limit(SHORT, || count(1_000_000)), None);
        assert_eq!(budget.limit(SHORT, || count(10)), Some(Some(10)));
        assert_eq!(count(1_000_000), Some(1_000_000));
        assert_eq!(budget.limit(u64::MAX, || count(1_000_000)), Some(Some(1_000_000)));
    }

    #[test]
    fn comparisons_count_to_the_last() {
        let budget = Budget::default();
        assert!(budget.limit(Budget::steps(10), || budget.compare(10)).unwrap());
        assert_eq!(budget.limit(Budget::steps(10), || budget.compare(11)), None);
        assert!(budget.compare(1_000_000), "nothing is limited");
    }

    #[test]
    fn a_panic_leaves_no_limit_behind() {
        let budget = Budget::default();
        let run = || budget.limit(Budget::steps(10), || panic!("a row that nobody expects"));
        assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
        assert!(budget.compare(1_000_000), "nothing is limited");
    }

    #[test]
    fn steps_that_bring_a_row_are_part_of_the_comparison() {
        let state = State::default();
        let rows = u64::from(STRIDE) / 25;
        assert!((0..rows).all(|_| state.compare(1)));
        state.stride();
        assert_eq!(state.spent.load(Ordering::Relaxed), Budget::steps(rows));
        // What was not needed for one stride is no present for the next.
        state.stride();
        assert_eq!(state.spent.load(Ordering::Relaxed), Budget::steps(rows) + u64::from(STRIDE));
    }

    #[test]
    fn a_limit_within_a_limit_is_the_smaller_one() {
        let budget = Budget::default();
        let within = |outer, inner, comparisons| {
            let inner = || budget.limit(Budget::steps(inner), || budget.compare(comparisons));
            budget.limit(Budget::steps(outer), || inner().is_some())
        };
        assert_eq!(within(20, 10, 10), Some(true));
        assert_eq!(within(20, 10, 11), Some(false));
        assert_eq!(within(10, 20, 11), None);
    }
}
