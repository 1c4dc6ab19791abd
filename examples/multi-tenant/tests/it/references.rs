//! A manager is a user of the same tenant.

use serde_json::{Value, json};

use crate::tenants::{ENTERPRISE, Server, USER};

#[tokio::test]
async fn managers_are_users_of_the_tenant() {
    let server = Server::start();
    let boss = server.user("acme", "boss").await;
    let stranger = server.user("globex", "boss").await;
    let hire = async |name: &str, manager: &str| {
        let body = json!({"schemas": [USER], "userName": name,
            ENTERPRISE: {"manager": {"value": manager}}});
        server.ask("acme", "POST /Users", body).await
    };
    let created = hire("bjensen", &boss).await.expect(201);
    assert_eq!(created[ENTERPRISE]["manager"]["value"], boss);
    for nobody in [stranger.as_str(), "nobody"] {
        let refused = hire("babs", nobody).await.expect(400);
        assert_eq!(refused["scimType"], "invalidValue");
        let expected =
            format!("`{ENTERPRISE}:manager.value`: there is no resource `{nobody}` to refer to");
        assert_eq!(refused["detail"], expected);
    }
    let found = server.ask("acme", "GET /Users", Value::Null).await.expect(200);
    assert_eq!(found["totalResults"], 2);
}
