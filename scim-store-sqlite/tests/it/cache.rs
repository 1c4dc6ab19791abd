//! What is kept in memory is never older than the last acknowledged write.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
};

use pollster::block_on;
use scim_core::{
    Document, ResourceId,
    query::{Comparison, Operator, Predicate, Reach, Side, prepare},
    store::{
        Change, Delta, DocumentChange, Hidden, Key, Precondition, Projection, Query, RelationView,
        Resource, Scope, Store, Target, Tenant, Total, Write,
    },
};
use scim_store_sqlite::SqliteStore;
use serde_json::{Value, json};

use crate::fixture::Fixture;

/// A projection with the groups of a user, as a plain GET asks for.
fn shown(fixture: &Fixture) -> Projection {
    let view = RelationView {
        relation: fixture.members(),
        side: Side::Sources,
        reach: Reach::Transitive,
        limit: 1_000,
    };
    Projection { hidden: Hidden::Skip, relations: vec![view] }
}

fn read(fixture: &Fixture, key: &Key) -> Option<Resource> {
    block_on(fixture.store.get(&Scope::default(), key, &shown(fixture))).unwrap()
}

fn labels(fixture: &Fixture, key: &Key) -> Vec<String> {
    let related = read(fixture, key).unwrap().relations;
    related[0].edges.iter().map(|it| it.label.as_deref().unwrap_or_default().to_owned()).collect()
}

fn renamed(key: &Key, path: &str, name: &str) -> Write {
    let resource_type = &key.resource_type;
    let document = Document::new(resource_type, json!({ path: name }).as_object().unwrap().clone());
    let attribute = resource_type.attribute(path).unwrap().clone();
    let mut change = Change::new(key.clone(), Precondition::Exists);
    let mut document = DocumentChange::new(document, vec![attribute]);
    document.label = Some(name.into());
    change.document = Some(document);
    Write::Change(change)
}

fn labelled(fixture: &Fixture, name: &str, members: &[ResourceId]) -> Key {
    let mut group = fixture.group(name, members);
    group.label = Some(name.into());
    let key = group.key.clone();
    fixture.insert(group).unwrap();
    key
}

#[test]
fn every_way_to_change_what_a_get_shows_is_seen_by_the_next() {
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let user = fixture.insert(fixture.user(&json!({"userName": "u", "password": "p"}))).unwrap().id;
    let key = Key::new(fixture.users(), user.clone());
    let none: [&str; 0] = [];
    assert_eq!(labels(&fixture, &key), none, "nothing points at a new user");
    let group = labelled(&fixture, "inner", std::slice::from_ref(&user));
    assert_eq!(labels(&fixture, &key), ["inner"], "a new group");
    let outer = labelled(&fixture, "outer", std::slice::from_ref(&group.id));
    assert_eq!(labels(&fixture, &key), ["inner", "outer"], "a group around it");
    fixture.write(renamed(&outer, "displayName", "renamed")).unwrap();
    assert_eq!(labels(&fixture, &key), ["inner", "renamed"], "another name");
    let change = |group: &Key, delta| Write::Change(fixture.change(&group.id, delta));
    fixture.write(change(&outer, Delta::Remove(vec![group.id.clone()]))).unwrap();
    assert_eq!(labels(&fixture, &key), ["inner"], "removed from the outer group");
    fixture.write(change(&outer, Delta::Replace(vec![Target::from(user.clone())]))).unwrap();
    assert_eq!(labels(&fixture, &key), ["inner", "renamed"], "replaced");
    fixture.write(change(&outer, Delta::Clear)).unwrap();
    assert_eq!(labels(&fixture, &key), ["inner"], "cleared");
    fixture.write(change(&group, Delta::Remove(vec![user.clone()]))).unwrap();
    assert_eq!(labels(&fixture, &key), none, "removed");
    fixture.write(change(&group, Delta::Add(vec![Target::from(user.clone())]))).unwrap();
    assert_eq!(labels(&fixture, &key), ["inner"], "added");
    fixture.delete(fixture.groups(), &group.id);
    assert_eq!(labels(&fixture, &key), none, "the group is deleted");
    fixture.write(renamed(&key, "userName", "v")).unwrap();
    let document = read(&fixture, &key).unwrap().document;
    assert_eq!(&document.visible()[..], br#"{"userName":"v"}"#);
    let group = labelled(&fixture, "last", std::slice::from_ref(&user));
    let version = |key: &Key| read(&fixture, key).unwrap().meta.version;
    let before = version(&group);
    fixture.delete(fixture.users(), &user);
    assert!(read(&fixture, &key).is_none(), "deleted");
    assert_ne!(version(&group), before, "S20");
}

#[test]
fn the_groups_of_a_user_are_known_after_a_change_of_the_user() {
    let reads = Arc::new(AtomicUsize::new(0));
    let count = reads.clone();
    let observe = move |text: &str| {
        if text.contains("edge e") {
            count.fetch_add(1, Ordering::SeqCst);
        }
    };
    let options = SqliteStore::options().observe_statements(observe);
    let fixture = Fixture::new(options.open_in_memory().unwrap());
    let user = fixture.insert(fixture.user(&json!({"userName": "u"}))).unwrap().id;
    let key = Key::new(fixture.users(), user.clone());
    let group = labelled(&fixture, "g", &[user]);
    assert_eq!(labels(&fixture, &key), ["g"]);
    let after_one = reads.load(Ordering::SeqCst);
    assert!(after_one > 0);
    for name in ["v", "w"] {
        let mut change = renamed(&key, "userName", name);
        if let Write::Change(Change { document: Some(document), .. }) = &mut change {
            document.label = None;
        }
        fixture.write(change).unwrap();
        assert_eq!(labels(&fixture, &key), ["g"]);
        assert_eq!(reads.load(Ordering::SeqCst), after_one, "nothing was read");
    }
    fixture.write(renamed(&group, "displayName", "h")).unwrap();
    assert_eq!(labels(&fixture, &key), ["h"]);
    let leave = Delta::Remove(vec![key.id.clone()]);
    fixture.write(Write::Change(fixture.change(&group.id, leave))).unwrap();
    let none: [&str; 0] = [];
    assert_eq!(labels(&fixture, &key), none);
}

#[test]
fn what_is_kept_is_kept_apart() {
    // S1, S2, S4
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let user = fixture.insert(fixture.user(&json!({"userName": "u", "password": "p"}))).unwrap().id;
    let key = Key::new(fixture.users(), user.clone());
    for _ in 0..3 {
        let plain = read(&fixture, &key).unwrap().document;
        assert!(plain.hidden().is_empty(), "the hidden part is not wanted");
        assert!(!fixture.get(&key).unwrap().document.hidden().is_empty());
        assert!(read(&fixture, &Key::new(fixture.groups(), user.clone())).is_none());
        let other = Scope::new(Tenant::new("other"));
        let found = block_on(fixture.store.get(&other, &key, &shown(&fixture))).unwrap();
        assert!(found.is_none());
    }
}

#[test]
fn an_acknowledged_write_is_seen_by_every_later_read() {
    let directory = tempfile::tempdir().unwrap();
    for bytes in [0, 100_000, 32 << 20] {
        let path = directory.path().join(format!("{bytes}.db"));
        let options = SqliteStore::options().row_cache(bytes);
        let fixture = Fixture::new(
            options.synchronous(scim_store_sqlite::Synchronous::Normal).open(path).unwrap(),
        );
        let keys: Vec<_> = (0..4)
            .map(|number| {
                let values = json!({"userName": format!("u{number}")});
                let user = fixture.insert(fixture.user(&values)).unwrap().id;
                Key::new(fixture.users(), user)
            })
            .collect();
        let group = labelled(&fixture, "g", &[]);
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            let readers: Vec<_> =
                (0..3).map(|_| scope.spawn(|| watch(&fixture, &keys, &done))).collect();
            let writers: Vec<_> =
                keys.iter().map(|key| scope.spawn(|| rewrite(&fixture, key, &group))).collect();
            writers.into_iter().for_each(|it| it.join().unwrap());
            done.store(true, Ordering::SeqCst);
            readers.into_iter().for_each(|it| it.join().unwrap());
        });
    }
}

/// Reads until told to stop: versions never go back.
fn watch(fixture: &Fixture, keys: &[Key], done: &AtomicBool) {
    let mut seen = vec![0; keys.len()];
    while !done.load(Ordering::SeqCst) {
        for (key, seen) in keys.iter().zip(&mut seen) {
            let version = read(fixture, key).unwrap().meta.version;
            let version: u64 = version.as_str().parse().unwrap();
            assert!(version >= *seen, "{version} after {seen}");
            *seen = version;
        }
    }
}

/// Changes a user and its membership, and reads each change back.
fn rewrite(fixture: &Fixture, key: &Key, group: &Key) {
    for number in 0..40 {
        let name = format!("{}-{number}", key.id.as_str());
        let written = fixture.write(renamed(key, "userName", &name)).unwrap();
        let found = read(fixture, key).unwrap();
        assert_eq!(found.meta, written.meta);
        assert!(String::from_utf8_lossy(found.document.visible()).contains(&name));
        let (delta, expected) = match number % 2 {
            0 => (Delta::Add(vec![Target::from(key.id.clone())]), 1),
            _ => (Delta::Remove(vec![key.id.clone()]), 0),
        };
        fixture.write(Write::Change(fixture.change(&group.id, delta))).unwrap();
        assert_eq!(labels(fixture, key).len(), expected);
    }
}

/// These users match, and no others.
#[track_caller]
pub(crate) fn assert_found(
    fixture: &Fixture,
    filter: &Predicate,
    expected: &[&ResourceId],
    why: &str,
) {
    let mut query = Query::new(fixture.users(), 10);
    (query.filter, query.total) = (Some(filter.clone()), Total::Count);
    let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
    assert_eq!(page.total, Some(page.resources.len() as u64));
    assert!(page.resources.iter().all(|it| it.document.hidden().is_empty()));
    let ids: Vec<_> = page.resources.iter().map(|it| &it.id).collect();
    assert_eq!(ids, expected, "{why}");
}

pub(crate) fn equal(fixture: &Fixture, path: &str, value: &Value) -> Predicate {
    let attribute = fixture.users().attribute_at(path).unwrap().clone();
    let operand = prepare(&attribute, value).unwrap();
    Predicate::Compare(Comparison { attribute, operator: Operator::Equal, operand })
}

pub(crate) fn changed(key: &Key, values: &Value) -> Write {
    let (resource_type, values) = (&key.resource_type, values.as_object().unwrap().clone());
    let attribute = |path| resource_type.attribute(path).unwrap().clone();
    let attributes = values.keys().map(|path| attribute(path)).collect();
    let mut change = Change::new(key.clone(), Precondition::Exists);
    change.document =
        Some(DocumentChange::new(Document::new(resource_type, values.clone()), attributes));
    Write::Change(change)
}

#[test]
fn every_way_to_change_who_has_a_value_is_seen_by_the_next_look_up() {
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let ada = equal(&fixture, "displayName", &json!("ada"));
    let insert = |name: &str| {
        let values = json!({"userName": name, "displayName": "ada", "password": "p"});
        fixture.insert(fixture.user(&values)).unwrap().id
    };
    assert_found(&fixture, &ada, &[], "nobody is there");
    let one = insert("one");
    for _ in 0..3 {
        assert_found(&fixture, &ada, &[&one], "a new user, read and kept");
    }
    let two = insert("two");
    assert_found(&fixture, &ada, &[&one, &two], "another one");
    let key = |id: &ResourceId| Key::new(fixture.users(), id);
    let change = |id, name: &str| {
        let values = json!({"userName": "changed", "displayName": name});
        fixture.write(changed(&key(id), &values)).unwrap();
    };
    change(&one, "grace");
    assert_found(&fixture, &ada, &[&two], "the first has another name");
    change(&one, "ada");
    assert_found(&fixture, &ada, &[&one, &two], "and has it again");
    fixture.delete(fixture.users(), &two);
    assert_found(&fixture, &ada, &[&one], "the second is deleted");
    fixture.delete(fixture.users(), &one);
    assert_found(&fixture, &ada, &[], "both are deleted");
}

#[test]
fn conditions_beside_a_value_are_checked_on_what_is_there_now() {
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let values = |active| json!({"userName": "ada", "active": active});
    let user = fixture.insert(fixture.user(&values(true))).unwrap().id;
    let key = Key::new(fixture.users(), &user);
    let name = equal(&fixture, "userName", &json!("ada"));
    let is_active = |truth| Predicate::And(vec![name.clone(), equal(&fixture, "active", &truth)]);
    for active in [true, false, false, true] {
        fixture.write(changed(&key, &values(active))).unwrap();
        for _ in 0..3 {
            let truth = is_active(json!(active));
            assert_found(&fixture, &truth, &[&user], "there");
            assert_found(&fixture, &is_active(json!(!active)), &[], "not so");
            assert_found(&fixture, &name, &[&user], "there");
        }
    }
}

#[test]
fn whoever_is_found_by_a_value_has_it() {
    // Two users hand a name to each other while others look for it.
    let directory = tempfile::tempdir().unwrap();
    let options = SqliteStore::options().synchronous(scim_store_sqlite::Synchronous::Normal);
    let fixture = Fixture::new(options.open(directory.path().join("scim.db")).unwrap());
    let name = equal(&fixture, "displayName", &json!("ada"));
    let keys = ["one", "two"].map(|user| {
        let user = fixture.insert(fixture.user(&json!({"userName": user}))).unwrap().id;
        Key::new(fixture.users(), user)
    });
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let look = || {
            let mut query = Query::new(fixture.users(), 10);
            query.filter = Some(name.clone());
            while !done.load(Ordering::SeqCst) {
                let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
                for resource in page.resources {
                    assert_eq!(resource.document.values().unwrap()["displayName"], "ada");
                }
            }
        };
        let readers: Vec<_> = (0..3).map(|_| scope.spawn(look)).collect();
        for number in 0..150 {
            let (has, had) = if number % 2 == 0 { (0, 1) } else { (1, 0) };
            let values = |has: usize, name| {
                changed(
                    &keys[has],
                    &json!({"userName": keys[has].id.as_str(), "displayName": name}),
                )
            };
            fixture.write(values(had, "grace")).unwrap();
            assert_found(&fixture, &name, &[], "given away");
            fixture.write(values(has, "ada")).unwrap();
            assert_found(&fixture, &name, &[&keys[has].id], "taken");
        }
        done.store(true, Ordering::SeqCst);
        readers.into_iter().for_each(|it| it.join().unwrap());
    });
}
