//! What survives: restarts, many writers, a full disk.

use std::{
    future::ready,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, channel},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use pollster::block_on;
use scim_core::{
    ResourceId,
    store::{
        Batch, Delta, Insert, Key, Scope, Store, StoreError, StoreErrorKind, Target, Write, Written,
    },
};
use scim_store_sqlite::{SqliteOptions, SqliteStore};
use serde_json::json;
use tempfile::TempDir;

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

/// A store whose writer can be kept waiting, for however long: it would give up on a lock of the
/// file after some seconds, which a busy machine takes.
struct Held {
    fixture: Fixture,
    path: PathBuf,
    /// Taken by the writer before each transaction.
    gate: Arc<Mutex<()>>,
    /// Transactions that the writer begins.
    begun: Receiver<()>,
    _directory: TempDir,
}

impl Held {
    fn new(options: SqliteOptions) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scim.db");
        let (begin, begun) = channel();
        let gate = Arc::new(Mutex::new(()));
        let passed = gate.clone();
        let observe = move |text: &str| {
            if text.starts_with("BEGIN IMMEDIATE") {
                // Nobody may be waiting for it.
                _ = begin.send(());
                drop(passed.lock().unwrap_or_else(PoisonError::into_inner));
            }
        };
        let fixture = Fixture::new(options.observe_statements(observe).open(&path).unwrap());
        Self { fixture, path, gate, begun, _directory: directory }
    }

    /// Keeps the writer waiting from its next transaction on.
    fn hold(&self) -> MutexGuard<'_, ()> {
        let held = self.gate.lock().unwrap();
        while self.begun.try_recv().is_ok() {}
        held
    }

    /// An insert that is queued, or was refused.
    fn queue(&self, insert: Insert) -> Queued<'_> {
        let store = &self.fixture.store;
        let mut write: Queued<'_> = Box::pin(async move {
            let written =
                store.write(&Scope::default(), Batch::from(Write::Insert(insert))).await?;
            Ok(written.into_iter().next().unwrap())
        });
        let mut context = Context::from_waker(Waker::noop());
        match write.as_mut().poll(&mut context) {
            Poll::Ready(outcome) => Box::pin(ready(outcome)),
            Poll::Pending => write,
        }
    }

    /// The same, once the writer has taken it and waits.
    fn write_alone(&self, insert: Insert) -> Queued<'_> {
        let queued = self.queue(insert);
        self.begun.recv().unwrap();
        queued
    }
}

type Outcome = Result<Written, StoreError>;
type Queued<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

#[test]
fn a_full_queue_is_told_and_nothing_of_it_is_lost() {
    let retry_after = Duration::from_secs(7);
    let held = Held::new(SqliteStore::options().queue(1).retry_after(retry_after));
    let fixture = &held.fixture;
    let holder = held.hold();
    let user = |number: usize| fixture.user(&json!({ "userName": format!("u{number}") }));
    let mut queued = vec![held.write_alone(user(0))];
    queued.extend((1..8).map(|number| held.queue(user(number))));
    drop(holder);
    let outcomes: Vec<_> = queued.into_iter().map(block_on).collect();
    let busy = StoreErrorKind::Busy { retry_after };
    let refused: Vec<_> = outcomes.iter().map(|outcome| is(outcome, &busy)).collect();
    let expected: Vec<_> = (0..8).map(|number| number > 1).collect();
    assert_eq!(refused, expected, "one is being written and one waits: {outcomes:?}");
    for written in outcomes.iter().flatten() {
        assert!(fixture.get(&Key::new(fixture.users(), written.id.clone())).is_some());
    }
}

#[test]
fn writes_that_wait_have_a_bounded_size_together() {
    let held = Held::new(SqliteStore::options().queued_bytes(5_000));
    let fixture = &held.fixture;
    let holder = held.hold();
    // The first is too large by itself, and taken; the next has to wait for it to go.
    let large = json!({"userName": "u0", "title": "x".repeat(50_000)});
    let first = held.queue(fixture.user(&large));
    let small = json!({"userName": "u1"});
    let refused = block_on(held.queue(fixture.user(&small)));
    drop(holder);
    let first = block_on(first);
    assert!(first.is_ok(), "{first:?}");
    let busy = StoreErrorKind::Busy { retry_after: Duration::from_secs(1) };
    assert!(is(&refused, &busy), "{refused:?}");
    assert!(fixture.insert(fixture.user(&small)).is_ok());
}

#[test]
fn a_full_disk_fails_every_batch_of_the_group_or_none_is_half_there() {
    let held = Held::new(SqliteStore::options().max_size(2_000_000));
    let fixture = &held.fixture;
    let holder = held.hold();
    let user = |number: usize| {
        // One in the middle is larger than the disk.
        let size = if number == 4 { 4_000_000 } else { 1_000 };
        let values = json!({"userName": format!("u{number}"), "title": "x".repeat(size)});
        fixture.user(&values)
    };
    let inserts: Vec<_> = (0..9).map(user).collect();
    let keys: Vec<_> = inserts.iter().map(|insert| insert.key.clone()).collect();
    let queue = |(number, insert)| match number {
        0 => held.write_alone(insert),
        _ => held.queue(insert),
    };
    let queued: Vec<_> = inserts.into_iter().enumerate().map(queue).collect();
    drop(holder);
    let outcomes: Vec<_> = keys.into_iter().zip(queued.into_iter().map(block_on)).collect();
    assert!(is(&outcomes[4].1, &StoreErrorKind::StorageFull), "{:?}", outcomes[4].1);
    assert!(outcomes[0].1.is_ok(), "the first was committed alone");
    let check = |fixture: &Fixture| {
        for (key, outcome) in &outcomes {
            assert_eq!(fixture.get(key).is_some(), outcome.is_ok(), "{outcome:?}");
        }
    };
    check(fixture);
    // The store goes on, and the names of failed batches are free.
    for (number, (_, outcome)) in outcomes.iter().enumerate() {
        let name = format!("u{number}");
        let again = fixture.insert(fixture.user(&json!({ "userName": name })));
        assert_eq!(again.is_ok(), outcome.is_err());
    }
    let Held { fixture, path, _directory, .. } = held;
    drop(fixture);
    check(&Fixture::new(SqliteStore::open(&path).unwrap()));
}

#[test]
fn writes_that_were_accepted_are_answered_when_the_store_is_dropped() {
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
