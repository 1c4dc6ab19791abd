//! Roles and their assignees.

use serde_json::{Value, json};

use crate::tenants::{ROLE, Server, id, patch};

fn role(name: &str, assignees: &[&str]) -> Value {
    let assignees: Vec<_> = assignees.iter().map(|id| json!({ "value": id })).collect();
    json!({"schemas": [ROLE], "displayName": name, "permissions": ["read", "Read"],
        "assignees": assignees})
}

#[tokio::test]
async fn assignees_are_edges_seen_from_both_ends() {
    let server = Server::start();
    let (one, other) = (server.user("acme", "one").await, server.user("acme", "other").await);
    let created = server.ask("acme", "POST /Roles", role("Auditor", &[&one])).await.expect(201);
    assert_eq!(created["permissions"], json!(["read", "Read"]));
    let path = format!("/Roles/{}", id(&created));

    let add = json!({"op": "add", "path": "assignees", "value": [{"value": other}]});
    server.ask("acme", &format!("PATCH {path}"), patch(add)).await.expect(204);
    let remove = json!({"op": "remove", "path": format!("assignees[value eq \"{one}\"]")});
    server.ask("acme", &format!("PATCH {path}"), patch(remove)).await.expect(204);
    let shown = server.ask("acme", &format!("GET {path}"), Value::Null).await.expect(200);
    let reference = format!("http://scim.test/tenants/acme/scim/v2/Users/{other}");
    let expected = json!([{"value": other, "$ref": reference, "type": "User", "display": "other"}]);
    assert_eq!(shown["assignees"], expected);

    let user = server.ask("acme", &format!("GET /Users/{other}"), Value::Null).await.expect(200);
    let reference = format!("http://scim.test/tenants/acme/scim/v2{path}");
    let expected = json!([{
        "value": created["id"], "$ref": reference, "display": "Auditor", "type": "direct",
    }]);
    assert_eq!(user["roles"], expected);
    let user = server.ask("acme", &format!("GET /Users/{one}"), Value::Null).await.expect(200);
    assert!(user.get("roles").is_none());

    let filter = "GET /Users?filter=roles.display%20eq%20%22auditor%22";
    let found = server.ask("acme", filter, Value::Null).await.expect(200);
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &json!(other)));
}

#[tokio::test]
async fn roles_keep_to_their_schema() {
    let server = Server::start();
    let user = server.user("acme", "bjensen").await;
    let stranger = server.user("globex", "bjensen").await;
    let post = async |body| server.ask("acme", "POST /Roles", body).await;
    assert_eq!(post(role("Auditor", &[&stranger])).await.expect(400)["scimType"], "invalidValue");
    post(role("Auditor", &[&user])).await.expect(201);
    // `displayName` is unique, whatever its case, in each tenant.
    assert_eq!(post(role("auditor", &[])).await.expect(409)["scimType"], "uniqueness");
    server.ask("globex", "POST /Roles", role("Auditor", &[&stranger])).await.expect(201);
    assert_eq!(post(json!({"schemas": [ROLE]})).await.expect(400)["scimType"], "invalidValue");
    // Who is gone has no role.
    server.ask("acme", &format!("DELETE /Users/{user}"), Value::Null).await.expect(204);
    let found = server.ask("acme", "GET /Roles", Value::Null).await.expect(200);
    assert_eq!(found["Resources"][0]["assignees"], json!([]));
}
