//! Waking all that wait for the same thing.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Wake, Waker},
};

/// A waker of all that wait at it.
#[derive(Default)]
pub(super) struct Bell(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// Each under a number of its own.
    wakers: BTreeMap<u64, Waker>,
    last_number: u64,
    /// How many have a place, whether they were woken or not.
    present: usize,
    rings: u64,
}

/// The place of one that waits; it is given up with who has it.
pub(super) struct Place<'a> {
    bell: &'a Bell,
    number: Option<u64>,
}

/// When one that waits has come.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    Now,
    Before,
}

impl Bell {
    pub(super) fn ring(&self) {
        let mut waiting = self.waiting_ones();
        waiting.rings = waiting.rings.wrapping_add(1);
        let wakers = std::mem::take(&mut waiting.wakers);
        drop(waiting);
        wakers.into_values().for_each(Waker::wake);
    }

    /// How often it rang.
    pub(super) fn rings(&self) -> u64 {
        self.waiting_ones().rings
    }

    /// How many have come and not gone.
    pub(super) fn present(&self) -> usize {
        self.waiting_ones().present
    }

    /// No code that holds the lock can panic, and what it guards is whole at any time.
    fn waiting_ones(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn is_unlocked(&self) -> bool {
        self.0.try_lock().is_ok()
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.ring();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.ring();
    }
}

impl<'a> Place<'a> {
    pub(super) fn new(bell: &'a Bell) -> Self {
        Self { bell, number: None }
    }

    /// Lets this one be woken at the next ring. What wakers do is not ours: they are cloned and
    /// dropped while nothing is locked.
    pub(super) fn wait(&mut self, waker: &Waker) -> Arrival {
        let waker = waker.clone();
        let mut waiting = self.bell.waiting_ones();
        let arrival = if self.number.is_none() { Arrival::Now } else { Arrival::Before };
        let number = *self.number.get_or_insert_with(|| {
            waiting.present = waiting.present.saturating_add(1);
            waiting.last_number = waiting.last_number.wrapping_add(1);
            waiting.last_number
        });
        let replaced = waiting.wakers.insert(number, waker);
        drop(waiting);
        drop(replaced);
        arrival
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let mut waiting = self.bell.waiting_ones();
        waiting.present = waiting.present.saturating_sub(1);
        let left = waiting.wakers.remove(&number);
        drop(waiting);
        drop(left);
    }
}
