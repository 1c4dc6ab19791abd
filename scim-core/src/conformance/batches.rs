//! S10, S11: all or nothing, in order.

use serde_json::json;

use super::fixture::{Fixture, deletion, failure, ids, targets};
use crate::{
    resource::ResourceId,
    store::{Delta, Effect, IdSource, Key, Precondition, StoreErrorKind, Write},
};

pub(super) fn an_empty_batch_is_fine(on: &Fixture) {
    assert!(on.write(Vec::new()).expect("there is nothing to fail").is_empty());
}

pub(super) fn a_batch_answers_entry_by_entry(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let group = on.insert(on.group("Guides", &[&users[0]]));
    let batch = vec![
        deletion(&users[1]),
        Write::Insert(on.user("c")),
        Write::Change(on.change_members(&group, Delta::Add(targets(&[&users[0]])))),
        Write::Change(on.rename(&users[0], Precondition::Exists, "a", "b")),
    ];
    let written = on.write(batch).expect("the batch is fine");
    let effects: Vec<_> = written.iter().map(|entry| entry.effect).collect();
    let expected = [Effect::Deleted, Effect::Inserted, Effect::Unchanged, Effect::Changed];
    assert_eq!(effects, expected);
    assert_eq!(written[0].id, users[1].id);
    assert_eq!(written[2].id, group.id);
    assert_eq!(written[3].id, users[0].id);
    assert!(on.get(&Key::new(&on.users, written[1].id.clone())).is_some());
}

pub(super) fn nothing_of_a_failed_batch_is_applied(on: &Fixture) {
    let users = on.insert_users(&["a", "b", "c"]);
    let group = on.insert(on.group("Guides", &[&users[0]]));
    let before: Vec<_> = users.iter().chain([&group]).map(|key| on.meta(key)).collect();
    let new = on.user("new");
    let new_key = new.key.clone();
    let batch = vec![
        Write::Insert(new),
        Write::Change(on.rename(&users[0], Precondition::Exists, "a", "z")),
        Write::Change(on.change_members(&group, Delta::Replace(targets(&[&users[1]])))),
        deletion(&users[2]),
        Write::Insert(on.user("b")),
    ];
    let (kind, entry) = failure(on.write(batch));
    assert!(matches!(kind, StoreErrorKind::Conflict { .. }), "{kind:?}");
    assert_eq!(entry, Some(4));
    let after: Vec<_> = users.iter().chain([&group]).map(|key| on.meta(key)).collect();
    assert_eq!(after, before);
    assert_eq!(on.values(&users[0]).get("userName"), Some(&json!("a")));
    assert_eq!(on.members_of(&group), [users[0].id.clone()]);
    assert!(on.get(&new_key).is_none());
    assert_eq!(on.all(&on.users).len(), 3);
    on.insert_user("new");
}

pub(super) fn the_failing_entry_is_named(on: &Fixture) {
    let user = on.insert_user("a");
    let nobody = Key::new(&on.users, ResourceId::fresh());
    let old = Precondition::Version(vec![crate::resource::Version::new("old")]);
    let failing = [
        Write::Insert(on.user("A")),
        Write::Change(on.rename(&nobody, Precondition::Exists, "x", "y")),
        Write::Change(on.rename(&user, old, "a", "b")),
        Write::Insert(on.group("Guides", &[&nobody])),
        deletion(&nobody),
    ];
    for write in failing {
        let batch = vec![
            Write::Insert(on.user("one")),
            Write::Insert(on.user("two")),
            write.clone(),
            Write::Insert(on.user("three")),
        ];
        assert_eq!(failure(on.write(batch)).1, Some(2), "{write:?}");
    }
    assert_eq!(on.all(&on.users).len(), 1);
}

pub(super) fn the_first_failing_entry_is_named(on: &Fixture) {
    let nobody = Key::new(&on.users, ResourceId::fresh());
    let holder = on.insert_user("a");
    let batch = vec![Write::Insert(on.user("a")), deletion(&nobody)];
    let attribute = on.attribute(&on.users, "userName");
    let conflict = StoreErrorKind::Conflict { attribute, holder: holder.id };
    assert_eq!(failure(on.write(batch)), (conflict, Some(0)));
    let batch = vec![deletion(&nobody), Write::Insert(on.user("a"))];
    assert_eq!(failure(on.write(batch)), (StoreErrorKind::NotFound, Some(0)));
}

pub(super) fn an_entry_sees_what_earlier_ones_did(on: &Fixture) {
    let user = on.insert_user("a");
    let group = on.insert(on.group("Guides", &[]));
    let members = |delta| Write::Change(on.change_members(&group, delta));
    let batch = vec![
        members(Delta::Add(targets(&[&user]))),
        members(Delta::Add(targets(&[&user]))),
        members(Delta::Remove(ids(&[&user]))),
        members(Delta::Remove(ids(&[&user]))),
    ];
    let written = on.write(batch).expect("the batch is fine");
    let effects: Vec<_> = written.iter().map(|entry| entry.effect).collect();
    let expected = [Effect::Changed, Effect::Unchanged, Effect::Changed, Effect::Unchanged];
    assert_eq!(effects, expected);
    if on.ids == IdSource::Engine {
        let new = on.user("new");
        let key = new.key.clone();
        let rename = on.rename(&key, Precondition::Exists, "new", "newer");
        on.write(vec![Write::Insert(new), Write::Change(rename)]).expect("the batch is fine");
        assert_eq!(on.values(&key).get("userName"), Some(&json!("newer")));
    }
    let twice = vec![deletion(&user), deletion(&user)];
    assert_eq!(failure(on.write(twice)), (StoreErrorKind::NotFound, Some(1)));
    assert!(on.get(&user).is_some());
}
