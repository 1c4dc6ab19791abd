//! S15, S20: deleting.

use serde_json::json;

use super::fixture::{Fixture, deletion, failure, ids, targets};
use crate::{
    query::{Operator, Reach, Side},
    store::{Delta, Effect, Query, RelatedQuery, StoreErrorKind, Total, Write},
};

pub(super) fn a_deleted_resource_is_gone_from_every_answer(on: &Fixture) {
    let user = on.insert_user("bjensen");
    let other = on.insert_user("other");
    let group = on.insert(on.group("Guides", &[&user, &other]));
    assert_eq!(on.delete(&user).effect, Effect::Deleted);
    assert!(on.get(&user).is_none());
    let mut query = Query::new(&on.users, 10);
    query.total = Total::Count;
    let answer = on.answer(&query);
    assert_eq!((answer.ids(), answer.total), (ids(&[&other]), Some(1)));
    let by_name = on.compare("userName", Operator::Equal, json!("bjensen"));
    assert!(on.users_where(by_name).is_empty());
    let by_id = on.compare("id", Operator::Equal, json!(user.id.as_str()));
    assert!(on.users_where(by_id).is_empty());
    assert_eq!(on.members_of(&group), ids(&[&other]));
    let view = on.view(Side::Sources, Reach::Direct);
    let of_both = vec![user.id.clone(), other.id.clone()];
    let related = on.related(&RelatedQuery::new(&on.users, of_both, view));
    assert_eq!((related[0].edges.len(), related[1].edges.len()), (0, 1));
}

pub(super) fn a_resource_is_deleted_once(on: &Fixture) {
    let user = on.insert_user("bjensen");
    on.delete(&user);
    let again = on.write_one(deletion(&user));
    assert_eq!(failure(again), (StoreErrorKind::NotFound, Some(0)));
}

pub(super) fn deleting_a_target_removes_its_edges_and_moves_its_sources(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let with = on.insert(on.group("With", &[&users[0], &users[1]]));
    let without = on.insert(on.group("Without", &[&users[1]]));
    let (before, untouched) = (on.meta(&with), on.meta(&without));
    on.delete(&users[0]);
    let after = on.meta(&with);
    assert_ne!(after.version, before.version);
    assert!(after.last_modified > before.last_modified);
    assert_eq!(after.revision, before.revision, "its document is the same");
    assert_eq!(on.meta(&without), untouched);
    assert_eq!(on.members_of(&with), ids(&[&users[1]]));
    let absent = on.change(on.change_members(&with, Delta::Remove(ids(&[&users[0]]))));
    assert_eq!(absent.effect, Effect::Unchanged);
}

pub(super) fn deleting_a_source_removes_its_edges_and_moves_no_target(on: &Fixture) {
    let user = on.insert_user("a");
    let inner = on.insert(on.group("Inner", &[&user]));
    let outer = on.insert(on.group("Outer", &[&inner]));
    let (of_user, of_outer) = (on.meta(&user), on.meta(&outer));
    on.delete(&inner);
    assert_eq!(on.meta(&user), of_user);
    assert_ne!(on.meta(&outer).version, of_outer.version, "it was a target too");
    assert!(on.groups_of(&user).is_empty());
    assert!(on.members_of(&outer).is_empty());
}

pub(super) fn edges_do_not_come_back(on: &Fixture) {
    let user = on.insert_user("a");
    let group = on.insert(on.group("Guides", &[&user]));
    on.delete(&group);
    let next = on.insert(on.group("Guides", &[]));
    assert!(on.members_of(&next).is_empty());
    on.change(on.change_members(&next, Delta::Add(targets(&[&user]))));
    on.delete(&user);
    let again = on.insert(on.user("a"));
    assert!(on.groups_of(&again).is_empty());
    assert!(on.members_of(&next).is_empty());
    let batch = vec![
        Write::Change(on.change_members(&next, Delta::Add(targets(&[&again])))),
        deletion(&next),
    ];
    on.write(batch).expect("the batch is fine");
    assert!(on.groups_of(&again).is_empty());
}
