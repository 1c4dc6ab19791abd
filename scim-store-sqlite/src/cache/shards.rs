//! A bounded map in parts that are locked one by one, each of which knows whether it is up to date.

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

/// How many parts there are; a set of them fits into a word.
pub(super) const SHARDS: usize = 64;

/// What takes up room.
pub(super) trait Kept {
    /// Bytes that it takes up, about.
    fn bytes(&self) -> usize;
}

/// Entries under hashes, up to a number of bytes.
#[derive(Debug)]
pub(super) struct Shards<E> {
    shards: Vec<Mutex<Shard<E>>>,
    /// For each shard: moves with every commit that changes something in it; odd while that is
    /// being committed. Written under the lock of the shard.
    states: Vec<AtomicU64>,
    /// Of each shard.
    capacity: usize,
}

/// The entries of one part.
#[derive(Debug)]
pub(super) struct Shard<E> {
    entries: HashMap<u64, Slot<E>>,
    /// The entries in the order in which they came, to drop the oldest that nobody asked for.
    queue: VecDeque<(u64, u64)>,
    bytes: usize,
    /// Numbers the entries.
    came: u64,
}

#[derive(Debug)]
struct Slot<E> {
    entry: E,
    bytes: usize,
    came: u64,
    was_used: bool,
}

/// How all parts stood at one time: what is read from then on may be kept in those that still
/// stand so.
#[derive(Clone, Copy, Debug)]
pub(super) struct States([u64; SHARDS]);

impl States {
    /// How the part of this hash stood.
    pub(super) fn of(&self, hash: u64) -> Option<u64> {
        let state = self.0.get(part(hash)).copied().unwrap_or(1);
        state.is_multiple_of(2).then_some(state)
    }
}

/// Parts that something is changed in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts(u64);

impl Parts {
    /// Adds the part of this hash.
    pub(super) fn add(&mut self, hash: u64) {
        self.0 |= 1 << part(hash);
    }

    fn each(self) -> impl Iterator<Item = usize> {
        (0..SHARDS).filter(move |part| self.0 & (1 << part) != 0)
    }
}

fn part(hash: u64) -> usize {
    // The remainder is below the number of parts.
    usize::try_from(hash % SHARDS as u64).unwrap_or_default()
}

impl<E: Kept> Shards<E> {
    pub(super) fn new(bytes: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::new(Shard::default())).collect(),
            states: (0..SHARDS).map(|_| AtomicU64::new(0)).collect(),
            capacity: bytes / SHARDS,
        }
    }

    /// How all parts stand now.
    pub(super) fn states(&self) -> States {
        let mut states = [1; SHARDS];
        for (state, now) in states.iter_mut().zip(&self.states) {
            *state = now.load(Ordering::SeqCst);
        }
        States(states)
    }

    /// How the part of this hash stands, unless it is being changed.
    pub(super) fn state(&self, hash: u64) -> Option<u64> {
        let state = self.states.get(part(hash))?.load(Ordering::SeqCst);
        state.is_multiple_of(2).then_some(state)
    }

    /// Keeps an entry that was read since its part stood so, if it still does.
    pub(super) fn keep(&self, hash: u64, since: Option<u64>, entry: E) {
        let mut shard = self.lock(hash);
        if since.is_some() && self.state(hash) == since {
            shard.insert(hash, entry, self.capacity);
        }
    }

    /// Keeps an entry that nobody else can have changed meanwhile.
    pub(super) fn put(&self, hash: u64, entry: E) {
        self.lock(hash).insert(hash, entry, self.capacity);
    }

    /// Keeps nothing in these parts until they are released.
    pub(super) fn hold(&self, parts: Parts) {
        self.move_on(parts);
    }

    /// Forgets an entry.
    pub(super) fn take(&self, hash: u64) -> Option<E> {
        self.lock(hash).remove(hash)
    }

    /// Lets entries be kept again in what was held.
    pub(super) fn release(&self, parts: Parts) {
        self.move_on(parts);
    }

    /// Forgets everything. What was begun to be read before is not kept.
    pub(super) fn clear(&self) {
        for (shard, state) in self.shards.iter().zip(&self.states) {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            state.fetch_add(2, Ordering::SeqCst);
            *shard = Shard::default();
        }
    }

    #[expect(clippy::indexing_slicing, reason = "a remainder is below the number of parts")]
    pub(super) fn lock(&self, hash: u64) -> MutexGuard<'_, Shard<E>> {
        self.shards[part(hash)].lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn move_on(&self, parts: Parts) {
        for part in parts.each() {
            if let (Some(shard), Some(state)) = (self.shards.get(part), self.states.get(part)) {
                let _alone = shard.lock().unwrap_or_else(PoisonError::into_inner);
                state.fetch_add(1, Ordering::SeqCst);
            }
        }
    }
}

impl<E> Default for Shard<E> {
    fn default() -> Self {
        Self { entries: HashMap::new(), queue: VecDeque::new(), bytes: 0, came: 0 }
    }
}

impl<E: Kept> Shard<E> {
    /// The entry under this hash, which is thereby asked for.
    pub(super) fn find(&mut self, hash: u64) -> Option<&mut E> {
        let slot = self.entries.get_mut(&hash)?;
        slot.was_used = true;
        Some(&mut slot.entry)
    }

    fn insert(&mut self, hash: u64, entry: E, capacity: usize) {
        self.remove(hash);
        let bytes = entry.bytes();
        if bytes > capacity {
            return;
        }
        self.came = self.came.wrapping_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        self.queue.push_back((hash, self.came));
        self.entries.insert(hash, Slot { entry, bytes, came: self.came, was_used: false });
        while self.bytes > capacity {
            self.drop_oldest();
        }
        if self.queue.len() > self.entries.len().saturating_mul(2).saturating_add(8) {
            let entries = &self.entries;
            self.queue.retain(|(hash, came)| entries.get(hash).is_some_and(|it| it.came == *came));
        }
    }

    /// Drops the entry that came first; one that was asked for since gets another turn.
    fn drop_oldest(&mut self) {
        let Some((hash, came)) = self.queue.pop_front() else {
            self.bytes = 0;
            return;
        };
        let Some(slot) = self.entries.get_mut(&hash).filter(|it| it.came == came) else { return };
        if std::mem::take(&mut slot.was_used) {
            self.queue.push_back((hash, came));
        } else {
            self.remove(hash);
        }
    }

    fn remove(&mut self, hash: u64) -> Option<E> {
        let slot = self.entries.remove(&hash)?;
        self.bytes = self.bytes.saturating_sub(slot.bytes);
        Some(slot.entry)
    }
}
