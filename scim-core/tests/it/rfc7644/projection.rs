//! `attributes` and `excludedAttributes` (RFC 7644 §3.4.2.5, §3.9).

use serde_json::{Value, json};

use crate::endpoint::{ENTERPRISE, Endpoint, USER, user};

fn full(user_name: &str) -> Value {
    user(
        user_name,
        json!({
            "displayName": "Babs",
            "name": {"givenName": "Barbara", "familyName": "Jensen"},
            "emails": [{"value": "a@x.test", "type": "work"}, {"value": "b@x.test"}],
            ENTERPRISE: {"employeeNumber": "1", "manager": {"value": "m"}}
        }),
    )
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_answer_can_be_projected() {
    // G-003, G-004, C-013, H-015, U-011, Q-003, L-012
    let scim = Endpoint::new();
    let only = ["id", "schemas", "userName"];
    let created = scim.post("/Users?attributes=userName", full("a")).expect(201);
    assert_eq!(keys(&created.json()), only);
    let path = format!("/Users/{}", created.id());
    for query in ["attributes=userName", "attributes=%20userName%20,nosuch"] {
        let one = format!("{path}?{query}");
        assert_eq!(keys(&scim.get(&one).expect(200).json()), only, "{query}");
        assert_eq!(keys(&scim.put(&one, full("a")).expect(200).json()), only, "{query}");
        let change = json!([{"op": "replace", "path": "title", "value": query}]);
        assert_eq!(keys(&scim.patch(&one, change).expect(200).json()), only, "{query}");
        let listed = scim.get(&format!("/Users?{query}")).expect(200).json();
        assert_eq!(keys(&listed["Resources"][0]), only, "{query}");
    }
    let search = |projection: Value| {
        let mut body = projection;
        body["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
        scim.post("/Users/.search", body).expect(200).json()["Resources"][0].clone()
    };
    assert_eq!(keys(&search(json!({"attributes": ["userName"]}))), only);
    let without = json!({"excludedAttributes": ["emails", "name", "meta", ENTERPRISE, "title"]});
    assert_eq!(keys(&search(without)), ["displayName", "id", "schemas", "userName"]);
    let without = scim.get(&format!("{path}?excludedAttributes=emails,name")).json();
    assert!(without.get("emails").is_none() && without.get("displayName").is_some());
}

#[test]
fn names_select_parts_wholes_and_extensions() {
    // G-005, G-006, G-009, G-010, G-011, G-012
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.post("/Users", full("a")).expect(201).id());
    let whole = scim.get(&path).json();
    let cases = [
        ("name.givenName".to_owned(), json!({"name": {"givenName": "Barbara"}})),
        ("NAME".to_owned(), json!({"name": whole["name"]})),
        (
            "emails.value".to_owned(),
            json!({"emails": [{"value": "a@x.test"}, {"value": "b@x.test"}]}),
        ),
        (format!("{USER}:displayName"), json!({"displayName": "Babs"})),
        (ENTERPRISE.to_owned(), json!({ENTERPRISE: whole[ENTERPRISE]})),
        (format!("{ENTERPRISE}:manager.value"), json!({ENTERPRISE: {"manager": {"value": "m"}}})),
        ("employeeNumber".to_owned(), json!({ENTERPRISE: {"employeeNumber": "1"}})),
        ("nosuch".to_owned(), json!({})),
    ];
    for (names, mut expected) in cases {
        expected["id"] = whole["id"].clone();
        expected["schemas"] = whole["schemas"].clone();
        let shown = scim.get(&format!("{path}?attributes={names}")).expect(200).json();
        assert_eq!(shown, expected, "{names}");
    }
    let without = scim.get(&format!("{path}?excludedAttributes={ENTERPRISE}")).json();
    assert!(without.get(ENTERPRISE).is_none());
}

#[test]
fn only_one_of_the_parameters_may_be_given() {
    // G-008, G-014, L-006, L-011
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    for target in [path.as_str(), "/Users"] {
        let both = format!("{target}?attributes=userName&excludedAttributes=name");
        scim.get(&both).expect_error(400, "invalidValue");
        scim.get(&format!("{target}?foo=bar")).expect(200);
    }
    // Of one resource there is nothing to search.
    scim.get(&format!("{path}?filter=userName+eq+%22b%22")).expect(200);
}

#[test]
fn one_resource_comes_with_its_version_and_place() {
    // G-001, G-013
    let scim = Endpoint::new();
    let got = scim.get(&format!("/Users/{}", scim.user("a"))).expect(200);
    assert_eq!(got.header("etag"), got.json()["meta"]["version"]);
    assert_eq!(got.header("content-location"), got.json()["meta"]["location"]);
    scim.get("/Users/nobody").expect_error(404, "");
}
