//! Passwords are hashed before they are stored, and never shown.

use scim_core::store::{Hidden, Key, Projection, Scope, Store, Tenant};
use scim_example_multi_tenant::{is_password, registry};
use serde_json::{Value, json};

use crate::tenants::{Server, USER, id, patch};

/// What the store keeps for a user's password.
async fn stored(server: &Server, id: &str) -> String {
    let registry = registry().unwrap();
    let key = Key::new(registry.resource_type("User").unwrap(), id);
    let projection = Projection { hidden: Hidden::Load, relations: Vec::new() };
    let scope = Scope::new(Tenant::new("acme"));
    let user = server.store.get(&scope, &key, &projection).await.unwrap().unwrap();
    let password = user.document.values().unwrap().get("password").unwrap();
    password.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_password_is_kept_as_a_hash() {
    let server = Server::start();
    let body = json!({"schemas": [USER], "userName": "bjensen", "password": "correct horse"});
    let created = server.ask("acme", "POST /Users", body.clone()).await.expect(201);
    assert!(created.get("password").is_none());
    let id = id(&created);
    let first = stored(&server, &id).await;
    assert!(first.starts_with("$argon2id$"), "{first}");
    assert!(is_password("correct horse", &first));
    assert!(!is_password("correct", &first) && !is_password("correct horse", "no hash"));

    let change = json!({"op": "replace", "path": "password", "value": "battery staple"});
    server.ask("acme", &format!("PATCH /Users/{id}"), patch(change)).await.expect(200);
    let second = stored(&server, &id).await;
    assert!(is_password("battery staple", &second) && !is_password("correct horse", &second));

    // A PUT without a password leaves it.
    let body = json!({"schemas": [USER], "userName": "bjensen"});
    server.ask("acme", &format!("PUT /Users/{id}"), body).await.expect(200);
    assert_eq!(stored(&server, &id).await, second);
}

#[tokio::test]
async fn a_short_password_is_refused_and_not_repeated() {
    let server = Server::start();
    let body = json!({"schemas": [USER], "userName": "bjensen", "password": "horse"});
    let refused = server.ask("acme", "POST /Users", body).await.expect(400);
    assert_eq!(refused["scimType"], "invalidValue");
    assert_eq!(refused["detail"], "`password`: a password has at least 8 characters");
    let found = server.ask("acme", "GET /Users", Value::Null).await.expect(200);
    assert_eq!(found["totalResults"], 0);
}
