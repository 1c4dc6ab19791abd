//! Write-only values that the host does not keep.

use std::sync::{Arc, Mutex};

use scim_core::{
    Committed, Observer, ProposedDocument,
    schema::{
        AttributeDefinition, AttributeType, Mutability, Registry, Returned, SchemaDefinition,
        builtin,
    },
};
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
                serde_json::to_string(after).unwrap()
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
