//! `attributes` and `excludedAttributes` (RFC 7644 §3.4.2.5, §3.9).

use serde_json::{Value, json};

use crate::endpoint::{Answer, ENTERPRISE, Endpoint, USER, user};

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
    let hidden = ["emails", "name", "meta", "title", ENTERPRISE];
    let without = format!("excludedAttributes={}", hidden.join(","));
    let cases: [(&str, Value, &[&str]); 3] = [
        (
            "attributes=userName",
            json!({"attributes": ["userName"]}),
            &["id", "schemas", "userName"],
        ),
        (
            "attributes=%20userName%20,nosuch",
            json!({"attributes": ["userName", "nosuch"]}),
            &["id", "schemas", "userName"],
        ),
        (
            &without,
            json!({"excludedAttributes": hidden}),
            &["displayName", "id", "schemas", "userName"],
        ),
    ];
    for (number, (query, mut search, shown)) in cases.into_iter().enumerate() {
        let name = format!("user{number}");
        let created = scim.post(&format!("/Users?{query}"), full(&name)).expect(201);
        let one = format!("/Users/{}?{query}", created.id());
        let change = json!([{"op": "replace", "path": "title", "value": query}]);
        search["schemas"] = json!(["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]);
        let first = |list: Answer| list.expect(200).json()["Resources"][0].clone();
        for (what, resource) in [
            ("POST", created.json()),
            ("PUT", scim.put(&one, full(&name)).expect(200).json()),
            ("PATCH", scim.patch(&one, change).expect(200).json()),
            ("GET", scim.get(&one).expect(200).json()),
            ("list", first(scim.get(&format!("/Users?{query}")))),
            ("search", first(scim.post("/Users/.search", search))),
        ] {
            assert_eq!(keys(&resource), shown, "{what} {query}");
        }
    }
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
