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

/// A server over the store with an extension of these attributes; without any it lacks that. The
/// standard extension comes after it.
fn server(store: &Arc<MemoryStore>, badges: Vec<AttributeDefinition>) -> Endpoint {
    let mut users = builtin::user_type();
    if !badges.is_empty() {
        users.schema_extensions.insert(0, users.schema_extensions[0].clone());
        users.schema_extensions[0].schema = BADGES.to_owned();
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
        expected.as_object_mut().unwrap().remove("code");
        assert_eq!(newer.get(&path).json()[BADGES], expected, "what was shown still is");

        // What is unique stays taken until the newer server lets go of it.
        let other = json!({"schemas": [USER, BADGES], "userName": "d", BADGES: {"level": "3"}});
        newer.post("/Users", other.clone()).expect_error(409, "uniqueness");
        newer.put(&path, user("c", json!({}))).expect(200);
        let shown = newer.get(&path).json();
        assert_eq!((&shown["schemas"], shown.get(BADGES)), (&json!([USER]), None));
        newer.post("/Users", other).expect(201);
    }
}

/// what an older server lacks of an extension is no use of it.
#[test]
fn an_extension_that_is_left_out_needs_nothing_that_it_requires() {
    let store = Arc::new(MemoryStore::new());
    let number = || text("number").required();
    let newer = server(&store, vec![number(), text("level")]);
    let older = server(&store, vec![number()]);
    let body = json!({
        "schemas": [USER, BADGES], "userName": "a", BADGES: {"number": "7", "level": "3"},
    });
    let path = format!("/Users/{}", newer.post("/Users", body.clone()).expect(201).id());
    older.put(&path, user("a", json!({}))).expect(200);
    assert_eq!(newer.get(&path).json()[BADGES], json!({"level": "3"}));
    newer.put(&path, body).expect(200);
    older.patch(&path, json!([{"op": "remove", "path": BADGES}])).expect(200);
    assert_eq!(newer.get(&path).json()[BADGES], json!({"level": "3"}));
}

/// U-013: servers do not turn the order of `schemas` over and over.
#[test]
fn a_write_of_an_older_server_that_changes_nothing_changes_nothing() {
    let store = Arc::new(MemoryStore::new());
    let (newer, older) = (server(&store, badges()), server(&store, vec![]));
    let body = json!({
        "schemas": [USER, BADGES, ENTERPRISE], "userName": "a",
        BADGES: {"number": "7"}, ENTERPRISE: {"department": "Tours"},
    });
    let created = newer.post("/Users", body).expect(201);
    let path = format!("/Users/{}", created.id());
    older.patch(&path, json!([{"op": "replace", "path": "userName", "value": "a"}])).expect(200);
    let same = user("a", json!({ENTERPRISE: {"department": "Tours"}}));
    let put = older.put(&path, same).expect(200).json();
    assert_eq!(put["schemas"], json!([USER, BADGES, ENTERPRISE]));
    assert_eq!(put["meta"]["version"], created.json()["meta"]["version"]);
}
