//! Creating resources (RFC 7644 §3.3).

use http::Method;
use scim_core::{Rules, UnknownAttributes};
use serde_json::{Value, json};

use super::hosts::{ActiveByDefault, TitlesAreForHr, by_name};
use crate::endpoint::{BASE, Endpoint, USER, user};

#[test]
fn the_answer_is_the_new_resource() {
    // C-004, C-005, C-006, C-015, C-016, R-022
    let scim = Endpoint::new();
    let created = scim.post("/Users", user("A", json!({"emails": [{"value": "X@Y.Z"}]})));
    let created = created.expect(201);
    let path = format!("/Users/{}", created.id());
    assert_eq!(created.header("location"), format!("{BASE}{path}"));
    assert_eq!(created.json()["meta"]["location"], format!("{BASE}{path}"));
    assert_eq!(created.header("etag"), created.json()["meta"]["version"]);
    assert_eq!(scim.get(&path).expect(200).json(), created.json());
}

#[test]
fn defaults_give_way_to_null() {
    // C-002, C-003, F-021
    let scim = Endpoint::with(|builder| builder.mapping(ActiveByDefault));
    let active = |name: &str, given: Value| {
        scim.post("/Users", user(name, given)).expect(201).json().get("active").cloned()
    };
    assert_eq!(active("a", json!({})), Some(true.into()));
    assert_eq!(active("b", json!({"active": null})), None);
    assert_eq!(active("c", json!({"active": false})), Some(false.into()));
    assert_eq!(scim.filter("/Users", "active eq true").json()["totalResults"], 1);
}

#[test]
fn the_endpoint_decides_the_type() {
    // C-008, R-019
    let body = user("a", json!({"meta": {"resourceType": "Group"}}));
    let created = Endpoint::new().post("/Users", body).expect(201).json();
    assert_eq!(created["meta"]["resourceType"], "User");
}

#[test]
fn malformed_bodies_are_refused() {
    // C-010, C-011, E-006
    let scim = Endpoint::new();
    for text in ["", "[1]", "{\"a\"", "5", "{} {}"] {
        scim.request_text("/Users", text).expect_error(400, "invalidSyntax");
    }
    for given in [
        json!({"emails": "x@y.z", "name": 5}),
        json!({"active": 3}),
        json!({"name": "x"}),
        json!({"displayName": {}, "title": ["x", "y"]}),
    ] {
        Endpoint::strict().post("/Users", user("a", given)).expect_error(400, "invalidValue");
    }
}

#[test]
fn unknown_attributes_are_ignored_or_refused() {
    // C-012
    let body = || user("a", json!({"foo": 1, "name": {"bar": 2, "givenName": "B"}}));
    let created = Endpoint::new().post("/Users", body()).expect(201).json();
    assert!(created.get("foo").is_none());
    assert_eq!(created["name"], json!({"givenName": "B"}));
    let rules = Rules::default().unknown_attributes(UnknownAttributes::Refuse);
    Endpoint::ruled(rules).post("/Users", body()).expect_error(400, "invalidSyntax");
}

#[test]
fn resources_are_created_at_their_endpoint_alone() {
    // C-014, T-007
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let refused = scim.post(&path, json!({"schemas": [USER], "userName": "b"}));
    refused.expect_error(405, "");
    assert_eq!(refused.header("allow"), "GET, HEAD, PUT, PATCH, DELETE");
    scim.request(Method::PUT, "/Users", &[], "{}").expect_error(405, "");
}

#[test]
fn access_to_an_attribute_is_the_hosts_to_give() {
    // C-017, Y-013, Y-014, Y-015
    let scim = by_name(|builder| builder.policy(TitlesAreForHr));
    let body = user("a", json!({"title": "Guide"}));
    let post = |caller: &str| {
        let token = format!("Bearer {caller}");
        scim.request(Method::POST, "/Users", &[("authorization", &token)], &body)
    };
    post("okta").expect_error(403, "");
    let created = post("hr").expect(201);
    let path = format!("/Users/{}", created.id());
    let shown = |caller: &str| {
        let token = format!("Bearer {caller}");
        scim.request(Method::GET, &path, &[("authorization", &token)], "").json()["title"].clone()
    };
    assert_eq!((shown("hr"), shown("okta")), (json!("Guide"), Value::Null));
}
