//! The protocol between those who read through the cache and the thread that writes, in many random
//! orders of their steps: nobody finds what is older than the last acknowledged write.

#[allow(dead_code, unused_imports, reason = "a test needs less of it than the store")]
#[path = "../../src/cache/mod.rs"]
mod cache;
mod holders;
mod searched;

use std::{
    hash::{BuildHasher, RandomState},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use scim_core::{
    Document, Meta, Timestamp,
    query::{Reach, Side},
    schema::Registry,
    store::{Edge, EdgePath, Hidden, Key, Projection, Related, RelationView, Resource},
};
use shuttle::{
    Config, Runner,
    scheduler::{PctScheduler, RandomScheduler},
    thread,
};

use self::cache::{RowCache, Touched, WrittenEdges};
use crate::sync::{AtomicU64, Mutex, Ordering};

const TENANT: &str = "";

const WRITES: u64 = 3;

const ORDERS: usize = 500;

/// How the writer goes about a commit.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Writer {
    AsInTheStore,
    /// Tells the cache of nothing but what it wrote.
    HoldsNothing,
    /// Lets others remember again before the commit is over.
    ReleasesTooEarly,
    /// Forgets that the edges of others change with a label.
    TouchesNoRelations,
}

/// A user, and a group that it is in. Their numbers grow with every write.
#[derive(Clone, Copy, Default)]
struct Committed {
    user: u64,
    label: u64,
}

struct World {
    cache: Arc<RowCache>,
    file: Mutex<Committed>,
    /// What has been acknowledged.
    user: AtomicU64,
    label: AtomicU64,
    key: Key,
    projection: Projection,
}

impl World {
    fn new() -> Self {
        let registry = Registry::standard();
        let view = RelationView {
            relation: registry.relation("Group.members").unwrap().clone(),
            side: Side::Sources,
            reach: Reach::Transitive,
            limit: 10,
        };
        Self {
            cache: RowCache::new(1 << 20, 0).unwrap(),
            file: Mutex::new(Committed::default()),
            user: AtomicU64::new(0),
            label: AtomicU64::new(0),
            key: Key::new(registry.resource_type("User").unwrap(), "u"),
            projection: Projection { hidden: Hidden::Load, relations: vec![view] },
        }
    }

    /// As `SqliteStore::get` does it.
    fn read(&self) -> Committed {
        let resource = match self.cache.find(TENANT, &self.key, &self.projection) {
            Ok(resource) => resource,
            Err(ticket) => {
                let Committed { user, label } = *self.file.lock().unwrap();
                let mut resource = resource(&self.key, user);
                let edge = Edge {
                    id: "g".into(),
                    resource_type: self.key.resource_type.clone(),
                    label: Some(label.to_string().into()),
                    path: EdgePath::Direct,
                };
                resource.relations = vec![Related { edges: vec![edge], next: None }];
                self.cache.keep(ticket, TENANT, &self.projection.relations, &resource);
                resource
            }
        };
        let label = resource.relations[0].edges[0].label.as_deref().unwrap();
        Committed {
            user: resource.meta.version.as_str().parse().unwrap(),
            label: label.parse().unwrap(),
        }
    }

    /// Reads again and again: never what is older than what was acknowledged before.
    fn watch(&self) {
        for _ in 0..WRITES {
            let user = self.user.load(Ordering::SeqCst);
            let label = self.label.load(Ordering::SeqCst);
            let found = self.read();
            assert!(found.user >= user, "user {} after {user}", found.user);
            assert!(found.label >= label, "label {} after {label}", found.label);
        }
    }

    /// As `Works::write_group` does it: changes of the user and of the group by turns.
    fn write_all(&self, writer: Writer) {
        for number in 1..=WRITES {
            self.commit(writer, true, |file| file.user = number);
            self.user.store(number, Ordering::SeqCst);
            self.commit(writer, false, |file| file.label = number);
            self.label.store(number, Ordering::SeqCst);
        }
    }

    fn commit(&self, writer: Writer, is_user: bool, change: impl FnOnce(&mut Committed)) {
        let mut touched = Touched::default();
        if is_user {
            self.cache.rewrite(&mut touched, TENANT, "User", "u");
        } else {
            self.cache.touch(&mut touched, TENANT, "Group", "g");
            if writer != Writer::TouchesNoRelations {
                self.cache.touch_relations(&mut touched, TENANT);
            }
        }
        if writer != Writer::HoldsNothing {
            self.cache.hold(&mut touched);
        }
        if writer == Writer::ReleasesTooEarly {
            self.cache.release(&touched);
        }
        let user = {
            let mut file = self.file.lock().unwrap();
            change(&mut file);
            file.user
        };
        if matches!(writer, Writer::AsInTheStore | Writer::TouchesNoRelations) {
            self.cache.release(&touched);
        }
        if is_user {
            let written = resource(&self.key, user);
            self.cache.keep_written(&mut touched, TENANT, &written, WrittenEdges::AsBefore);
        }
    }
}

/// A resource as one write left it.
fn resource(key: &Key, version: u64) -> Resource {
    let time = Timestamp::from_micros(0);
    let meta = Meta {
        version: version.into(),
        revision: version.into(),
        created: time,
        last_modified: time,
    };
    let document = Document::from_stored("{}", "{}");
    Resource::new(&key.resource_type, key.id.clone(), meta, document)
}

/// Orders that are others each time, unless `SCIM_SEED` says which.
#[expect(clippy::print_stderr, reason = "it is shown when a test fails")]
fn seed() -> u64 {
    let given = std::env::var("SCIM_SEED").map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(|_| RandomState::new().hash_one(()));
    eprintln!("SCIM_SEED={seed}");
    seed
}

/// Tries many orders of steps, half of them with few changes of threads.
fn try_orders(seed: u64, orders: usize, meet: impl Fn() + Clone + Send + Sync + 'static) {
    let few_changes = PctScheduler::new_from_seed(seed, 3, orders);
    Runner::new(few_changes, Config::default()).run(meet.clone());
    let random = RandomScheduler::new_from_seed(seed, orders);
    Runner::new(random, Config::default()).run(meet);
}

/// Whether some order of steps makes it fail, of those that are always the same: this takes no luck.
fn is_noticed(meet: impl Fn() + Clone + Send + Sync + 'static) -> bool {
    catch_unwind(AssertUnwindSafe(|| try_orders(0, ORDERS, meet))).is_err()
}

/// One writer, and two who read meanwhile.
fn meet(writer: Writer) {
    let world = Arc::new(World::new());
    let readers = [(), ()].map(|()| {
        let world = world.clone();
        thread::spawn(move || world.watch())
    });
    world.write_all(writer);
    readers.into_iter().for_each(|reader| reader.join().unwrap());
    let last = world.read();
    assert_eq!((last.user, last.label), (WRITES, WRITES));
}

#[test]
fn nobody_finds_what_is_older_than_what_was_acknowledged() {
    try_orders(seed(), ORDERS, || meet(Writer::AsInTheStore));
}

#[test]
fn a_writer_that_keeps_to_no_protocol_is_noticed() {
    for writer in [Writer::HoldsNothing, Writer::ReleasesTooEarly, Writer::TouchesNoRelations] {
        assert!(is_noticed(move || meet(writer)), "{writer:?}");
    }
}
