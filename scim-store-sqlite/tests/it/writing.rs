//! What writes leave behind in the file.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use pollster::block_on;
use rusqlite::Connection;
use scim_core::{
    Document, ResourceId, Timestamp,
    query::{SortKey, SortOrder},
    store::{
        Batch, Change, Delete, Delta, DocumentChange, Key, Precondition, Query, Scope, Start,
        Store, Target, Tenant, Total, Write,
    },
};
use scim_store_sqlite::SqliteStore;
use serde_json::json;

use crate::fixture::Fixture;

fn count(path: &std::path::Path, table: &str) -> i64 {
    let sql = Connection::open(path).unwrap();
    sql.query_row(&format!("SELECT count(*) FROM {table}"), [], |it| it.get(0)).unwrap()
}

#[test]
fn cleared_edges_are_gone_at_once_and_reclaimed_afterwards() {
    // S15, S18, S20
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let users: Vec<_> = (0..50)
        .map(|number| {
            let values = json!({"userName": format!("u{number}")});
            fixture.insert(fixture.user(&values)).unwrap().id
        })
        .collect();
    let cleared = fixture.insert(fixture.group("cleared", &users)).unwrap().id;
    let deleted = fixture.insert(fixture.group("deleted", &users)).unwrap().id;
    let kept = fixture.insert(fixture.group("kept", &users[..7])).unwrap().id;
    fixture.write(Write::Change(fixture.change(&cleared, Delta::Clear))).unwrap();
    assert!(fixture.member_ids(&cleared).is_empty());
    fixture.delete(fixture.groups(), &deleted);
    let add = Delta::Add(vec![Target::from(users[0].clone())]);
    fixture.write(Write::Change(fixture.change(&cleared, add))).unwrap();
    assert_eq!(fixture.member_ids(&cleared), users[..1]);

    let reclaimed = || count(&path, "garbage") == 0 && count(&path, "edge") == 8;
    // Longer than a busy machine takes.
    let end = Instant::now() + Duration::from_secs(300);
    while !reclaimed() {
        assert!(Instant::now() < end, "edges that are gone are still in the file");
        thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(fixture.member_ids(&kept), users[..7]);
}

#[test]
fn a_deleted_resource_leaves_nothing_in_the_file() {
    // S15
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let values = json!({"userName": "u", "externalId": "x", "emails": [{"value": "a@b"}]});
    let user = fixture.insert(fixture.user(&values)).unwrap().id;
    let group = fixture.insert(fixture.group("g", std::slice::from_ref(&user))).unwrap().id;
    fixture.delete(fixture.users(), &user);
    fixture.delete(fixture.groups(), &group);
    drop(fixture);
    for table in ["resource", "claim", "value", "list", "edge", "garbage"] {
        assert_eq!(count(&path, table), 0, "{table}");
    }
}

#[test]
fn a_batch_that_fails_half_way_undoes_itself_alone() {
    // S11: batches that wait at the same time share a commit.
    const WRITERS: usize = 16;
    const ROUNDS: usize = 12;
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let start = Barrier::new(WRITERS);
    let write = |writer: usize| {
        for round in 0..ROUNDS {
            let named = |what: &str| {
                let values = json!({"userName": format!("{what}{round}-{writer}")});
                Write::Insert(fixture.user(&values))
            };
            let missing = Key::new(fixture.users(), ResourceId::fresh());
            let delete = Delete { key: missing, precondition: Precondition::Exists };
            let batch = match writer % 2 {
                0 => vec![named("kept")],
                _ => vec![named("lost"), Write::Delete(delete)],
            };
            start.wait();
            let outcome = block_on(fixture.store.write(&Scope::default(), Batch::new(batch)));
            assert_eq!(outcome.is_ok(), writer.is_multiple_of(2), "{outcome:?}");
        }
    };
    thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn({
                    let write = &write;
                    move || write(writer)
                })
            })
            .collect();
        writers.into_iter().for_each(|it| it.join().unwrap());
    });
    let mut query = Query::new(fixture.users(), WRITERS * ROUNDS);
    query.total = Total::Count;
    let attribute = fixture.users().attribute("userName").unwrap().clone();
    query.sort = vec![SortKey { attribute, order: SortOrder::Ascending }];
    let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
    let kept = WRITERS * ROUNDS / 2;
    assert_eq!((page.total, page.resources.len()), (Some(kept as u64), kept));
    // The counts of the order agree with what is in it.
    let last = page.resources.last().unwrap().id.clone();
    query.start = Start::Index(kept as u64 - 1);
    let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
    assert_eq!(page.resources.iter().map(|it| it.id.clone()).collect::<Vec<_>>(), [last]);
    query.start = Start::Index(kept as u64);
    let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
    assert!(page.resources.is_empty());
}

#[test]
fn times_follow_the_order_of_commits() {
    // Clocks that stand still, go back, and are far ahead; and a batch that deletes a target.
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let mut latest = Timestamp::from_micros(0);
    let mut write = |entries: Vec<Write>, now| {
        let batch = Batch { entries, now: Timestamp::from_micros(now) };
        let written = block_on(fixture.store.write(&Scope::default(), batch)).unwrap();
        let times: Vec<_> = written.iter().map(|it| it.meta.last_modified).collect();
        assert!(times.iter().all(|time| *time > latest), "{times:?} after {latest:?}");
        latest = latest.max(times.into_iter().max().unwrap());
        written
    };
    let user = |name: &str| fixture.user(&json!({ "userName": name }));
    for (name, now) in [("a", 1_000), ("b", 1_000), ("c", 7), ("d", 9_000_000), ("e", 2_000)] {
        write(vec![Write::Insert(user(name))], now);
    }
    let member = user("member");
    let key = member.key.clone();
    let group = fixture.group("g", std::slice::from_ref(&key.id));
    let group_key = group.key.clone();
    write(vec![Write::Insert(member), Write::Insert(group)], 10_000_000);
    let twice = ["x", "y"].map(|name| {
        let mut change = Change::new(group_key.clone(), Precondition::Exists);
        let values = json!({ "displayName": name });
        let document = Document::new(fixture.groups(), values.as_object().unwrap().clone());
        let attribute = fixture.groups().attribute("displayName").unwrap().clone();
        change.document = Some(DocumentChange::new(document, vec![attribute]));
        Write::Change(change)
    });
    write(twice.to_vec(), 5);
    // The group changes with its member, after the second of those changes.
    fixture.delete(fixture.users(), &key.id);
    let moved = fixture.get(&group_key).unwrap().meta.last_modified;
    let written = write(vec![Write::Insert(user("last"))], 6);
    assert!(written[0].meta.last_modified > moved);
}

#[test]
fn times_follow_those_from_before_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let insert = |tenant: &str, now: i64| {
        let store = SqliteStore::open(directory.path().join("scim.db")).unwrap();
        let fixture = Fixture::new(store);
        let user = fixture.user(&json!({ "userName": now.to_string() }));
        let batch = Batch { entries: vec![Write::Insert(user)], now: Timestamp::from_micros(now) };
        let scope = Scope::new(Tenant::new(tenant));
        let written = block_on(fixture.store.write(&scope, batch)).unwrap();
        written[0].meta.last_modified.as_micros()
    };
    let times =
        [("a", 2_000), ("b", 9_000), ("a", 3_000), ("c", 1)].map(|(it, now)| insert(it, now));
    assert_eq!(times, [2_000, 9_000, 9_001, 9_002]);
}
