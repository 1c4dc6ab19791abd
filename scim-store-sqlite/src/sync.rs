//! The locks and counters of the cache. A test puts others in their place, which try the orders in
//! which threads can meet.

pub(crate) use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// Runs what uses these by itself: those of a test work nowhere else.
#[cfg(test)]
pub(crate) fn alone(run: impl FnOnce()) {
    run();
}
