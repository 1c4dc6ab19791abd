//! S2, S4, S14, S15: adding and reading back.

use serde_json::json;

use super::fixture::{Fixture, document, failure};
use crate::{
    resource::{ResourceId, Timestamp},
    store::{Batch, Effect, Hidden, IdSource, Insert, Key, Projection, StoreErrorKind, Write},
};

pub(super) fn a_resource_reads_as_it_was_written(on: &Fixture) {
    let values = json!({
        "userName": "bjensen@example.com",
        "externalId": "701984",
        "name": {"familyName": "Jensen", "givenName": "Barbara"},
        "emails": [{"value": "bjensen@example.com", "type": "work", "primary": true},
                   {"value": "babs@jensen.org", "type": "home"}],
        "active": true,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"employeeNumber": "7019"},
    });
    let insert = on.user_with(values);
    let expected = insert.document.clone();
    let written = on.write_one(Write::Insert(insert)).expect("the insert is fine");
    assert_eq!(written.effect, Effect::Inserted);
    assert!(written.skipped.is_empty());
    let key = Key::new(&on.users, written.id.clone());
    let resource = on.get(&key).expect("the resource is there");
    assert_eq!(resource.id, written.id);
    assert_eq!(resource.resource_type, on.users);
    assert_eq!(resource.meta, written.meta);
    assert_eq!(resource.document.values().ok(), expected.values().ok());
    assert!(resource.relations.is_empty());
}

pub(super) fn nothing_is_found_under_another_type_or_id(on: &Fixture) {
    let user = on.insert_user("bjensen");
    assert!(on.get(&Key::new(&on.groups, user.id.clone())).is_none());
    assert!(on.get(&Key::new(&on.users, ResourceId::fresh())).is_none());
    assert!(on.get(&Key::new(&on.users, "")).is_none());
}

pub(super) fn ids_compare_case_exactly(on: &Fixture) {
    let mut insert = on.user("bjensen");
    insert.key.id = "0199abcd-ef00-7000-8000-00000000abcd".into();
    let user = on.insert(insert);
    let upper = user.id.as_str().to_uppercase();
    if upper != user.id.as_str() {
        assert!(on.get(&Key::new(&on.users, upper)).is_none());
    }
    assert!(on.get(&user).is_some());
}

pub(super) fn the_hidden_part_comes_only_when_asked_for(on: &Fixture) {
    let secret = "t1meMa$heen";
    let user = on.insert(on.user_with(json!({"userName": "bjensen", "password": secret})));
    let shown = on.get(&user).expect("the resource is there");
    assert!(!String::from_utf8_lossy(shown.document.visible()).contains(secret));
    assert!(shown.document.hidden().is_empty(), "nobody asked for it");
    let load = Projection { hidden: Hidden::Load, relations: Vec::new() };
    let whole = on.get_with(&user, &load).expect("the resource is there");
    assert!(!String::from_utf8_lossy(whole.document.visible()).contains(secret));
    assert_eq!(on.values(&user).get("password"), Some(&json!(secret)));
}

pub(super) fn a_new_resource_was_last_modified_when_created(on: &Fixture) {
    let now = Timestamp::from_micros(1_305_261_754_123_456);
    let batch = Batch { entries: vec![Write::Insert(on.user("bjensen"))], now };
    let written = on.write_batch(batch).expect("the insert is fine");
    let meta = on.meta(&Key::new(&on.users, written[0].id.clone()));
    assert_eq!((meta.created, meta.last_modified), (now, now));
}

pub(super) fn an_id_is_taken_only_once(on: &Fixture) {
    let user = on.insert_user("bjensen");
    let again = Insert::new(
        Key::new(&on.groups, user.id.clone()),
        document(&on.groups, json!({"displayName": "Guides"})),
    );
    if on.ids == IdSource::Store {
        assert_ne!(on.insert(again).id, user.id, "the store gives each id once");
        return;
    }
    let (kind, entry) = failure(on.write_one(Write::Insert(again)));
    assert_eq!(entry, Some(0));
    let StoreErrorKind::Conflict { attribute, holder } = kind else {
        panic!("a conflict over the id, not {kind:?}")
    };
    assert_eq!((attribute.path(), holder), ("id", user.id));
}
