//! Versions of the protocol and of resources (RFC 7644 §3.13, §3.14).

use std::{sync::Arc, thread};

use http::{Method, Request};
use serde_json::json;

use crate::endpoint::{BASE, Endpoint, user};

#[test]
fn the_protocol_has_one_version() {
    // V-001, V-002, V-003
    let scim = Endpoint::new();
    scim.user("a");
    let at = |path: &str| {
        let request = Request::get(path).header("host", "scim.test");
        scim.send(request.header("authorization", "Bearer secret").body(String::new()).unwrap())
    };
    for path in ["/scim/v2/Users", "/scim/Users"] {
        let list = at(path).expect(200).json();
        let location = list["Resources"][0]["meta"]["location"].as_str().unwrap();
        assert!(location.starts_with(&format!("{BASE}/Users/")), "{location}");
    }
    for path in ["/scim/v1/Users", "/scim/v3/Users"] {
        at(path).expect_error(400, "invalidVers");
    }
}

#[test]
fn every_answer_of_a_resource_has_its_tag() {
    // V-004, V-005, V-006, V-014, C-015
    let scim = Endpoint::new();
    let created = scim.post("/Users", user("a", json!({}))).expect(201);
    let path = format!("/Users/{}", created.id());
    let change = json!([{"op": "add", "path": "title", "value": "x"}]);
    let answers = [
        created,
        scim.get(&path),
        scim.put(&path, user("a", json!({"displayName": "A"}))),
        scim.patch(&path, change),
    ];
    for answer in answers {
        assert!(answer.header("etag").starts_with("W/\""), "{}", answer.text);
        assert_eq!(answer.header("etag"), answer.json()["meta"]["version"]);
    }
    let tag = scim.get(&path).header("etag").to_owned();
    assert_eq!(scim.get(&format!("{path}?attributes=displayName")).header("etag"), tag);
    assert_eq!(scim.get("/ServiceProviderConfig").json()["etag"]["supported"], true);
}

#[test]
fn conditions_are_kept_weakly() {
    // V-007, V-008, V-009, V-010, V-012
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let get = |tag: &str| scim.request(Method::GET, &path, &[("if-none-match", tag)], "");
    let tag = scim.get(&path).header("etag").to_owned();
    let strong = tag.strip_prefix("W/").unwrap().to_owned();
    for known in [tag.as_str(), &strong, "*", &format!("\"x\", {tag}")] {
        let unchanged = get(known).expect(304);
        assert_eq!((unchanged.text.as_str(), unchanged.header("etag")), ("", tag.as_str()));
    }
    get("W/\"x\"").expect(200);
    let put =
        |tag: &str| scim.request(Method::PUT, &path, &[("if-match", tag)], user("a", json!({})));
    for known in [tag.as_str(), &strong, "*", &format!("\"x\", {tag}")] {
        put(known).expect(200);
    }
    put("W/\"x\"").expect_error(412, "");
    let change = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "title", "value": "x"}]
    });
    let patch = |tag: &str| scim.request(Method::PATCH, &path, &[("if-match", tag)], &change);
    patch("W/\"x\"").expect_error(412, "");
    patch(&tag).expect(200);
    patch(&tag).expect_error(412, "");
}

#[test]
fn of_two_writers_with_one_tag_one_wins() {
    // V-011, A-043
    let scim = Arc::new(Endpoint::new());
    let path = format!("/Users/{}", scim.user("a"));
    let tag = scim.get(&path).header("etag").to_owned();
    let writers: Vec<_> = (0..4)
        .map(|number| {
            let (scim, path, tag) = (scim.clone(), path.clone(), tag.clone());
            thread::spawn(move || {
                let body = user("a", json!({"displayName": number.to_string()}));
                scim.request(Method::PUT, &path, &[("if-match", &tag)], body).status.as_u16()
            })
        })
        .collect();
    let mut statuses: Vec<_> = writers.into_iter().map(|it| it.join().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412]);

    let creators: Vec<_> = (0..4)
        .map(|_| {
            let scim = scim.clone();
            thread::spawn(move || scim.post("/Users", user("b", json!({}))).status.as_u16())
        })
        .collect();
    let mut statuses: Vec<_> = creators.into_iter().map(|it| it.join().unwrap()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
}

#[test]
fn a_tag_covers_the_resource_and_not_its_groups() {
    // V-013
    let scim = Endpoint::new();
    let member = scim.user("a");
    let path = format!("/Users/{member}");
    let before = scim.get(&path).header("etag").to_owned();
    scim.group("g", &[&member]);
    let after = scim.get(&path);
    assert_eq!(after.json()["groups"].as_array().unwrap().len(), 1);
    assert_eq!(after.header("etag"), before);
}
