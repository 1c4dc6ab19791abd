//! The User schema and its enterprise extension (RFC 7643 §4.1, §4.3).

use serde_json::{Value, json};

use crate::endpoint::{ENTERPRISE, Endpoint, user};

/// The base64 of a DER sequence that holds an empty sequence: the outer shape of a certificate.
const CERTIFICATE: &str = "MAIwAA==";

#[test]
fn a_user_has_a_name() {
    // W-001, C-009, U-009
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    for body in [
        json!({"displayName": "A"}),
        json!({"userName": ""}),
        json!({"userName": "  "}),
        json!({"userName": null}),
    ] {
        scim.post("/Users", body.clone()).expect_error(400, "invalidValue");
        scim.put(&path, body).expect_error(400, "invalidValue");
    }
}

#[test]
fn names_come_back_as_they_were_given() {
    // W-003, W-028, C-005
    let scim = Endpoint::new();
    let name = json!({"givenName": "Barbara", "familyName": "Jensen"});
    let created = scim.post("/Users", user("a", json!({"name": name}))).expect(201);
    assert_eq!(created.json()["name"], name);
    assert!(created.json().get("displayName").is_none());
    assert_eq!(scim.get(&format!("/Users/{}", created.id())).json(), created.json());
}

#[test]
fn active_is_a_boolean_that_can_be_searched() {
    // W-007
    let scim = Endpoint::new();
    let created = scim.post("/Users", user("a", json!({"active": false}))).expect(201);
    assert_eq!(created.json()["active"], false);
    for (filter, total) in [("active eq false", 1), ("active eq true", 0)] {
        assert_eq!(scim.filter("/Users", filter).json()["totalResults"], total, "{filter}");
    }
}

#[test]
fn values_keep_to_their_form_where_it_is_enforced() {
    // A-012, W-004, W-005, W-006, W-016, W-020, J-003
    let country = |code: &str| json!({"addresses": [{"country": code}]});
    let certificate = |text: &str| json!({"x509Certificates": [{"value": text}]});
    let good = [
        json!({"locale": "en-US"}),
        json!({"locale": "en_US"}),
        json!({"preferredLanguage": "da, en-gb;q=0.8, *;q=0.1"}),
        json!({"timezone": "America/Los_Angeles"}),
        json!({"timezone": "Etc/GMT+1"}),
        json!({"timezone": "UTC"}),
        country("US"),
        certificate(CERTIFICATE),
        json!({"profileUrl": "https://x.test/%C3%BC"}),
    ];
    let bad = [
        json!({"locale": "en US"}),
        json!({"locale": "-"}),
        json!({"preferredLanguage": "en;level=1"}),
        json!({"timezone": "PST8PDT+1"}),
        json!({"timezone": "+01:00"}),
        country("USA"),
        country("U1"),
        certificate("MAIwADACMAA="),
        certificate("QUJD"),
        certificate("MAIw\nAA=="),
        json!({"profileUrl": "https://x.test/ü"}),
    ];
    for given in good {
        Endpoint::strict().post("/Users", user("a", given.clone())).expect(201);
        Endpoint::new().post("/Users", user("a", given)).expect(201);
    }
    for given in bad {
        let answer = Endpoint::strict().post("/Users", user("a", given.clone()));
        answer.expect_error(400, "invalidValue");
        // What clients really send is stored as it is by default.
        Endpoint::new().post("/Users", user("a", given)).expect(201);
    }
}

#[test]
fn addresses_are_compared_without_case() {
    // W-012, W-013, W-014, W-015, J-002
    let scim = Endpoint::new();
    let given = json!({
        "emails": [{"value": "bjensen@EXAMPLE.COM"}, {"value": "用户@example.com"}],
        "phoneNumbers": [{"value": "tel:+1-201-555-0123"}, {"value": "ext. 7"}],
        "ims": [{"value": " Some Handle "}],
        "photos": [{"value": "https://photos.example.com/a/page.html"}]
    });
    let created = scim.post("/Users", user("a", given.clone())).expect(201).json();
    for attribute in ["emails", "phoneNumbers", "ims", "photos"] {
        assert_eq!(created[attribute], given[attribute]);
    }
    for filter in
        ["emails.value eq \"bjensen@example.com\"", "ims.value eq \"somehandle\"", "ims co \"e h\""]
    {
        assert_eq!(scim.filter("/Users", filter).json()["totalResults"], 1, "{filter}");
    }
}

#[test]
fn passwords_cannot_be_searched() {
    // W-011, F-026
    let scim = Endpoint::new();
    for operator in ["eq", "sw", "co"] {
        let filter = format!("password {operator} \"x\"");
        scim.filter("/Users", &filter).expect_error(400, "invalidFilter");
    }
    scim.filter("/Users", "password pr").expect_error(400, "invalidFilter");
}

#[test]
fn a_manager_is_recommended_and_compared_exactly() {
    // W-025, W-026, W-027
    let scim = Endpoint::new();
    let enterprise = |values: Value| user("a", json!({ ENTERPRISE: values }));
    let body = enterprise(json!({"manager": {"value": "Ab", "displayName": "John"}}));
    let created = scim.post("/Users", body).expect(201);
    assert_eq!(created.json()[ENTERPRISE]["manager"], json!({"value": "Ab"}));
    for (id, total) in [("Ab", 1), ("ab", 0)] {
        let filter = format!("{ENTERPRISE}:manager.value eq \"{id}\"");
        assert_eq!(scim.filter("/Users", &filter).json()["totalResults"], total, "{id}");
    }
    let without = enterprise(json!({"department": "Tours"}));
    scim.put(&format!("/Users/{}", created.id()), without).expect(200);
}

#[test]
fn language_tags_ignore_case() {
    // I-009
    let scim = Endpoint::new();
    scim.post("/Users", user("a", json!({"locale": "en-US"}))).expect(201);
    assert_eq!(scim.filter("/Users", "locale eq \"EN-us\"").json()["totalResults"], 1);
}

#[test]
fn groups_are_changed_through_groups() {
    // W-017, W-018
    let scim = Endpoint::new();
    let member = scim.user("a");
    let path = format!("/Users/{member}");
    let join = json!([{"op": "add", "path": "groups", "value": [{"value": "g"}]}]);
    scim.patch(&path, join).expect_error(400, "mutability");
    let group = scim.group("Tours", &[&member]);
    let shown = scim.get(&path).json()["groups"][0].clone();
    assert_eq!((&shown["value"], &shown["display"]), (&json!(group), &json!("Tours")));
}
