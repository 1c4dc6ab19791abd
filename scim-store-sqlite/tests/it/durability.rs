//! What survives: restarts, many writers, a full disk.

use std::{thread, time::Duration};

use rusqlite::Connection;
use scim_core::{
    ResourceId,
    store::{Delta, Key, StoreErrorKind, Target, Write},
};
use scim_store_sqlite::SqliteStore;
use serde_json::json;

use crate::fixture::{Fixture, is};

#[test]
fn data_versions_and_edges_survive_a_restart() {
    // S10
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let user = fixture.insert(fixture.user(&json!({"userName": "a", "password": "p"}))).unwrap();
    let group = fixture.insert(fixture.group("g", &[])).unwrap();
    let add = Delta::Add(vec![Target::from(user.id.clone())]);
    let changed = fixture.write(Write::Change(fixture.change(&group.id, add))).unwrap();
    let user_key = Key::new(fixture.users(), user.id.clone());
    let before = fixture.get(&user_key).unwrap();
    drop(fixture);

    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let after = fixture.get(&user_key).unwrap();
    assert_eq!((after.meta, after.document), (before.meta, before.document));
    let group_key = Key::new(fixture.groups(), group.id.clone());
    assert_eq!(fixture.get(&group_key).unwrap().meta, changed.meta);
    assert_eq!(fixture.member_ids(&group.id), std::slice::from_ref(&user.id));
    assert!(fixture.insert(fixture.user(&json!({"userName": "A"}))).is_err(), "claims stay");
}

#[test]
fn many_writers_share_commits_and_lose_nothing() {
    // S10, S13, S19
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let group = fixture.insert(fixture.group("all", &[])).unwrap().id;
    let written: Vec<ResourceId> = thread::scope(|scope| {
        let write = |writer: usize| {
            let (fixture, group) = (&fixture, &group);
            move || -> Vec<ResourceId> {
                let one = |number: usize| {
                    // Each name is wanted by two writers.
                    let name = format!("u{}-{number}", writer / 2);
                    let user = fixture.insert(fixture.user(&json!({ "userName": name }))).ok()?;
                    let add = Delta::Add(vec![Target::from(user.id.clone())]);
                    fixture.write(Write::Change(fixture.change(group, add))).unwrap();
                    Some(user.id)
                };
                (0..20).filter_map(one).collect()
            }
        };
        let writers: Vec<_> = (0..16).map(|writer| scope.spawn(write(writer))).collect();
        writers.into_iter().flat_map(|writer| writer.join().unwrap()).collect()
    });
    assert_eq!(written.len(), 8 * 20, "of two claims of a name one holds");
    drop(fixture);
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let mut members = fixture.member_ids(&group);
    let mut expected = written;
    members.sort();
    expected.sort();
    assert_eq!(members, expected);
}

/// Keeps the store's writer waiting while the test fills its queue.
fn hold(path: &std::path::Path) -> Connection {
    let sql = Connection::open(path).unwrap();
    sql.execute_batch("BEGIN IMMEDIATE").unwrap();
    sql
}

#[test]
fn a_full_queue_is_told_and_nothing_of_it_is_lost() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let retry_after = Duration::from_secs(7);
    let options = SqliteStore::options().queue(1).retry_after(retry_after);
    let fixture = Fixture::new(options.open(&path).unwrap());
    let holder = hold(&path);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let write = |number: usize| {
            let fixture = &fixture;
            let name = format!("u{number}");
            move || fixture.insert(fixture.user(&json!({ "userName": name })))
        };
        let writers: Vec<_> = (0..8)
            .map(|number| {
                let writer = scope.spawn(write(number));
                thread::sleep(Duration::from_millis(20));
                writer
            })
            .collect();
        holder.execute_batch("ROLLBACK").unwrap();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    let busy = StoreErrorKind::Busy { retry_after };
    let refused = outcomes.iter().filter(|outcome| is(outcome, &busy)).count();
    assert_eq!(refused, 6, "one is being written and one waits: {outcomes:?}");
    for written in outcomes.iter().flatten() {
        assert!(fixture.get(&Key::new(fixture.users(), written.id.clone())).is_some());
    }
}

#[test]
fn writes_that_wait_have_a_bounded_size_together() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let options = SqliteStore::options().queued_bytes(5_000);
    let fixture = Fixture::new(options.open(&path).unwrap());
    let holder = hold(&path);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let write = |number: usize| {
            let fixture = &fixture;
            // The first is too large by itself, and taken; the next has to wait for it to go.
            let size = if number == 0 { 50_000 } else { 10 };
            let values = json!({"userName": format!("u{number}"), "title": "x".repeat(size)});
            move || fixture.insert(fixture.user(&values))
        };
        let writers: Vec<_> = (0..2)
            .map(|number| {
                let writer = scope.spawn(write(number));
                thread::sleep(Duration::from_millis(50));
                writer
            })
            .collect();
        holder.execute_batch("ROLLBACK").unwrap();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert!(outcomes[0].is_ok(), "{outcomes:?}");
    let busy = StoreErrorKind::Busy { retry_after: Duration::from_secs(1) };
    assert!(is(&outcomes[1], &busy), "{outcomes:?}");
    assert!(fixture.insert(fixture.user(&json!({"userName": "u1"}))).is_ok());
}

#[test]
fn a_full_disk_fails_every_batch_of_the_group_or_none_is_half_there() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let fixture = Fixture::new(SqliteStore::options().max_size(2_000_000).open(&path).unwrap());
    let holder = hold(&path);
    let outcomes: Vec<_> = thread::scope(|scope| {
        let write = |number: usize| {
            let fixture = &fixture;
            // One in the middle is larger than the disk.
            let size = if number == 4 { 4_000_000 } else { 1_000 };
            let values = json!({"userName": format!("u{number}"), "title": "x".repeat(size)});
            let insert = fixture.user(&values);
            let key = insert.key.clone();
            move || (key, fixture.insert(insert))
        };
        let writers: Vec<_> = (0..9)
            .map(|number| {
                let writer = scope.spawn(write(number));
                thread::sleep(Duration::from_millis(20));
                writer
            })
            .collect();
        holder.execute_batch("ROLLBACK").unwrap();
        writers.into_iter().map(|writer| writer.join().unwrap()).collect()
    });
    assert!(is(&outcomes[4].1, &StoreErrorKind::StorageFull), "{:?}", outcomes[4].1);
    assert!(outcomes[0].1.is_ok(), "the first was committed alone");
    let check = |fixture: &Fixture| {
        for (key, outcome) in &outcomes {
            assert_eq!(fixture.get(key).is_some(), outcome.is_ok(), "{outcome:?}");
        }
    };
    check(&fixture);
    // The store goes on, and the names of failed batches are free.
    for (number, (_, outcome)) in outcomes.iter().enumerate() {
        let name = format!("u{number}");
        let again = fixture.insert(fixture.user(&json!({ "userName": name })));
        assert_eq!(again.is_ok(), outcome.is_err());
    }
    drop(fixture);
    check(&Fixture::new(SqliteStore::open(&path).unwrap()));
}

#[test]
fn writes_that_were_accepted_are_answered_when_the_store_is_dropped() {
    use scim_core::store::{Batch, Scope, Store};

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let insert = fixture.user(&json!({"userName": "last"}));
    let key = insert.key.clone();
    // Polled once, the batch is in the queue; the caller then goes away.
    {
        let scope = Scope::default();
        let mut write = fixture.store.write(&scope, Batch::from(Write::Insert(insert)));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        let _ = write.as_mut().poll(&mut context);
    }
    drop(fixture);
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    assert!(fixture.get(&key).is_some());
}
