//! How much memory the batches in the queue take up.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use scim_core::{
    Document,
    store::{Batch, Delta, Write},
};

/// What an entry of a batch takes up beside its texts, and what a target of an edge does, about.
const ENTRY: usize = 500;
const TARGET: usize = 80;

/// The bytes that a batch takes up until it is answered.
pub(crate) struct Room {
    bytes: usize,
    taken: Arc<AtomicUsize>,
}

impl Room {
    /// Takes room, if there is any; a single batch always finds some.
    pub(crate) fn take(batch: &Batch, taken: &Arc<AtomicUsize>, limit: usize) -> Option<Self> {
        let bytes = size(batch);
        let before = taken.fetch_add(bytes, Ordering::Relaxed);
        let room = Self { bytes, taken: taken.clone() };
        (before == 0 || before.saturating_add(bytes) <= limit).then_some(room)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.taken.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What a batch takes up, about.
fn size(batch: &Batch) -> usize {
    let document = |it: &Document| it.visible().len() + it.hidden().len();
    let entry = |write: &Write| {
        let (text, relations) = match write {
            Write::Insert(insert) => (document(&insert.document), insert.relations.as_slice()),
            Write::Change(change) => {
                let text = change.document.as_ref().map_or(0, |it| document(&it.after));
                (text, change.relations.as_slice())
            }
            Write::Delete(_) => (0, [].as_slice()),
        };
        let targets = relations.iter().map(|change| match &change.delta {
            Delta::Add(targets) | Delta::Replace(targets) => targets.len(),
            Delta::Remove(ids) => ids.len(),
            Delta::Clear => 0,
        });
        // Texts are there parsed as well, which takes several times their size.
        ENTRY + text * 4 + targets.sum::<usize>() * TARGET
    };
    batch.entries.iter().map(entry).sum()
}
