//! Resources that are there when another registry is attached.

use std::sync::Arc;

use pollster::block_on;
use scim_core::{
    Document, ResourceId,
    schema::{Registry, ResourceType, Returned, Uniqueness, builtin},
    store::{
        Batch, Delete, Insert, Key, Precondition, Projection, Scope, Store, StoreErrorKind, Tenant,
        Write,
    },
};
use scim_store_memory::MemoryStore;
use serde_json::json;

/// A user with the nick name Babs.
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
fn insert(store: &MemoryStore, scope: &Scope, users: &Arc<ResourceType>, name: &str) -> Key {
    let values = json!({ "userName": name, "nickName": "Babs" });
    let document = Document::new(users, values.as_object().unwrap().clone());
    let insert = Insert::new(Key::new(users, ResourceId::fresh()), document);
    let key = insert.key.clone();
    block_on(store.write(scope, Batch::from(Write::Insert(insert)))).unwrap();
    key
}

#[test]
fn what_is_twice_there_cannot_become_unique() {
    let (store, registry) = (MemoryStore::new(), Registry::standard());
    store.attach(&registry).unwrap();
    let users = registry.resource_type("User").unwrap();
    let ids = ["a", "b"].map(|name| insert(&store, &Scope::default(), users, name).id);
    let mut user = builtin::user();
    user.attribute_mut("nickName").unwrap().uniqueness = Some(Uniqueness::Server);
    let unique = Registry::builder().standard().replace_schema(user).build().unwrap();
    let error = store.attach(&unique).unwrap_err();
    let holds = |kind: &StoreErrorKind| matches!(kind, StoreErrorKind::Conflict { holder, .. } if *holder == ids[0]);
    assert!(holds(error.kind()), "{error:?}");
}

/// Some tenants by the new definition and some by the old one would be a state that nobody asked for.
#[test]
fn a_registry_is_attached_for_all_tenants_or_none() {
    let (store, registry) = (MemoryStore::new(), Registry::standard());
    store.attach(&registry).unwrap();
    let users = registry.resource_type("User").unwrap();
    let scopes: Vec<_> = (0..8).map(|it| Scope::new(Tenant::new(it.to_string()))).collect();
    let keys: Vec<_> = scopes.iter().map(|scope| insert(&store, scope, users, "a")).collect();
    let second = insert(&store, &scopes[3], users, "b");
    let mut user = builtin::user();
    let nick_name = user.attribute_mut("nickName").unwrap();
    (nick_name.uniqueness, nick_name.returned) = (Some(Uniqueness::Server), Returned::Never);
    let other = Registry::builder().standard().replace_schema(user).build().unwrap();
    let shown = || {
        let shows = |(scope, key)| {
            let user = block_on(store.get(scope, key, &Projection::default())).unwrap().unwrap();
            user.document.values().unwrap().contains_key("nickName")
        };
        scopes.iter().zip(&keys).map(shows).collect::<Vec<_>>()
    };
    store.attach(&other).unwrap_err();
    assert_eq!(shown(), [true; 8]);
    let delete = Delete { key: second, precondition: Precondition::Exists };
    block_on(store.write(&scopes[3], Batch::from(Write::Delete(delete)))).unwrap();
    store.attach(&other).unwrap();
    assert_eq!(shown(), [false; 8]);
}
