//! The application's own resource type is described as any other (RFC 7644 §4).

use serde_json::{Value, json};

use crate::tenants::{ROLE, Server, USER};

#[tokio::test]
async fn roles_are_a_resource_type() {
    let server = Server::start();
    let shown = server.ask("acme", "GET /ResourceTypes/Role", Value::Null).await.expect(200);
    assert_eq!((&shown["endpoint"], &shown["schema"]), (&json!("/Roles"), &json!(ROLE)));
    let all = server.ask("acme", "GET /ResourceTypes", Value::Null).await.expect(200);
    assert_eq!(all["totalResults"], 3);
}

#[tokio::test]
async fn schemas_show_both_ends_of_the_relation() {
    let server = Server::start();
    let schema = async |urn: &str, name: &str| {
        let schema = server.ask("acme", &format!("GET /Schemas/{urn}"), Value::Null).await;
        let attributes = schema.expect(200)["attributes"].as_array().unwrap().clone();
        attributes.into_iter().find(|it| it["name"] == name).unwrap()
    };
    assert_eq!(schema(ROLE, "assignees").await["mutability"], "readWrite");
    let roles = schema(USER, "roles").await;
    assert_eq!(roles["mutability"], "readOnly");
    assert_eq!(roles["subAttributes"][1]["referenceTypes"], json!(["Role"]));
    let password = schema(USER, "password").await;
    assert_eq!(password["returned"], "never");
    let config = server.ask("acme", "GET /ServiceProviderConfig", Value::Null).await.expect(200);
    assert_eq!(config["changePassword"]["supported"], true);
}
