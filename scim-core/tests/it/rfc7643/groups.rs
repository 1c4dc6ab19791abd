//! The Group schema (RFC 7643 §4.2).

use serde_json::json;

use crate::endpoint::{BASE, Endpoint, GROUP};

#[test]
fn a_group_has_a_display_name() {
    // W-021
    let scim = Endpoint::new();
    scim.post("/Groups", json!({"schemas": [GROUP]})).expect_error(400, "invalidValue");
}

#[test]
fn members_are_resources_of_this_server() {
    // A-019, W-023
    let scim = Endpoint::new();
    let id = scim.user("a");
    let body = |member: &str| json!({"schemas": [GROUP], "displayName": "g", "members": [{"value": member}]});
    let created = scim.post("/Groups", body(&id)).expect(201).json();
    let expected = json!({
        "value": id, "$ref": format!("{BASE}/Users/{id}"), "type": "User", "display": "a"
    });
    assert_eq!(created["members"], json!([expected]));
    let detail = scim.post("/Groups", body("nobody")).expect_error(400, "invalidValue");
    assert!(detail.contains("`nobody`"), "{detail}");
}

#[test]
fn a_member_is_added_or_removed_and_not_changed() {
    // W-022, H-045
    let scim = Endpoint::new();
    let (one, other) = (scim.user("a"), scim.user("b"));
    let path = format!("/Groups/{}", scim.group("g", &[&one]));
    for part in ["value", "display", "type"] {
        let target = format!("members[value eq \"{one}\"].{part}");
        let change = json!([{"op": "replace", "path": target, "value": other}]);
        scim.patch(&path, change).expect_error(400, "mutability");
    }
    let exchange = json!([
        {"op": "remove", "path": format!("members[value eq \"{one}\"]")},
        {"op": "add", "path": "members", "value": [{"value": other}]},
    ]);
    scim.patch(&path, exchange).expect(204);
    assert_eq!(scim.get(&path).json()["members"][0]["value"], other);
}

#[test]
fn groups_may_contain_each_other() {
    // W-024
    let scim = Endpoint::new();
    let inner = scim.group("inner", &[]);
    let outer = scim.group("outer", &[&inner]);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": outer}]}]);
    scim.patch(&format!("/Groups/{inner}"), add).expect(204);
    let shown = scim.get(&format!("/Groups/{inner}")).expect(200).json();
    assert_eq!(shown["members"][0]["type"], "Group");
}
