//! Modifying resources (RFC 7644 §3.5.2); what operations mean is in `tests/vectors/patch`.

use serde_json::{Value, json};

use crate::endpoint::{Endpoint, user};

#[test]
fn the_body_is_a_patch_request() {
    // H-002, H-003, H-004, H-048, S-017
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let urn = json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"]);
    let operation = json!([{"op": "add", "path": "title", "value": "x"}]);
    for body in [
        json!({"Operations": operation}),
        json!({"schemas": ["urn:x"], "Operations": operation}),
        json!({"schemas": urn}),
        json!({"schemas": urn, "Operations": {}}),
        json!({"schemas": urn, "Operations": []}),
        json!({"schemas": urn, "Operations": [{"op": "move", "path": "title"}]}),
    ] {
        let answer = scim.request(http::Method::PATCH, &path, &[], &body);
        answer.expect_error(400, "invalidSyntax");
    }
    for operation in ["Replace", "ADD"] {
        let change = json!([{"op": operation, "path": "title", "value": operation}]);
        assert_eq!(scim.patch(&path, change).expect(200).json()["title"], operation);
    }
}

#[test]
fn paths_that_lead_nowhere_are_refused() {
    // H-005, H-006, H-007, H-024, H-037, H-042, H-048
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    for (target, scim_type) in [
        ("emails[0]", "invalidPath"),
        ("/emails/0", "invalidPath"),
        ("emails.0.value", "invalidPath"),
        ("nosuch", "invalidPath"),
        ("emails[type xx \"work\"]", "invalidFilter"),
        ("emails[type eq \"fax\"].value", "noTarget"),
    ] {
        let change = json!([{"op": "replace", "path": target, "value": "x"}]);
        scim.patch(&path, change).expect_error(400, scim_type);
    }
    scim.patch(&path, json!([{"op": "remove"}])).expect_error(400, "noTarget");
    let unknown = json!([{"op": "add", "path": "title", "value": "x"}]);
    // H-046
    scim.patch("/Users/nobody", unknown).expect_error(404, "");
}

#[test]
fn one_wrong_operation_undoes_all() {
    // H-011, H-010, H-038
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let before = scim.get(&path).json();
    let detail = scim
        .patch(
            &path,
            json!([
                {"op": "add", "path": "title", "value": "x"},
                {"op": "replace", "path": "active", "value": 5},
                {"op": "add", "path": "nickName", "value": "x"},
            ]),
        )
        .expect_error(400, "invalidValue");
    assert!(detail.starts_with("operation 2: `active`"), "{detail}");
    assert_eq!(scim.get(&path).json(), before);
}

#[test]
fn success_is_the_resource_or_nothing() {
    // H-014, H-015, T-014, V-005
    let scim = Endpoint::new();
    let member = scim.user("a");
    let path = format!("/Users/{member}");
    let patched =
        scim.patch(&path, json!([{"op": "add", "path": "title", "value": "x"}])).expect(200);
    assert_eq!(patched.json(), scim.get(&path).json());

    let group = format!("/Groups/{}", scim.group("g", &[]));
    let change = |op: &str| json!([{"op": op, "path": "members", "value": [{"value": member}]}]);
    let quiet = scim.patch(&group, change("add")).expect(204);
    assert_eq!((quiet.text.as_str(), quiet.header("content-type")), ("", ""));
    assert_eq!(quiet.header("etag"), scim.get(&group).header("etag"));
    for query in ["attributes=displayName", "excludedAttributes=members"] {
        let shown = scim.patch(&format!("{group}?{query}"), change("replace")).expect(200).json();
        assert!(shown.get("members").is_none() && shown["displayName"] == "g", "{query}");
    }
}

#[test]
fn a_member_is_added_once_and_removed_once() {
    // H-021, H-022, H-026, H-030
    let scim = Endpoint::new();
    let member = scim.user("a");
    let path = format!("/Groups/{}", scim.group("g", &[&member]));
    let before = scim.get(&path).json();
    let target = "members[value eq \"nobody\"]";
    for change in [
        json!([{"op": "add", "path": "members", "value": [{"value": member}]}]),
        json!([{"op": "remove", "path": target}]),
    ] {
        scim.patch(&path, change).expect(204);
        assert_eq!(scim.get(&path).json(), before);
    }
    scim.patch(&path, json!([{"op": "remove", "path": "members"}])).expect(204);
    assert_eq!(scim.get(&path).json()["members"], json!([]));
}

#[test]
fn required_and_read_only_attributes_are_not_removed() {
    // H-029, H-041, H-038
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    for target in ["userName", "id", "meta"] {
        let remove = json!({"op": "remove", "path": target});
        scim.patch(&path, json!([remove])).expect_error(400, "mutability");
        let set_again = json!({"op": "add", "path": "userName", "value": "b"});
        scim.patch(&path, json!([remove, set_again])).expect_error(400, "mutability");
    }
    let null = json!([{"op": "replace", "path": "userName", "value": null}]);
    assert_eq!(scim.patch(&path, null).expect(400).json()["status"], "400");
}

#[test]
fn keys_without_a_path_may_be_qualified_or_dotted() {
    // H-017, H-031, H-034, H-043, H-044
    let scim = Endpoint::new();
    let body = user("a", json!({"name": {"familyName": "Jensen"}}));
    let path = format!("/Users/{}", scim.post("/Users", body).expect(201).id());
    let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    let value = json!({
        department: "X", "name.givenName": "Y",
        "urn:ietf:params:scim:schemas:core:2.0:User:active": true
    });
    let shown: Value =
        scim.patch(&path, json!([{"op": "replace", "value": value}])).expect(200).json();
    assert_eq!(shown["name"], json!({"familyName": "Jensen", "givenName": "Y"}));
    assert_eq!(shown["active"], true);
    assert_eq!(shown[crate::endpoint::ENTERPRISE]["department"], "X");
}
