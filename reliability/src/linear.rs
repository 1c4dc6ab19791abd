//! Whether what clients were answered at once could have been answered to one after the other.

use std::{collections::HashSet, fmt::Debug, hash::Hash};

/// Calls in one history at the most.
pub const MOST_CALLS: usize = 128;

/// What a sequential server does.
pub trait Model {
    /// What it holds.
    type State: Clone + Debug + Default + Eq + Hash;
    /// A request together with its answer.
    type Call: Debug;

    /// What it holds after the call; none when it would have answered otherwise.
    fn after(state: &Self::State, call: &Self::Call) -> Option<Self::State>;
}

/// A call and when it was made, on a clock that all clients share.
#[derive(Clone, Debug)]
pub struct Timed<C> {
    /// The request and its answer.
    pub call: C,
    /// Before the request was sent.
    pub began: u64,
    /// After the answer was there.
    pub ended: u64,
    /// The call that came before it in the same request, by its position in the history.
    pub follows: Option<usize>,
}

/// Whether the calls have an order that the model explains and that keeps every call before those
/// that began after it had ended or that follow it.
///
/// The search of Wing and Gong with the memory of Lowe: what was done, in whatever order, and what
/// is held then is looked at once.
///
/// # Panics
/// With more than [`MOST_CALLS`] calls.
pub fn is_linearizable<M: Model>(history: &[Timed<M::Call>]) -> bool {
    assert!(history.len() <= MOST_CALLS, "too many calls");
    let all = match history.len() {
        MOST_CALLS => u128::MAX,
        calls => (1 << calls) - 1,
    };
    let mut seen = HashSet::new();
    let mut open = vec![(0_u128, M::State::default())];
    while let Some((done, state)) = open.pop() {
        if done == all {
            return true;
        }
        for (number, timed) in next(history, done) {
            if let Some(after) = M::after(&state, &timed.call) {
                let reached = (done | 1 << number, after);
                if seen.insert(reached.clone()) {
                    open.push(reached);
                }
            }
        }
    }
    false
}

/// The calls that may come next: what they follow is done, and no other one that is left had ended
/// before they began.
fn next<C>(history: &[Timed<C>], done: u128) -> impl Iterator<Item = (usize, &Timed<C>)> {
    let left =
        move || history.iter().enumerate().filter(move |(number, _)| done & (1 << number) == 0);
    let first_end = left().map(|(_, timed)| timed.ended).min().unwrap_or(u64::MAX);
    let follows = move |timed: &Timed<C>| timed.follows.is_none_or(|it| done & (1 << it) != 0);
    left().filter(move |(_, timed)| timed.began <= first_end && follows(timed))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number that is written and read.
    struct Register;

    #[derive(Debug)]
    enum Call {
        Write(u8),
        Read(u8),
    }

    impl Model for Register {
        type State = u8;
        type Call = Call;

        fn after(state: &u8, call: &Call) -> Option<u8> {
            match call {
                Call::Write(value) => Some(*value),
                Call::Read(value) => (value == state).then_some(*state),
            }
        }
    }

    fn holds(calls: [(Call, u64, u64); 3]) -> bool {
        let timed = calls.map(|(call, began, ended)| Timed { call, began, ended, follows: None });
        is_linearizable::<Register>(&timed)
    }

    #[test]
    fn a_read_during_a_write_may_see_it_or_not() {
        for read in [0, 1] {
            assert!(holds([
                (Call::Write(1), 0, 9),
                (Call::Read(read), 1, 2),
                (Call::Read(1), 3, 4)
            ]));
        }
    }

    #[test]
    fn a_read_after_a_write_sees_it() {
        assert!(!holds([(Call::Write(1), 0, 1), (Call::Read(0), 2, 3), (Call::Read(1), 4, 5)]));
    }

    #[test]
    fn what_was_seen_stays_seen() {
        assert!(!holds([(Call::Write(1), 0, 9), (Call::Read(1), 1, 2), (Call::Read(0), 3, 4)]));
    }
}
