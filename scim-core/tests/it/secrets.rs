//! Write-only values that the host does not keep.

use std::sync::{Arc, Mutex};

use pollster::block_on;
use scim_core::{
    Committed, Observer, ProposedDocument,
    schema::{
        AttributeDefinition, AttributeType, Mutability, Registry, Returned, SchemaDefinition,
        builtin,
    },
    store::{Hidden, Key, Projection, Scope, Store},
};
use scim_store_memory::MemoryStore;
use serde_json::json;

use crate::endpoint::{Endpoint, USER};

const VAULT: &str = "urn:example:scim:schemas:extension:2.0:Vault";

#[test]
fn an_extension_of_which_nothing_is_kept_is_not_there() {
    //
    let pin = AttributeDefinition::new("pin", AttributeType::String)
        .mutability(Mutability::WriteOnly)
        .returned(Returned::Never);
    let registry = Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(VAULT, [pin]))
        .replace_resource_type(builtin::user_type().extension(VAULT))
        .build()
        .unwrap();
    let scim = Endpoint::with(|builder| builder.registry(registry));
    let body =
        |name: &str| json!({"schemas": [USER, VAULT], "userName": name, VAULT: {"pin": "1234"}});

    let created = scim.post("/Users", body("a")).expect(201);
    let path = format!("/Users/{}", created.id());
    let replaced = scim.put(&path, body("b")).expect(200);
    let set = json!([{"op": "add", "path": format!("{VAULT}:pin"), "value": "1234"}]);
    let patched = scim.patch(&path, set).expect(200);
    for answer in [created, replaced, patched] {
        assert_eq!(answer.json()["schemas"], json!([USER]), "{}", answer.text);
        assert!(answer.json().get(VAULT).is_none());
    }
}

/// Remembers what was written.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<String>>);

impl Observer for Seen {
    fn committed(&self, change: &Committed<'_>) {
        *self.0.lock().unwrap() = match &change.proposal.document {
            ProposedDocument::New(after) | ProposedDocument::Changed { after, .. } => {
                serde_json::to_string(&**after).unwrap()
            }
            ProposedDocument::Untouched | ProposedDocument::Deleted { .. } => String::new(),
        };
    }
}

#[test]
fn a_secret_part_is_never_stored_as_it_came() {
    // A-037, W-008
    let text = |name| AttributeDefinition::new(name, AttributeType::String);
    let door = AttributeDefinition::new("door", AttributeType::Complex)
        .sub_attributes([text("label"), text("pin").mutability(Mutability::WriteOnly)]);
    let registry = Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(VAULT, [door]))
        .replace_resource_type(builtin::user_type().extension(VAULT))
        .build()
        .unwrap();
    let seen = Seen::default();
    let scim = Endpoint::with(|builder| builder.registry(registry).observer(seen.clone()));
    let body = |label| json!({"schemas": [USER], "userName": "a", VAULT: {"door": {"label": label, "pin": "1234"}}});
    let written = || seen.0.lock().unwrap().clone();

    let path = format!("/Users/{}", scim.post("/Users", body("front")).expect(201).id());
    assert!(written().contains("front") && !written().contains("1234"), "{}", written());
    scim.put(&path, body("back")).expect(200);
    assert!(written().contains("back") && !written().contains("1234"), "{}", written());
    let set = json!([{"op": "add", "path": format!("{VAULT}:door"), "value": {"label": "side", "pin": "1234"}}]);
    scim.patch(&path, set).expect(200);
    assert!(written().contains("side") && !written().contains("1234"), "{}", written());
}

#[test]
fn a_required_secret_is_asked_for_once() {
    // A-037, U-010
    let pin = AttributeDefinition::new("pin", AttributeType::String)
        .mutability(Mutability::WriteOnly)
        .returned(Returned::Never)
        .required();
    let registry = Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(VAULT, [pin]))
        .replace_resource_type(builtin::user_type().required_extension(VAULT))
        .build()
        .unwrap();
    let scim = Endpoint::with(|builder| builder.registry(registry));
    let bare = |name: &str| json!({"schemas": [USER], "userName": name});
    scim.post("/Users", bare("a")).expect_error(400, "invalidValue");
    let mut body = bare("a");
    body["schemas"] = json!([USER, VAULT]);
    body[VAULT] = json!({"pin": "1234"});
    let path = format!("/Users/{}", scim.post("/Users", body).expect(201).id());
    scim.put(&path, bare("b")).expect(200);
    scim.patch(&path, json!([{"op": "add", "path": "title", "value": "Guide"}])).expect(200);
}

#[test]
fn a_server_that_does_not_know_a_secret_shows_it_to_nobody() {
    // another server over the store has an extension that this one lacks.
    let ssn = AttributeDefinition::new("ssn", AttributeType::String).returned(Returned::Request);
    let with_secrets = Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(VAULT, [ssn]))
        .replace_resource_type(builtin::user_type().extension(VAULT))
        .build()
        .unwrap();
    let mut user = builtin::user();
    user.attribute_mut("nickName").unwrap().returned = Returned::Request;
    let without = Registry::builder().standard().replace_schema(user).build().unwrap();

    let store = Arc::new(MemoryStore::new());
    let knowing = Endpoint::over(store.clone(), |builder| builder.registry(with_secrets.clone()));
    let body = json!({"schemas": [USER, VAULT], "userName": "a", VAULT: {"ssn": "078-05-1120"}});
    let id = knowing.post("/Users", body).expect(201).id();
    let path = format!("/Users/{id}");
    let other = Endpoint::over(store.clone(), |builder| builder.registry(without));
    // All values are read where a hidden one changes.
    for attribute in ["nickName", "displayName"] {
        let change = json!([{"op": "add", "path": attribute, "value": "B"}]);
        let patched = other.patch(&path, change).expect(200);
        for answer in [patched, other.get(&path).expect(200), knowing.get(&path).expect(200)] {
            assert!(!answer.text.contains("078-05-1120"), "{attribute}: {}", answer.text);
        }
    }
    let key = Key::new(with_secrets.resource_type("User").unwrap(), id);
    let whole = Projection { hidden: Hidden::Load, relations: Vec::new() };
    let kept = block_on(store.get(&Scope::default(), &key, &whole)).unwrap().unwrap();
    assert_eq!(kept.document.values().unwrap()[VAULT]["ssn"], "078-05-1120");
}
