//! S3, S10, S12, S13, S19: many threads at once.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use serde_json::json;

use super::fixture::{Fixture, ids, sorted, targets};
use crate::{
    query::{Reach, Side},
    store::{
        Delta, Effect, Key, Precondition, Projection, Query, StoreError, StoreErrorKind, Write,
    },
};

const THREADS: usize = 4;
const ROUNDS: usize = 40;

/// Runs the function on several threads that begin together.
fn together<T: Send>(run: impl Fn(usize) -> T + Sync) -> Vec<T> {
    // A barrier wakes its threads one after the other, which is too late for a narrow race.
    let ready = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (ready, run) = (&ready, &run);
        let start = move |number| {
            scope.spawn(move || {
                ready.fetch_add(1, Ordering::AcqRel);
                while ready.load(Ordering::Acquire) < THREADS {
                    thread::yield_now();
                }
                run(number)
            })
        };
        let threads: Vec<_> = (0..THREADS).map(start).collect();
        threads.into_iter().map(|it| it.join().expect("the thread ends well")).collect()
    })
}

/// Repeats a write while the store is busy, as a client does.
fn insist<T>(write: impl Fn() -> Result<T, StoreError>) -> Result<T, StoreErrorKind> {
    for _ in 0..1000 {
        match write().map_err(|error| error.kind().clone()) {
            Err(StoreErrorKind::Busy { .. }) => thread::sleep(Duration::from_millis(2)),
            outcome => return outcome,
        }
    }
    panic!("the store stays busy");
}

fn count<T>(outcomes: &[Result<T, StoreErrorKind>], kind: &StoreErrorKind) -> usize {
    outcomes.iter().filter(|outcome| outcome.as_ref().err() == Some(kind)).count()
}

pub(super) fn of_two_writers_with_one_version_one_wins(on: &Fixture) {
    let user = on.insert_user("start");
    let mut name = "start".to_owned();
    for round in 0..ROUNDS {
        let meta = on.meta(&user);
        let precondition = match round % 2 {
            0 => Precondition::Version(vec![meta.version]),
            _ => Precondition::Document(meta.revision),
        };
        let outcomes = together(|number| {
            let to = format!("name{round}-{number}");
            let change = on.rename(&user, precondition.clone(), &name, &to);
            insist(|| on.write_one(Write::Change(change.clone())))
        });
        let loss = match round % 2 {
            0 => StoreErrorKind::VersionMismatch,
            _ => StoreErrorKind::Stale,
        };
        assert_eq!(count(&outcomes, &loss), THREADS - 1, "{outcomes:?}");
        let winner = outcomes.iter().position(Result::is_ok).expect("one wins");
        name = format!("name{round}-{winner}");
        assert_eq!(on.values(&user).get("userName"), Some(&json!(name)));
    }
}

pub(super) fn of_two_creates_with_one_value_one_wins(on: &Fixture) {
    for round in 0..ROUNDS {
        let name = format!("name{round}");
        let outcomes = together(|_| insist(|| on.write_one(Write::Insert(on.user(&name)))));
        let winners: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
        assert_eq!(winners.len(), 1, "{outcomes:?}");
        let attribute = on.attribute(&on.users, "userName");
        let conflict = StoreErrorKind::Conflict { attribute, holder: winners[0].id.clone() };
        assert_eq!(count(&outcomes, &conflict), THREADS - 1, "{outcomes:?}");
        assert_eq!(on.all(&on.users).len(), round + 1);
    }
}

pub(super) fn concurrent_additions_lose_nothing(on: &Fixture) {
    let users: Vec<Key> =
        (0..THREADS * ROUNDS).map(|number| on.insert_user(&format!("user{number}"))).collect();
    let group = on.insert(on.group("Guides", &[]));
    together(|number| {
        for user in users.iter().skip(number).step_by(THREADS) {
            let change = on.change_members(&group, Delta::Add(targets(&[user])));
            let written = insist(|| on.write_one(Write::Change(change.clone())));
            assert_eq!(written.map(|written| written.effect), Ok(Effect::Changed));
        }
    });
    assert_eq!(on.members_of(&group), sorted(ids(&users.iter().collect::<Vec<_>>())));
}

pub(super) fn concurrent_additions_and_removals_lose_nothing(on: &Fixture) {
    let users: Vec<Key> =
        (0..THREADS * ROUNDS).map(|number| on.insert_user(&format!("user{number}"))).collect();
    let (present, absent) = users.split_at(users.len() / 2);
    let group = on.insert(on.group("Guides", &present.iter().collect::<Vec<_>>()));
    let first = on.meta(&group).version;
    let versions = together(|number| {
        let mut versions = Vec::new();
        let mut write = |delta| {
            let change = on.change_members(&group, delta);
            let written = insist(|| on.write_one(Write::Change(change.clone())));
            versions.push(written.expect("the change is fine").meta.version);
        };
        for user in absent.iter().skip(number).step_by(THREADS) {
            write(Delta::Add(targets(&[user])));
        }
        for user in present.iter().skip(number).step_by(THREADS) {
            write(Delta::Remove(ids(&[user])));
        }
        versions
    });
    assert_eq!(on.members_of(&group), sorted(ids(&absent.iter().collect::<Vec<_>>())));
    let seen: BTreeSet<String> =
        versions.iter().flatten().chain([&first]).map(|version| version.to_string()).collect();
    assert_eq!(seen.len(), users.len() + 1, "every change has a version of its own");
}

pub(super) fn edge_writers_do_not_disturb_a_rename(on: &Fixture) {
    let users: Vec<Key> =
        (0..THREADS).map(|number| on.insert_user(&format!("user{number}"))).collect();
    let group = on.insert(on.group("Guides", &[]));
    together(|number| {
        for round in 0..ROUNDS {
            if number == 0 {
                let read = on.meta(&group).revision;
                thread::yield_now();
                let values = json!({"displayName": format!("Guides {round}")});
                let change =
                    on.rewrite(&group, Precondition::Document(read), values, &["displayName"]);
                insist(|| on.write_one(Write::Change(change.clone()))).expect("only edges changed");
                continue;
            }
            let delta = match round % 2 {
                0 => Delta::Add(targets(&[&users[number]])),
                _ => Delta::Remove(ids(&[&users[number]])),
            };
            let change = on.change_members(&group, delta);
            insist(|| on.write_one(Write::Change(change.clone()))).expect("the change is fine");
        }
    });
    assert!(on.members_of(&group).is_empty());
    let name = format!("Guides {}", ROUNDS - 1);
    assert_eq!(on.values(&group).get("displayName"), Some(&json!(name)));
}

/// The writer keeps the number of members in the group's name; a reader must never see one without
/// the other.
pub(super) fn readers_see_document_version_and_edges_of_one_moment(on: &Fixture) {
    let users: Vec<Key> =
        (0..ROUNDS * 2).map(|number| on.insert_user(&format!("user{number}"))).collect();
    let group = on.insert(on.group("0", &[]));
    let done = AtomicBool::new(false);
    let projection = Projection {
        relations: vec![on.view(Side::Targets, Reach::Direct)],
        ..Projection::default()
    };
    let look = || {
        let by_get = on.get_with(&group, &projection).expect("the group is there");
        let mut query = Query::new(&on.groups, 1);
        query.projection = projection.clone();
        let by_query = on.page(&query).resources.remove(0);
        for resource in [by_get, by_query] {
            let values = resource.document.values().expect("the document is readable");
            let members = resource.relations[0].edges.len();
            assert_eq!(values.get("displayName"), Some(&json!(members.to_string())));
        }
    };
    together(|number| {
        if number != 0 {
            while !done.load(Ordering::Acquire) {
                look();
            }
            return;
        }
        // A failing assertion must not leave the readers waiting for the end.
        let _end = SetOnDrop(&done);
        for (members, user) in users.iter().enumerate() {
            let values = json!({"displayName": (members + 1).to_string()});
            let mut change = on.rewrite(&group, Precondition::Exists, values, &["displayName"]);
            change.relations = vec![on.delta(Delta::Add(targets(&[user])))];
            insist(|| on.write_one(Write::Change(change.clone()))).expect("the change is fine");
        }
    });
}

pub(super) fn readers_see_batches_whole(on: &Fixture) {
    let done = AtomicBool::new(false);
    together(|number| {
        if number != 0 {
            while !done.load(Ordering::Acquire) {
                let users = on.page(&Query::new(&on.users, 1000)).resources.len();
                assert_eq!(users % 3, 0, "half a batch was seen");
            }
            return;
        }
        let _end = SetOnDrop(&done);
        for round in 0..ROUNDS * 2 {
            let three = || (0..3).map(|it| Write::Insert(on.user(&format!("user{round}-{it}"))));
            insist(|| on.write(three().collect())).expect("the batch is fine");
        }
    });
}

struct SetOnDrop<'a>(&'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
