//! Who has a value: a name goes to and fro between two users, both of which change with it.

use std::sync::Arc;

use scim_core::{
    ResourceId,
    schema::Registry,
    store::{Hidden, Key, Projection, Resource},
};
use shuttle::thread;

use super::{
    ORDERS, TENANT, WRITES,
    cache::{RowCache, Touched, Value, WrittenEdges},
    is_noticed, resource, seed, try_orders,
};
use crate::sync::{AtomicU64, Mutex, Ordering};

const NAME: Value<'_> = Value { tenant: TENANT, index: 0, key: b"name" };

/// How the two sides go about it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    AsInTheStore,
    /// The writer does not tell that the value changes hands.
    TouchesNoValue,
    /// The reader takes what is kept of the one who had the value when it looked.
    AsksNoSecondTime,
    /// The reader has no ticket from before it looked.
    TakesTicketsLate,
}

struct World {
    cache: Arc<RowCache>,
    /// The number of the write that was committed last: it says who has the name.
    file: Mutex<u64>,
    acknowledged: AtomicU64,
    keys: [Key; 2],
    projection: Projection,
    way: Way,
}

impl World {
    fn new(way: Way) -> Self {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        Self {
            cache: RowCache::new(1 << 20, 0).unwrap(),
            file: Mutex::new(0),
            acknowledged: AtomicU64::new(0),
            keys: ["even", "odd"].map(|id| Key::new(user, id)),
            projection: Projection { hidden: Hidden::Load, relations: Vec::new() },
            way,
        }
    }

    fn holder_at(&self, write: u64) -> &Key {
        &self.keys[usize::from(!write.is_multiple_of(2))]
    }

    /// As `Search::by_value` does it in the store.
    fn read(&self) -> (ResourceId, u64) {
        let ticket = self.cache.value_ticket(NAME);
        let user = &self.keys[0].resource_type;
        let resource = match self.cache.holder(ticket, NAME, user, &self.projection) {
            Some(resource) => resource,
            None => self.look(ticket),
        };
        (resource.id, resource.meta.version.as_str().parse().unwrap())
    }

    fn look(&self, mut ticket: super::cache::ValueTicket) -> Resource {
        let mut open = self.cache.open_ticket(TENANT);
        let write = *self.file.lock().unwrap();
        let key = self.holder_at(write);
        if self.way == Way::TakesTicketsLate {
            (ticket, open) = (self.cache.value_ticket(NAME), self.cache.open_ticket(TENANT));
        }
        let resource = match self.cache.find(TENANT, key, &self.projection) {
            Ok(kept) if self.way == Way::AsksNoSecondTime || self.cache.stands(ticket) => kept,
            // The query is planned, and answered by the file alone.
            Ok(_) => {
                let write = *self.file.lock().unwrap();
                return resource(self.holder_at(write), write);
            }
            Err(_) => {
                let read = resource(key, write);
                let of_resource = self.cache.ticket_of(&open, TENANT, key);
                self.cache.keep(of_resource, TENANT, &[], &read);
                read
            }
        };
        self.cache.keep_holder(ticket, NAME, &resource.id);
        resource
    }

    fn watch(&self) {
        for _ in 0..WRITES {
            let acknowledged = self.acknowledged.load(Ordering::SeqCst);
            let (id, write) = self.read();
            assert!(write >= acknowledged, "{write} after {acknowledged}");
            assert_eq!(id, self.holder_at(write).id, "it had the name at that time");
        }
    }

    fn write_all(&self) {
        for number in 1..=WRITES {
            let mut touched = Touched::default();
            for key in &self.keys {
                self.cache.rewrite(&mut touched, TENANT, "User", key.id.as_str());
            }
            if self.way != Way::TouchesNoValue {
                self.cache.touch_value(&mut touched, NAME);
                self.cache.give_value(&mut touched, NAME);
            }
            self.cache.hold(&mut touched);
            *self.file.lock().unwrap() = number;
            self.cache.release(&touched);
            for key in &self.keys {
                let written = resource(key, number);
                let edges = WrittenEdges::AsBefore;
                self.cache.keep_written(&mut touched, TENANT, &written, edges);
            }
            self.acknowledged.store(number, Ordering::SeqCst);
        }
    }
}

fn meet(way: Way) {
    let world = Arc::new(World::new(way));
    let readers = [(), ()].map(|()| {
        let world = world.clone();
        thread::spawn(move || world.watch())
    });
    world.write_all();
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    assert_eq!(world.read(), (world.holder_at(WRITES).id.clone(), WRITES));
}

#[test]
fn nobody_finds_who_had_a_value_before() {
    try_orders(seed(), ORDERS, || meet(Way::AsInTheStore));
}

#[test]
fn who_keeps_to_no_protocol_about_values_is_noticed() {
    for way in [Way::TouchesNoValue, Way::AsksNoSecondTime, Way::TakesTicketsLate] {
        assert!(is_noticed(move || meet(way)), "{way:?}");
    }
}
