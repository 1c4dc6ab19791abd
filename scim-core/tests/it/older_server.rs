//! A server beside a newer one over one store, as while an application is exchanged for its next
//! version: what only the newer one knows stays.

use std::sync::Arc;

use scim_core::schema::{
    AttributeDefinition, AttributeType, Registry, Returned, SchemaDefinition, builtin,
};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::endpoint::{ENTERPRISE, Endpoint, USER};

const BADGES: &str = "urn:example:2.0:Badges";

/// A server that has an extension, and one over the same store that has not.
fn newer_and_older(badge: AttributeDefinition) -> (Endpoint, Endpoint) {
    let newer = Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(BADGES, [badge]))
        .replace_resource_type(builtin::user_type().extension(BADGES))
        .build()
        .unwrap();
    let store = Arc::new(MemoryStore::new());
    let newer = Endpoint::over(store.clone(), |builder| builder.registry(newer));
    (newer, Endpoint::over(store, |builder| builder))
}

fn badge() -> AttributeDefinition {
    AttributeDefinition::new("badge", AttributeType::String)
}

/// R-007, U-006: a PUT and a PATCH of an older server replace what it knows.
#[test]
fn an_extension_that_only_the_newer_server_has_stays() {
    for (badge, place) in
        [(badge(), ""), (badge().returned(Returned::Request), "?attributes=schemas,userName,badge")]
    {
        let (newer, older) = newer_and_older(badge);
        let body = |name: &str| json!({"schemas": [USER], "userName": name});
        let with_badge = json!({
            "schemas": [USER, BADGES], "userName": "a", "title": "Guide",
            BADGES: {"badge": "7"}, ENTERPRISE: {"department": "Tours"},
        });
        let path = format!("/Users/{}", newer.post("/Users", with_badge).expect(201).id());
        let place = place.replace("badge", &format!("{BADGES}:badge"));
        let shown = |name: &str| -> Value {
            let shown = newer.get(&format!("{path}{place}")).expect(200).json();
            assert_eq!(shown["schemas"], json!([USER, BADGES]), "{shown}");
            assert_eq!((&shown["userName"], shown.get("title")), (&json!(name), None), "{shown}");
            shown[BADGES].clone()
        };
        older.put(&path, body("b")).expect(200);
        assert_eq!(shown("b"), json!({"badge": "7"}));
        let rename = json!([{"op": "replace", "path": "userName", "value": "c"}]);
        older.patch(&path, rename).expect(200);
        assert_eq!(shown("c"), json!({"badge": "7"}));
        let use_extension =
            json!([{"op": "add", "path": format!("{ENTERPRISE}:department"), "value": "x"}]);
        older.patch(&path, use_extension).expect(200);
        older.patch(&path, json!([{"op": "remove", "path": ENTERPRISE}])).expect(200);
        assert_eq!(shown("c"), json!({"badge": "7"}));
        newer.put(&path, body("d")).expect(200);
        let shown = newer.get(&path).json();
        assert_eq!((&shown["schemas"], shown.get(BADGES)), (&json!([USER]), None));
    }
}
