//! Replacing resources (RFC 7644 §3.5.1).

use http::Method;
use serde_json::{Value, json};

use super::hosts::{Keeper, StoredPasswords, TitlesAreForHr, by_name};
use crate::endpoint::{ENTERPRISE, Endpoint, GROUP, user};

#[test]
fn a_put_replaces_and_never_creates() {
    // U-001, U-002, U-003, U-004, U-011, U-014
    let scim = Endpoint::new();
    let emails = json!([{"value": "a@x.test"}, {"value": "b@x.test"}]);
    let values = json!({"emails": emails, "displayName": "A", ENTERPRISE: {"department": "T"}});
    let path = format!("/Users/{}", scim.post("/Users", user("a", values)).expect(201).id());
    let one = json!([{"value": "c@x.test"}]);
    let replaced = scim.put(&path, user("a", json!({"emails": one}))).expect(200);
    let body = replaced.json();
    assert_eq!(body["emails"], one);
    assert!(body.get("displayName").is_none() && body.get(ENTERPRISE).is_none());
    assert_eq!(body["schemas"].as_array().unwrap().len(), 1);
    assert_eq!(scim.get(&path).json(), body);
    scim.put("/Users/nobody", user("b", json!({}))).expect_error(404, "");
    assert_eq!(scim.get("/Users").json()["totalResults"], 1);
    let group = format!("/Groups/{}", scim.group("g", &[]));
    scim.put(&group, json!({"schemas": [GROUP], "displayName": "h"})).expect(200);
}

#[test]
fn an_identical_put_changes_nothing() {
    // U-013, R-021
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let body = || user("a", json!({"displayName": "A"}));
    let first = scim.put(&path, body()).expect(200);
    let second = scim.put(&path, body()).expect(200);
    assert_eq!((first.json(), first.header("etag")), (second.json(), second.header("etag")));
}

#[test]
fn the_members_become_those_that_are_given() {
    // U-015
    let scim = Endpoint::new();
    let [a, b, c] = ["a", "b", "c"].map(|name| scim.user(name));
    let path = format!("/Groups/{}", scim.group("g", &[&a, &b]));
    let members = json!([{"value": b}, {"value": c}]);
    let body = json!({"schemas": [GROUP], "displayName": "g", "members": members});
    let shown = scim.put(&path, body).expect(200).json()["members"].clone();
    let mut ids: Vec<_> = shown.as_array().unwrap().iter().map(|it| it["value"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    let mut expected = vec![json!(b), json!(c)];
    expected.sort_by_key(Value::to_string);
    assert_eq!(ids, expected);
    for (id, groups) in [(a, 0), (b, 1), (c, 1)] {
        let shown = scim.get(&format!("/Users/{id}")).json();
        assert_eq!(shown["groups"].as_array().map_or(0, Vec::len), groups);
    }
}

#[test]
fn a_password_that_is_left_out_stays() {
    // U-010, W-009, Y-011
    let (keeper, stored) = (Keeper::default(), StoredPasswords::default());
    let scim =
        Endpoint::with(|builder| builder.secret_keeper(keeper.clone()).policy(stored.clone()));
    let short = user("a", json!({"password": "short"}));
    scim.post("/Users", short).expect_error(400, "invalidValue");
    let created = scim.post("/Users", user("a", json!({"password": "t1meMa$heen"}))).expect(201);
    let path = format!("/Users/{}", created.id());
    scim.put(&path, user("a", json!({"displayName": "A"}))).expect(200);
    let digest = Some("digest of 11 letters".to_owned());
    assert_eq!(*stored.0.lock().unwrap(), [digest.clone(), digest]);
    assert_eq!(*keeper.0.lock().unwrap(), ["t1meMa$heen"]);
    let config = scim.get("/ServiceProviderConfig").json();
    assert_eq!(config["changePassword"]["supported"], true);
}

#[test]
fn what_a_caller_cannot_see_it_does_not_clear() {
    // U-016, F-029, Y-013
    let scim = by_name(|builder| builder.policy(TitlesAreForHr));
    let send = |caller: &str, method: Method, path: &str, body: Value| {
        scim.request(method, path, &[("authorization", &format!("Bearer {caller}"))], body)
    };
    let titled = user("a", json!({"title": "Guide"}));
    let path = format!("/Users/{}", send("hr", Method::POST, "/Users", titled).expect(201).id());
    let shown = send("okta", Method::PUT, &path, user("a", json!({}))).expect(200).json();
    assert!(shown.get("title").is_none());
    assert_eq!(send("hr", Method::GET, &path, json!({})).json()["title"], "Guide");
    let probe = "/Users?filter=title+sw+%22G%22";
    send("okta", Method::GET, probe, json!({})).expect_error(400, "invalidFilter");
    assert_eq!(send("hr", Method::GET, probe, json!({})).json()["totalResults"], 1);
}
