//! When resources were last modified, by the order of writes.

use pollster::block_on;
use scim_core::{
    Document, Object, ResourceId, Timestamp,
    schema::Registry,
    store::{Batch, Change, DocumentChange, Insert, Key, Precondition, Scope, Store, Write},
};
use scim_store_memory::MemoryStore;

#[test]
fn times_follow_the_order_of_writes() {
    let (store, registry) = (MemoryStore::new(), Registry::standard());
    store.attach(&registry).unwrap();
    let users = registry.resource_type("User").unwrap();
    let key = |id: &str| Key::new(users, ResourceId::from(id));
    let insert = |id| Write::Insert(Insert::new(key(id), Document::new(users, Object::new())));
    let change = |id| {
        let attribute = users.attribute("title").unwrap().clone();
        let document = Document::new(users, Object::new());
        let mut change = Change::new(key(id), Precondition::Exists);
        change.document = Some(DocumentChange::new(document, vec![attribute]));
        Write::Change(change)
    };
    // A clock that stands still, goes back, and is far ahead; a resource that changes twice.
    let mut latest = Timestamp::from_micros(0);
    for (entries, now) in [
        (vec![insert("a")], 1_000),
        (vec![insert("b")], 1_000),
        (vec![change("a")], 7),
        (vec![insert("c")], 9_000_000),
        (vec![change("c"), change("c")], 2_000),
        (vec![insert("d")], 2_000),
    ] {
        let batch = Batch { entries, now: Timestamp::from_micros(now) };
        let written = block_on(store.write(&Scope::default(), batch)).unwrap();
        let times: Vec<_> = written.iter().map(|it| it.meta.last_modified).collect();
        assert!(times.iter().all(|time| *time > latest), "{times:?} after {latest:?}");
        latest = times.into_iter().max().unwrap();
    }
}
