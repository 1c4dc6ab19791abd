//! Resources that are there when another registry is attached.

use pollster::block_on;
use scim_core::{
    Document, ResourceId,
    schema::{Registry, Uniqueness, builtin},
    store::{Batch, Insert, Key, Scope, Store, StoreErrorKind, Write},
};
use scim_store_memory::MemoryStore;
use serde_json::json;

#[test]
fn what_is_twice_there_cannot_become_unique() {
    let (store, registry) = (MemoryStore::new(), Registry::standard());
    store.attach(&registry).unwrap();
    let users = registry.resource_type("User").unwrap();
    let ids = ["a", "b"].map(|name| {
        let values = json!({ "userName": name, "nickName": "Babs" });
        let document = Document::new(users, values.as_object().unwrap().clone());
        let insert = Insert::new(Key::new(users, ResourceId::fresh()), document);
        let id = insert.key.id.clone();
        block_on(store.write(&Scope::default(), Batch::from(Write::Insert(insert)))).unwrap();
        id
    });
    let mut user = builtin::user();
    user.attribute_mut("nickName").unwrap().uniqueness = Some(Uniqueness::Server);
    let unique = Registry::builder().standard().replace_schema(user).build().unwrap();
    let error = store.attach(&unique).unwrap_err();
    let holds = |kind: &StoreErrorKind| matches!(kind, StoreErrorKind::Conflict { holder, .. } if *holder == ids[0]);
    assert!(holds(error.kind()), "{error:?}");
}
