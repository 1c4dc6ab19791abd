//! S13: unique values.

use serde_json::json;

use super::fixture::{Fixture, deletion, failure};
use crate::{
    query::prepare,
    resource::ResourceId,
    store::{Claim, Key, Precondition, StoreErrorKind, Write},
};

fn taken(on: &Fixture, holder: &Key) -> StoreErrorKind {
    let attribute = on.attribute(&on.users, "userName");
    StoreErrorKind::Conflict { attribute, holder: holder.id.clone() }
}

pub(super) fn a_conflict_names_attribute_and_holder(on: &Fixture) {
    let holder = on.insert_user("bjensen");
    on.insert_user("other");
    // userName is compared in its prepared form, so case makes no difference.
    for name in ["bjensen", "BJensen"] {
        let failed = failure(on.write_one(Write::Insert(on.user(name))));
        assert_eq!(failed, (taken(on, &holder), Some(0)), "{name}");
    }
}

pub(super) fn a_change_cannot_take_a_held_value(on: &Fixture) {
    let holder = on.insert_user("bjensen");
    let other = on.insert_user("other");
    let before = on.meta(&other);
    let change = on.rename(&other, Precondition::Exists, "other", "bjensen");
    assert_eq!(failure(on.write_one(Write::Change(change))), (taken(on, &holder), Some(0)));
    assert_eq!(on.meta(&other), before);
    let failed = failure(on.write_one(Write::Insert(on.user("other"))));
    assert_eq!(failed, (taken(on, &other), Some(0)), "the value it has is not released");
}

pub(super) fn a_resource_may_claim_what_it_holds(on: &Fixture) {
    let user = on.insert_user("bjensen");
    let values = json!({"userName": "BJensen"});
    let mut change = on.rewrite(&user, Precondition::Exists, values, &["userName"]);
    if let Some(document) = &mut change.document {
        document.claims = vec![on.user_name("BJensen")];
    }
    on.change(change);
    on.change(on.rename(&user, Precondition::Exists, "BJensen", "bjensen"));
    let failed = failure(on.write_one(Write::Insert(on.user("bjensen"))));
    assert_eq!(failed, (taken(on, &user), Some(0)));
}

pub(super) fn a_released_value_is_free(on: &Fixture) {
    let user = on.insert_user("a");
    on.change(on.rename(&user, Precondition::Exists, "a", "b"));
    on.insert_user("a");
    let failed = failure(on.write_one(Write::Insert(on.user("b"))));
    assert_eq!(failed, (taken(on, &user), Some(0)));
}

pub(super) fn a_batch_may_hand_a_value_over(on: &Fixture) {
    let first = on.insert_user("a");
    let second = on.insert_user("b");
    let batch = vec![
        Write::Change(on.rename(&first, Precondition::Exists, "a", "c")),
        Write::Change(on.rename(&second, Precondition::Exists, "b", "a")),
        Write::Insert(on.user("b")),
    ];
    on.write(batch).expect("each value is free when it is claimed");
    let failed = failure(on.write_one(Write::Insert(on.user("a"))));
    assert_eq!(failed, (taken(on, &second), Some(0)));
    let batch = vec![deletion(&second), Write::Insert(on.user("a"))];
    on.write(batch).expect("the holder is deleted first");
    let swap = vec![Write::Insert(on.user("c")), deletion(&first)];
    assert_eq!(failure(on.write(swap)), (taken(on, &first), Some(0)), "claimed before released");
}

pub(super) fn a_deleted_resource_holds_nothing(on: &Fixture) {
    let user = on.insert_user("bjensen");
    on.delete(&user);
    on.insert_user("bjensen");
}

pub(super) fn a_failed_batch_claims_and_releases_nothing(on: &Fixture) {
    let user = on.insert_user("a");
    let missing = Key::new(&on.users, ResourceId::fresh());
    let batch = vec![
        Write::Change(on.rename(&user, Precondition::Exists, "a", "b")),
        Write::Insert(on.user("c")),
        deletion(&missing),
    ];
    assert_eq!(failure(on.write(batch)), (StoreErrorKind::NotFound, Some(2)));
    on.insert_user("b");
    on.insert_user("c");
    let failed = failure(on.write_one(Write::Insert(on.user("a"))));
    assert_eq!(failed, (taken(on, &user), Some(0)));
}

pub(super) fn values_of_different_attributes_do_not_meet(on: &Fixture) {
    on.insert_user("bjensen");
    let attribute = on.attribute(&on.users, "externalId");
    let value = prepare(&attribute, &json!("bjensen")).expect("text has a comparable form");
    let claim = Claim { attribute, value };
    let mut insert = on.user_with(json!({"userName": "other", "externalId": "bjensen"}));
    insert.claims.push(claim.clone());
    let holder = on.insert(insert);
    let mut again = on.user_with(json!({"userName": "third", "externalId": "bjensen"}));
    again.claims.push(claim.clone());
    let conflict =
        StoreErrorKind::Conflict { attribute: claim.attribute, holder: holder.id.clone() };
    assert_eq!(failure(on.write_one(Write::Insert(again))), (conflict, Some(0)));
    let group = on.attribute(&on.groups, "externalId");
    let value = prepare(&group, &json!("bjensen")).expect("text has a comparable form");
    let mut insert = on.group("Guides", &[]);
    insert.claims.push(Claim { attribute: group, value });
    on.insert(insert);
}
