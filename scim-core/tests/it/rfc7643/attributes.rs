//! Attributes in general: names, lists, and what is unassigned (RFC 7643 §2.1, §2.4, §2.5).

use serde_json::{Value, json};

use super::widget;
use crate::endpoint::{Endpoint, user};

#[test]
fn names_ignore_case() {
    // A-002, A-003
    let scim = Endpoint::new();
    let created = scim.post("/Users", json!({"USERNAME": "a", "NAME": {"GivenName": "B"}}));
    let created = created.expect(201);
    let body = created.json();
    assert_eq!((&body["userName"], &body["name"]["givenName"]), (&json!("a"), &json!("B")));
    let shown = scim.get(&format!("/Users/{}?attributes=USERNAME", created.id())).json();
    assert_eq!(shown["userName"], "a");
    assert_eq!(scim.get("/Users?sortBy=USERNAME").expect(200).json()["totalResults"], 1);

    let twice = scim.request_text("/Users", r#"{"userName": "a", "username": "b"}"#);
    twice.expect_error(400, "invalidSyntax");
}

#[test]
fn the_order_of_keys_means_nothing() {
    // A-020, R-003, U-013
    let scim = Endpoint::new();
    let one = r#"{"userName": "a", "name": {"givenName": "B", "familyName": "C"}}"#;
    let other = r#"{"name": {"familyName": "C", "givenName": "B"}, "userName": "a"}"#;
    let created = scim.request_text("/Users", one).expect(201);
    let path = format!("/Users/{}", created.id());
    let replaced = scim.put(&path, serde_json::from_str(other).unwrap()).expect(200);
    assert_eq!(replaced.json(), created.json());
    assert_eq!(replaced.header("etag"), created.header("etag"));
}

#[test]
fn a_multi_valued_attribute_is_an_array() {
    // A-023
    let body = |emails: Value| user("a", json!({ "emails": emails }));
    let single = json!({"value": "a@x.test"});
    let strict = Endpoint::strict();
    strict.post("/Users", body(single.clone())).expect_error(400, "invalidValue");
    strict.post("/Users", body("x".into())).expect_error(400, "invalidValue");
    let created = strict.post("/Users", body(json!([single]))).expect(201).json();
    assert_eq!(created["emails"], json!([single]));
    // By default one value is taken for a list of one.
    let created = Endpoint::new().post("/Users", body(single.clone())).expect(201).json();
    assert_eq!(created["emails"], json!([single]));
}

#[test]
fn at_most_one_value_is_primary() {
    // A-025, H-012
    let scim = Endpoint::new();
    let email = |value: &str| json!({"value": value, "primary": true});
    let two = user("a", json!({"emails": [email("a@x.test"), email("b@x.test")]}));
    scim.post("/Users", two).expect_error(400, "invalidValue");
    let one = user("a", json!({"emails": [email("a@x.test")]}));
    let path = format!("/Users/{}", scim.post("/Users", one).expect(201).id());
    let add = json!([{"op": "add", "path": "emails", "value": [email("b@x.test")]}]);
    let emails = scim.patch(&path, add).expect(200).json()["emails"].clone();
    let primary = emails.as_array().unwrap().iter().filter(|it| it["primary"] == true);
    assert_eq!(primary.map(|it| &it["value"]).collect::<Vec<_>>(), ["b@x.test"]);
}

#[test]
fn the_same_value_and_type_is_kept_once() {
    // A-028, A-029, H-021, H-022
    let scim = Endpoint::new();
    let email = |kind: &str| json!({"value": "a@x.test", "type": kind});
    let body = user("a", json!({"emails": [email("work"), email("home"), email("work")]}));
    let created = scim.post("/Users", body).expect(201);
    assert_eq!(created.json()["emails"], json!([email("work"), email("home")]));
    let path = format!("/Users/{}", created.id());
    let add = json!([{"op": "add", "path": "emails", "value": [email("home")]}]);
    let patched = scim.patch(&path, add).expect(200);
    assert_eq!(patched.json(), created.json());
    assert_eq!(patched.header("etag"), created.header("etag"));
}

#[test]
fn values_may_be_returned_as_they_were_given() {
    // A-030
    let scim = Endpoint::new();
    let body = user("a", json!({"emails": [{"value": "a@x.test", "type": "WORK"}]}));
    scim.post("/Users", body).expect(201);
    let found = scim.filter("/Users", "emails[type eq \"work\"]").json();
    assert_eq!(found["totalResults"], 1);
}

#[test]
fn unassigned_null_and_empty_are_one_state() {
    // A-031, A-032, U-005, H-039
    let scim = Endpoint::new();
    let full = || {
        user(
            "a",
            json!({
                "nickName": "A", "name": {"givenName": "B"}, "emails": [{"value": "a@x.test"}]
            }),
        )
    };
    let is_bare = |body: &Value| {
        let keys: Vec<_> = body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["id", "meta", "schemas", "userName"]);
    };
    let empty = json!({"nickName": null, "name": {"givenName": null}, "emails": []});
    let bodies = [user("a", empty), user("a", json!({}))];
    let path = format!("/Users/{}", scim.post("/Users", full()).expect(201).id());
    for body in bodies {
        scim.put(&path, full()).expect(200);
        is_bare(&scim.put(&path, body).expect(200).json());
        is_bare(&scim.get(&path).json());
    }
    scim.put(&path, full()).expect(200);
    let clear = json!([{"op": "replace", "value": {"nickName": null, "name": {"givenName": null}}},
        {"op": "replace", "path": "emails", "value": []}]);
    is_bare(&scim.patch(&path, clear).expect(200).json());
    is_bare(&scim.post("/Users", user("b", json!({"title": null, "roles": []}))).json());
}

#[test]
fn missing_primary_means_false() {
    // A-026
    let scim = Endpoint::new();
    scim.post("/Users", user("a", json!({"emails": [{"value": "a@x.test"}]}))).expect(201);
    let found = scim.filter("/Users", "emails[primary eq false]").json();
    assert_eq!(found["totalResults"], 1);
}

#[test]
fn resource_uris_are_compared_without_their_version() {
    // A-027
    let scim = Endpoint::new();
    let member = scim.user("a");
    scim.group("g", &[&member]);
    for base in ["http://scim.test/scim/v2", "http://scim.test/scim"] {
        let filter = format!("members[$ref eq \"{base}/Users/{member}\"]");
        assert_eq!(scim.filter("/Groups", &filter).json()["totalResults"], 1, "{base}");
    }
}

#[test]
fn common_attributes_are_everywhere() {
    // R-008, R-009
    let scim = widget::endpoint();
    let path = widget::widget(&scim, json!({"id": "mine", "externalId": "e"}));
    let shown = scim.get(&path).json();
    assert_ne!(shown["id"], "mine");
    assert_eq!(
        (&shown["externalId"], &shown["meta"]["resourceType"]),
        (&json!("e"), &json!("Widget"))
    );
}
