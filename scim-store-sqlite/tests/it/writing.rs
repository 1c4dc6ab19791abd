//! What writes leave behind in the file.

use std::{
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use pollster::block_on;
use rusqlite::Connection;
use scim_core::{
    ResourceId,
    query::{SortKey, SortOrder},
    store::{
        Batch, Delete, Delta, Key, Precondition, Query, Scope, Start, Store, Target, Total, Write,
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
