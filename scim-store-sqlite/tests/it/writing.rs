//! What writes leave behind in the file.

use std::{thread, time::Duration};

use rusqlite::Connection;
use scim_core::store::{Delta, Target, Write};
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
    let soon = (0..100).any(|_| {
        thread::sleep(Duration::from_millis(20));
        reclaimed()
    });
    assert!(soon, "the edges of lists that are gone are reclaimed");
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
