//! A server beside a newer one over one store, as while an application is exchanged for its next
//! version: what only the newer one knows stays.

use std::sync::Arc;

use scim_core::schema::{
    AttributeDefinition, AttributeType, Registry, Returned, SchemaDefinition, Uniqueness, builtin,
};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::endpoint::{ENTERPRISE, Endpoint, USER, user};

const BADGES: &str = "urn:example:2.0:Badges";

fn text(name: &str) -> AttributeDefinition {
    AttributeDefinition::new(name, AttributeType::String)
}

/// A server over the store with an extension of these attributes; without any it lacks that.
fn server(store: &Arc<MemoryStore>, badges: Vec<AttributeDefinition>) -> Endpoint {
    let mut users = builtin::user_type();
    if !badges.is_empty() {
        users = users.extension(BADGES);
    }
    let registry = Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(BADGES, badges))
        .replace_resource_type(users)
        .build()
        .unwrap();
    Endpoint::over(store.clone(), |builder| builder.registry(registry))
}

/// What the newer server knows of badges: one attribute of each way to be shown.
fn badges() -> Vec<AttributeDefinition> {
    let parts = [text("value"), text("pin").returned(Returned::Never)];
    let keys = AttributeDefinition::new("keys", AttributeType::Complex);
    vec![
        text("number"),
        text("level").unique(Uniqueness::Server),
        text("code").returned(Returned::Request),
        keys.multi_valued().sub_attributes(parts),
    ]
}

fn badge() -> Value {
    json!({
        "number": "7", "level": "3", "code": "hidden-code",
        "keys": [{"value": "a", "pin": "hidden-pin"}, {"value": "b"}],
    })
}

/// U-014, A-037: a PUT and a PATCH of an older server change what it knows, whether it lacks an
/// extension or some attributes of one.
#[test]
fn what_only_the_newer_server_has_stays_and_stays_hidden() {
    for known in [vec![], vec![text("number")]] {
        let store = Arc::new(MemoryStore::new());
        let newer = server(&store, badges());
        let older = server(&store, known.clone());
        let body = json!({
            "schemas": [USER, BADGES], "userName": "a", "title": "Guide",
            BADGES: badge(), ENTERPRISE: {"department": "Tours"},
        });
        let path = format!("/Users/{}", newer.post("/Users", body).expect(201).id());
        let put = older.put(&path, user("b", json!({}))).expect(200);
        assert_eq!(put.json().get("title"), None, "it is replaced");
        let place = format!("{ENTERPRISE}:department");
        let operations = [
            json!({"op": "replace", "path": "userName", "value": "c"}),
            json!({"op": "add", "path": place, "value": "x"}),
            json!({"op": "remove", "path": ENTERPRISE}),
        ];
        let patches = operations.map(|operation| older.patch(&path, json!([operation])));
        for answer in patches.into_iter().chain([put, older.get(&path)]) {
            assert!(!answer.expect(200).text.contains("hidden"));
        }

        let all = format!("{path}?attributes=userName,title,{BADGES},{BADGES}:code");
        let kept = newer.get(&all).expect(200).json();
        let mut expected = badge();
        expected["keys"] = json!([{"value": "a"}, {"value": "b"}]);
        if !known.is_empty() {
            expected.as_object_mut().unwrap().remove("number");
        }
        assert_eq!((&kept["userName"], &kept[BADGES]), (&json!("c"), &expected));
        assert_eq!(kept["schemas"], json!([USER, BADGES]));

        // What is unique stays taken until the newer server lets go of it.
        let other = json!({"schemas": [USER, BADGES], "userName": "d", BADGES: {"level": "3"}});
        newer.post("/Users", other.clone()).expect_error(409, "uniqueness");
        newer.put(&path, user("c", json!({}))).expect(200);
        let shown = newer.get(&path).json();
        assert_eq!((&shown["schemas"], shown.get(BADGES)), (&json!([USER]), None));
        newer.post("/Users", other).expect(201);
    }
}
