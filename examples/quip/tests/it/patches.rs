//! PATCH of users.

use serde_json::json;

use crate::service::{Service, addresses};

/// "`remove` with path `emails` and value `{"value": …}`; `add` with an object instead of an array;
/// add/replace without path."
#[tokio::test]
async fn a_patch_takes_what_the_documents_show() {
    for service in Service::each() {
        let user = service.user("a@x.com").await;
        let steps = [
            (
                json!({"op": "add", "path": "emails", "value": {"value": "b@x.com"}}),
                vec!["a@x.com", "b@x.com"],
            ),
            (
                json!({"op": "add", "path": "emails", "value": [{"value": "c@x.com"}]}),
                vec!["a@x.com", "b@x.com", "c@x.com"],
            ),
            (
                json!({"op": "remove", "path": "emails", "value": {"value": "a@x.com"}}),
                vec!["b@x.com", "c@x.com"],
            ),
            (
                json!({"op": "remove", "path": "emails", "value": {"value": "C@x.com"}}),
                vec!["b@x.com"],
            ),
            (
                json!({"op": "add", "value": {"emails": {"value": "d@x.com"}}}),
                vec!["b@x.com", "d@x.com"],
            ),
            (
                json!({"op": "replace", "value": {"emails": [{"value": "e@x.com"}]}}),
                vec!["e@x.com"],
            ),
            (
                json!({"op": "replace", "path": "emails", "value": {"value": "f@x.com"}}),
                vec!["f@x.com"],
            ),
            // Nobody has it.
            (
                json!({"op": "remove", "path": "emails", "value": {"value": "z@x.com"}}),
                vec!["f@x.com"],
            ),
        ];
        for (operation, expected) in steps {
            let changed = service.change(&user, json!([operation])).await.expect(200);
            assert_eq!(addresses(&changed), expected, "{operation}");
        }
        let operations = json!([
            {"op": "replace", "value": {"externalId": "1", "active": false}},
            {"op": "add", "value": {"active": true, "name": {"formatted": "Some One"}}},
        ]);
        let changed = service.change(&user, operations).await.expect(200);
        assert_eq!((&changed["externalId"], &changed["active"]), (&json!("1"), &json!(true)));
        assert_eq!(changed["name"]["familyName"], "One");
    }
}

/// "A path with an expression is refused (400)."
#[tokio::test]
async fn paths_with_expressions_are_refused() {
    let service = Service::new();
    let user = service.user("a@x.com").await;
    let before = service.shown(&user).await;
    for path in ["emails[type eq \"work\"].value", "emails[value sw a]", "email[value sw foo]"] {
        for op in ["add", "replace", "remove"] {
            let operations = json!([
                {"op": "replace", "path": "externalId", "value": "1"},
                {"op": op, "path": path, "value": "b@x.com"},
            ]);
            service.change(&user, operations).await.expect_error(400);
        }
    }
    assert_eq!(service.shown(&user).await, before);
}

/// "PATCH works on users in 2.0" and not in 1.1.
#[tokio::test]
async fn users_are_patched_in_version_2_alone() {
    let service = Service::new();
    let user = service.user("a@x.com").await;
    let body = json!({"Operations": [{"op": "replace", "path": "active", "value": false}]});
    service.patch(&format!("/1/Users/{user}"), body.clone()).await.expect_error(405);
    assert_eq!(service.shown(&user).await["active"], true);
    assert_eq!(service.patch(&format!("/2/Users/{user}"), body).await.expect(200)["active"], false);
    for wrong in [json!({}), json!({"Operations": []}), json!([]), json!({"Operations": [{}]})] {
        service.patch(&format!("/2/Users/{user}"), wrong).await.expect_error(400);
    }
}
