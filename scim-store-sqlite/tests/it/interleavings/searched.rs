//! Keys that are looked through in memory: whoever sees a key in the file finds it there. The one key
//! of the file changes with every write.

use std::{collections::BTreeSet, sync::Arc};

use shuttle::thread;

use super::{
    ORDERS, TENANT, WRITES,
    cache::{Place, RowCache, Touched, Value, found_in},
    is_noticed, seed, try_orders,
};
use crate::sync::Mutex;

const INDEX: i64 = 0;

/// How the two sides go about it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    AsInTheStore,
    /// The writer adds its key to those in memory after the commit.
    AddsLate,
    /// It does not tell of its key at all.
    GivesNothing,
    /// It does not tell those who begin to read while it commits.
    ReleasesTooEarly,
    /// The reader does not make sure that it is the same keys as before its snapshot.
    TakesAnyNumber,
}

struct World {
    cache: Arc<RowCache>,
    file: Mutex<BTreeSet<String>>,
    way: Way,
}

impl World {
    fn new(way: Way, bytes: usize) -> Self {
        let cache = RowCache::new(1 << 16, bytes).unwrap();
        Self { cache, file: Mutex::new(BTreeSet::from(["key".to_owned()])), way }
    }

    /// As `Search::run` does it in the store.
    fn search(&self) {
        let searched = &self.cache.searched;
        if let Some(mut filling) = searched.fill(TENANT, INDEX) {
            let keys = self.file.lock().unwrap().clone();
            keys.iter().all(|key| filling.push(key.as_bytes()));
            filling.finish();
        }
        let Some(mut number) = searched.filled(TENANT, INDEX) else { return };
        let snapshot = self.file.lock().unwrap().clone();
        if self.way == Way::TakesAnyNumber {
            let Some(now) = searched.filled(TENANT, INDEX) else { return };
            number = now;
        }
        let Some(pieces) = searched.pieces(TENANT, INDEX, number) else { return };
        let found = found_in(&pieces, b"key", Place::Anywhere).unwrap();
        let found: BTreeSet<_> =
            found.into_iter().map(|it| String::from_utf8(it).unwrap()).collect();
        assert!(snapshot.is_subset(&found), "{snapshot:?} in {found:?}");
    }

    fn commit(&self, key: String) {
        let mut touched = Touched::default();
        let value = Value { tenant: TENANT, index: INDEX, key: key.as_bytes() };
        if self.way != Way::GivesNothing {
            self.cache.give_value(&mut touched, value);
        }
        if self.way != Way::AddsLate {
            self.cache.hold(&mut touched);
        }
        if self.way == Way::ReleasesTooEarly {
            self.cache.release(&touched);
        }
        *self.file.lock().unwrap() = BTreeSet::from([key]);
        if self.way == Way::AddsLate {
            self.cache.hold(&mut touched);
        }
        if self.way != Way::ReleasesTooEarly {
            self.cache.release(&touched);
        }
    }
}

/// Room for all keys, and for one: then they are read again and again.
const ROOM: [usize; 2] = [1 << 16, 266];

fn meet(way: Way, bytes: usize) {
    let world = Arc::new(World::new(way, bytes));
    let readers = [(), ()].map(|()| {
        let world = world.clone();
        thread::spawn(move || (0..WRITES).for_each(|_| world.search()))
    });
    (0..WRITES).for_each(|number| world.commit(format!("key {number}")));
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    world.search();
}

#[test]
fn every_key_of_a_snapshot_is_found() {
    for bytes in ROOM {
        try_orders(seed(), ORDERS / 2, move || meet(Way::AsInTheStore, bytes));
    }
}

#[test]
fn who_keeps_to_no_protocol_about_keys_is_noticed() {
    for way in [Way::AddsLate, Way::GivesNothing, Way::ReleasesTooEarly, Way::TakesAnyNumber] {
        let is_noticed = ROOM.map(|bytes| is_noticed(move || meet(way, bytes)));
        assert!(is_noticed.contains(&true), "{way:?}");
    }
}
