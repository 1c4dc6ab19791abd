//! The locks and counters of the cache. A test puts others in their place, which try the orders in
//! which threads can meet.

pub(crate) use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};
