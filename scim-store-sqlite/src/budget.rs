//! How long a read may hold up the thread that asks.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, Ordering},
};

use rusqlite::Connection;

/// Steps of SQLite's machine between two looks at the budget.
const STEPS: i32 = 10_000;

/// Looks after which a read on the thread that asks ends: about ten milliseconds.
const LOOKS: u32 = 20;

/// Ends what turns out to be long.
#[derive(Debug, Default)]
pub(crate) struct Budget(Arc<State>);

#[derive(Debug, Default)]
struct State {
    limited: AtomicBool,
    looks: AtomicU32,
}

impl State {
    fn is_spent(&self) -> bool {
        self.looks.load(Ordering::Relaxed) > LOOKS
    }
}

impl Budget {
    /// The budget of a connection; nothing is limited yet.
    pub(crate) fn of(sql: &mut Connection) -> rusqlite::Result<Self> {
        let budget = Self::default();
        let state = budget.0.clone();
        let ends = move || {
            state.looks.fetch_add(1, Ordering::Relaxed);
            state.limited.load(Ordering::Relaxed) && state.is_spent()
        };
        sql.progress_handler(STEPS, Some(ends))?;
        Ok(budget)
    }

    /// Runs statements within the budget; `None` when they went beyond it.
    pub(crate) fn limit<T>(&self, run: impl FnOnce() -> T) -> Option<T> {
        self.0.looks.store(0, Ordering::Relaxed);
        self.0.limited.store(true, Ordering::Relaxed);
        let outcome = run();
        self.0.limited.store(false, Ordering::Relaxed);
        (!self.0.is_spent()).then_some(outcome)
    }
}

#[cfg(test)]
mod tests {
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
        assert_eq!(budget.limit(|| count(10)), Some(Some(10)));
        assert_eq!(budget.limit(|| count(1_000_000)), None);
        assert_eq!(budget.limit(|| count(10)), Some(Some(10)));
        assert_eq!(count(1_000_000), Some(1_000_000));
    }
}
