//! What `src/sync.rs` is in a test that decides which thread goes on: the cache below
//! `interleavings` is compiled with these.

pub(crate) use shuttle::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};
pub(crate) use std::sync::PoisonError;

/// Runs what uses these by itself.
pub(crate) fn alone(run: impl Fn() + Send + Sync + 'static) {
    shuttle::check_random(run, 1);
}
