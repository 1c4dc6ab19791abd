//! Write-only values that the host does not keep.

use scim_core::schema::{
    AttributeDefinition, AttributeType, Mutability, Registry, Returned, SchemaDefinition, builtin,
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
