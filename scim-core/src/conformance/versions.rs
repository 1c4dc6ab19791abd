//! S14: what moves version, revision and time, and what does not.

use serde_json::json;

use super::fixture::{Fixture, deletion, ids, targets};
use crate::{
    resource::Timestamp,
    store::{Batch, Delta, Effect, Precondition, Write},
};

pub(super) fn a_document_change_moves_version_revision_and_time(on: &Fixture) {
    let user = on.insert_user("bjensen");
    let before = on.meta(&user);
    let written = on.change(on.rename(&user, Precondition::Exists, "bjensen", "babs"));
    assert_eq!(written.effect, Effect::Changed);
    assert!(written.before.is_none_or(|version| version == before.version));
    let after = on.meta(&user);
    assert_ne!(after.version, before.version);
    assert_ne!(after.revision, before.revision);
    assert!(after.last_modified > before.last_modified);
    assert_eq!(after.created, before.created);
    assert_eq!(on.values(&user).get("userName"), Some(&json!("babs")));
}

pub(super) fn an_edge_change_moves_the_version_and_not_the_revision(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let group = on.insert(on.group("Guides", &[&users[0]]));
    for delta in [
        Delta::Add(targets(&[&users[1]])),
        Delta::Remove(ids(&[&users[0]])),
        Delta::Replace(targets(&[&users[0]])),
        Delta::Clear,
    ] {
        let before = on.meta(&group);
        let written = on.change(on.change_members(&group, delta.clone()));
        assert_eq!(written.effect, Effect::Changed, "{delta:?}");
        assert!(written.before.is_none_or(|version| version == before.version), "{delta:?}");
        let after = on.meta(&group);
        assert_ne!(after.version, before.version, "{delta:?}");
        assert_eq!(after.revision, before.revision, "{delta:?}");
        assert!(after.last_modified > before.last_modified, "{delta:?}");
    }
}

pub(super) fn without_effect_nothing_moves(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let group = on.insert(on.group("Guides", &[&users[0]]));
    let before = on.meta(&group);
    for delta in [
        Delta::Add(targets(&[&users[0]])),
        Delta::Remove(ids(&[&users[1]])),
        Delta::Replace(targets(&[&users[0]])),
        Delta::Add(Vec::new()),
    ] {
        let written = on.change(on.change_members(&group, delta.clone()));
        assert_eq!(written.effect, Effect::Unchanged, "{delta:?}");
        assert_eq!(written.meta, before, "{delta:?}");
        assert_eq!(on.meta(&group), before, "{delta:?}");
    }
}

pub(super) fn time_moves_even_if_the_clock_stands_still(on: &Fixture) {
    let now = Timestamp::from_micros(1_000_000);
    let user = on.insert_user("bjensen");
    let mut last = on.meta(&user).last_modified;
    for (from, to) in [("bjensen", "b1"), ("b1", "b2"), ("b2", "b3")] {
        let entry = Write::Change(on.rename(&user, Precondition::Exists, from, to));
        on.write_batch(Batch { entries: vec![entry], now }).expect("the change is fine");
        let meta = on.meta(&user);
        assert!(meta.last_modified > last, "the clock is behind, the time must move all the same");
        last = meta.last_modified;
    }
}

pub(super) fn being_pointed_at_moves_nothing(on: &Fixture) {
    let user = on.insert_user("bjensen");
    let before = on.meta(&user);
    let group = on.insert(on.group("Guides", &[&user]));
    assert_eq!(on.meta(&user), before);
    on.delete(&group);
    assert_eq!(on.meta(&user), before);
}

pub(super) fn the_answer_to_a_write_tells_what_is_read(on: &Fixture) {
    let user = on.insert_user("bjensen");
    let group = on.insert(on.group("Guides", &[]));
    let renamed = on.change(on.rename(&user, Precondition::Exists, "bjensen", "babs"));
    assert_eq!((&renamed.id, renamed.meta), (&user.id, on.meta(&user)));
    let joined = on.change(on.change_members(&group, Delta::Add(targets(&[&user]))));
    assert_eq!((&joined.id, joined.meta), (&group.id, on.meta(&group)));
    let before = on.meta(&group);
    let deleted = on.write_one(deletion(&group)).expect("the delete is fine");
    assert_eq!((deleted.effect, deleted.meta), (Effect::Deleted, before));
}
