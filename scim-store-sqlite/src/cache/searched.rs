//! All keys of an index one behind the other, for looking inside of them: SQLite takes five times
//! as long to go from row to row.
//!
//! There may be keys among them that are gone, but none is ever missing: what a commit adds is
//! added here before it. So whoever began to read the file after they were all here finds every key
//! that it sees there.

use std::collections::{BTreeMap, HashMap};

use super::{
    Value,
    pieces::{PIECE, Piece, Pieces},
};
use crate::sync::{Mutex, MutexGuard, PoisonError};

/// What the keys of one index take up beside their octets, about.
const OVERHEAD: usize = 256;

/// Searches after which it is tried again to keep what was too large. Values may have become fewer,
/// or a search may do more.
const AGAIN: u32 = 32;

/// Keys of all tenants, up to a number of octets.
#[derive(Debug)]
pub(crate) struct Searched {
    state: Mutex<State>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct State {
    packs: HashMap<Box<str>, BTreeMap<i64, Pack>>,
    /// What is being committed.
    given: Vec<Given>,
    /// Numbers the packs, and the times at which they were asked for.
    clock: u64,
}

/// A key that a commit adds.
#[derive(Debug)]
pub(super) struct Given {
    tenant: Box<str>,
    index: i64,
    key: Box<[u8]>,
}

/// The keys of one index of one tenant.
#[derive(Debug)]
struct Pack {
    phase: Phase,
    pieces: Pieces,
    /// Octets that were there when it was filled.
    filled: usize,
    /// Tells it from one that was here before.
    number: u64,
    asked: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    Filling,
    Filled,
    /// It does not fit, or takes more than a search may do, as so many have learnt since.
    TooLarge {
        searches: u32,
    },
    Failed,
}

/// The right, and the duty, to fill a pack with keys that are read from now on.
#[derive(Debug)]
pub(crate) struct Filling<'a> {
    searched: &'a Searched,
    tenant: &'a str,
    index: i64,
    number: u64,
    pieces: Pieces,
    before: Vec<u8>,
    outcome: Phase,
}

impl Given {
    pub(super) fn new(value: Value<'_>) -> Self {
        let Value { tenant, index, key } = value;
        Self { tenant: tenant.into(), index, key: key.into() }
    }
}

impl Searched {
    pub(super) fn new(capacity: usize) -> Self {
        Self { state: Mutex::default(), capacity }
    }

    /// The keys of an index have to be read, if nobody has begun to.
    pub(crate) fn fill<'a>(&'a self, tenant: &'a str, index: i64) -> Option<Filling<'a>> {
        let mut state = self.state();
        if self.capacity == 0 || state.pack(tenant, index).is_some_and(|it| !it.is_tried_again()) {
            return None;
        }
        let number = state.tick();
        let mut pack = Pack::new(number);
        let given = state.given.iter().filter(|it| *it.tenant == *tenant && it.index == index);
        given.for_each(|it| pack.pieces.push(&it.key));
        state.packs.entry(tenant.into()).or_default().insert(index, pack);
        Some(Filling {
            searched: self,
            tenant,
            index,
            number,
            pieces: Pieces::default(),
            before: Vec::new(),
            outcome: Phase::Failed,
        })
    }

    /// The number by which the keys of an index are known, if all are here.
    pub(crate) fn filled(&self, tenant: &str, index: i64) -> Option<u64> {
        let mut state = self.state();
        let pack = state.pack(tenant, index).filter(|it| it.phase == Phase::Filled)?;
        Some(pack.number)
    }

    /// All keys of an index, if they are here and have been since this number was told.
    pub(crate) fn pieces(&self, tenant: &str, index: i64, number: u64) -> Option<Vec<Piece>> {
        let mut state = self.state();
        let now = state.tick();
        let is_it = |it: &&mut Pack| it.phase == Phase::Filled && it.number == number;
        let pack = state.pack(tenant, index).filter(is_it)?;
        pack.asked = now;
        Some(pack.pieces.all())
    }

    /// Adds what is about to be committed.
    pub(super) fn hold(&self, given: Vec<Given>) {
        let mut state = self.state();
        if !state.packs.is_empty() {
            for it in &given {
                if let Some(pack) = state.pack(&it.tenant, it.index).filter(|it| it.takes_more()) {
                    pack.pieces.push(&it.key);
                }
            }
            state.packs.values_mut().for_each(|packs| packs.retain(|_, it| !it.is_outgrown()));
            state.make_room(self.capacity);
        }
        state.given = given;
    }

    /// Ends what [`hold`](Self::hold) began.
    pub(super) fn release(&self) {
        self.state().given.clear();
    }

    /// Forgets everything.
    pub(super) fn clear(&self) {
        self.state().packs.clear();
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn pack(&mut self, tenant: &str, index: i64) -> Option<&mut Pack> {
        self.packs.get_mut(tenant)?.get_mut(&index)
    }

    fn tick(&mut self) -> u64 {
        self.clock = self.clock.saturating_add(1);
        self.clock
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Pack> {
        self.packs.values_mut().flat_map(BTreeMap::values_mut)
    }

    /// Empties what was asked for least lately until the rest fits.
    fn make_room(&mut self, capacity: usize) {
        while self.all().map(|pack| pack.size()).sum::<usize>() > capacity {
            let droppable = self.all().filter(|pack| pack.size() > 0);
            let Some(oldest) = droppable.min_by_key(|pack| pack.asked) else { break };
            (oldest.pieces, oldest.phase) = (Pieces::default(), Phase::Failed);
        }
        self.packs.retain(|_, packs| {
            packs.retain(|_, it| it.phase != Phase::Failed);
            !packs.is_empty()
        });
    }
}

impl Pack {
    fn new(number: u64) -> Self {
        let pieces = Pieces::default();
        Self { phase: Phase::Filling, pieces, filled: 0, number, asked: number }
    }

    /// Counts a search, and says whether it has to read the keys although somebody did before.
    fn is_tried_again(&mut self) -> bool {
        let Phase::TooLarge { searches } = &mut self.phase else { return false };
        *searches = searches.saturating_add(1);
        *searches > AGAIN
    }

    fn takes_more(&self) -> bool {
        matches!(self.phase, Phase::Filling | Phase::Filled)
    }

    fn size(&self) -> usize {
        if self.takes_more() { self.pieces.octets().saturating_add(OVERHEAD) } else { 0 }
    }

    /// Whether so much was added that much of it may be gone by now.
    fn is_outgrown(&self) -> bool {
        let most = self.filled.saturating_mul(2).saturating_add(PIECE);
        self.phase == Phase::Filled && self.pieces.octets() > most
    }
}

impl Filling<'_> {
    /// Adds the next key in their order; tells whether there is room for more.
    pub(crate) fn push(&mut self, key: &[u8]) -> bool {
        if key != self.before {
            self.pieces.push(key);
            self.before.clear();
            self.before.extend_from_slice(key);
        }
        self.pieces.octets() <= self.searched.capacity
    }

    /// All keys were added that there were.
    pub(crate) fn finish(mut self) {
        let fits = self.pieces.octets() <= self.searched.capacity;
        self.outcome = if fits { Phase::Filled } else { Phase::TooLarge { searches: 0 } };
    }

    /// To read all keys takes more than a search may do.
    pub(crate) fn give_up(mut self) {
        self.outcome = Phase::TooLarge { searches: 0 };
    }
}

impl Drop for Filling<'_> {
    fn drop(&mut self) {
        let mut state = self.searched.state();
        let pack = state.pack(self.tenant, self.index);
        let Some(pack) = pack.filter(|it| it.number == self.number) else { return };
        pack.phase = self.outcome;
        let added = std::mem::take(&mut pack.pieces);
        if self.outcome == Phase::Filled {
            pack.pieces = std::mem::take(&mut self.pieces);
            pack.filled = pack.pieces.octets();
            pack.pieces.append(added);
        }
        state.make_room(self.searched.capacity);
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::pieces::{Place, found_in},
        *,
    };
    use crate::sync::alone;

    fn known(searched: &Searched, index: i64) -> Option<Vec<Piece>> {
        searched.pieces("", index, searched.filled("", index)?)
    }

    fn filled(searched: &Searched, index: i64, keys: &[&[u8]]) {
        let mut filling = searched.fill("", index).unwrap();
        assert!(searched.fill("", index).is_none(), "one is enough");
        for key in keys {
            filling.push(key);
        }
        filling.finish();
    }

    fn given(index: i64, key: &[u8]) -> Vec<Given> {
        vec![Given::new(Value { tenant: "", index, key })]
    }

    #[test]
    fn what_is_committed_while_keys_are_read_is_among_them() {
        alone(|| {
            let searched = Searched::new(1 << 20);
            searched.hold(given(7, b"before"));
            let mut filling = searched.fill("", 7).unwrap();
            searched.release();
            searched.hold(given(7, b"meanwhile"));
            searched.release();
            assert!(known(&searched, 7).is_none());
            filling.push(b"read");
            filling.finish();
            searched.hold(given(7, b"later"));
            let pieces = known(&searched, 7).unwrap();
            for key in ["before", "meanwhile", "read", "later"] {
                assert_eq!(found_in(&pieces, key.as_bytes(), Place::End), Some(vec![key.into()]));
            }
            searched.clear();
            assert!(known(&searched, 7).is_none());
        });
    }

    #[test]
    fn what_was_asked_for_least_lately_gives_way() {
        alone(|| {
            let searched = Searched::new(3 * OVERHEAD + 100);
            for index in 0..3 {
                filled(&searched, index, &[b"key"]);
            }
            assert!(known(&searched, 0).is_some());
            searched.hold(given(2, &[b'x'; 200]));
            let kept: Vec<_> = (0..3).filter(|index| known(&searched, *index).is_some()).collect();
            assert_eq!(kept, [0, 2]);
        });
    }

    #[test]
    fn what_does_not_fit_is_rarely_read_again_and_what_failed_is() {
        alone(|| {
            let searched = Searched::new(OVERHEAD + 100);
            let mut filling = searched.fill("", 1).unwrap();
            assert!(filling.push(b"short") && !filling.push(&[b'x'; OVERHEAD + 100]));
            filling.finish();
            for _ in 0..AGAIN {
                assert!(searched.fill("", 1).is_none() && known(&searched, 1).is_none());
            }
            filled(&searched, 1, &[b"fewer"]);
            assert!(known(&searched, 1).is_some());
            drop(searched.fill("", 2));
            assert!(searched.fill("", 2).is_some());
        });
    }
}
