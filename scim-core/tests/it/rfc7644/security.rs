//! Authentication, authorization and limits (RFC 7644 §2, §7; RFC 7643 §9).

use http::{Method, Request};
use scim_core::{Access, Actor, BearerTokens, DangerouslyUnauthenticated, Limits, ScimServer};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use super::hosts::{Discreet, by_name};
use crate::endpoint::{Endpoint, user};

#[test]
fn nobody_is_let_in_without_credentials() {
    // Y-001, Y-002, Y-005, D-004
    let scim = Endpoint::new();
    let bare = |path: &str| {
        scim.send(Request::get(format!("/scim/v2{path}")).body(String::new()).unwrap())
    };
    for path in ["/Users", "/Schemas", "/ResourceTypes", "/Me"] {
        let refused = bare(path);
        refused.expect_error(401, "");
        assert!(refused.header("www-authenticate").starts_with("Bearer "), "{path}");
    }
    bare("/ServiceProviderConfig").expect(200);
    let anonymous = ScimServer::builder(MemoryStore::new(), DangerouslyUnauthenticated::new());
    let open = Endpoint::of(anonymous.build().unwrap());
    let request = Request::get("/scim/v2/Users").body(String::new()).unwrap();
    open.send(request).expect(200);
}

#[test]
fn a_caller_that_may_read_may_not_write() {
    // Y-003, Y-004
    let reader = Actor::new("auditor").with_access(Access::Read);
    let tokens = BearerTokens::builder().token("secret", reader).build().unwrap();
    let scim = Endpoint::of(ScimServer::builder(MemoryStore::new(), tokens).build().unwrap());
    scim.get("/Users").expect(200);
    scim.post("/Users", user("a", json!({}))).expect_error(403, "");
    scim.delete("/Users/x").expect_error(403, "");
}

#[test]
fn what_is_sensitive_is_searched_by_post() {
    // F-025, Y-008, E-010
    let scim = Endpoint::with(|builder| builder.policy(Discreet));
    let emails = json!([{"value": "a@x.test"}]);
    scim.post("/Users", user("a", json!({ "emails": emails }))).expect(201);
    for filter in ["emails.value eq \"a@x.test\"", "userName pr and emails[value sw \"a\"]"] {
        scim.filter("/Users", filter).expect_error(403, "sensitive");
        let urn = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
        let search = json!({"schemas": [urn], "filter": filter});
        let found = scim.post("/Users/.search", search).expect(200).json();
        assert_eq!(found["totalResults"], 1, "{filter}");
    }
    assert_eq!(scim.filter("/Users", "userName pr").json()["totalResults"], 1);
}

#[test]
fn guessing_is_slowed_where_the_host_counts() {
    // Y-020, Y-010
    let scim = by_name(|builder| builder.policy(Discreet));
    let guess = [("authorization", "Bearer guesser")];
    scim.request(Method::GET, "/Users", &guess, "").expect_error(429, "");
}

#[test]
fn requests_have_limits() {
    // Y-016
    let mut limits = Limits::default();
    (limits.body, limits.json_depth) = (1000, 5);
    (limits.filter_depth, limits.filter_terms, limits.operations) = (3, 3, 2);
    let scim = Endpoint::with(|builder| builder.limits(limits));
    let path = format!("/Users/{}", scim.user("a"));
    let long = user("b", json!({"displayName": "x".repeat(1000)}));
    scim.post("/Users", long).expect_error(413, "");
    let deep = format!("{}{}", "{\"a\":".repeat(6), "}".repeat(6));
    scim.request_text("/Users", &deep).expect_error(400, "invalidSyntax");
    scim.filter("/Users", "((((title pr))))").expect_error(400, "invalidFilter");
    let many = ["title pr"; 4].join(" or ");
    scim.filter("/Users", &many).expect_error(400, "invalidFilter");
    let operation = json!({"op": "add", "path": "title", "value": "x"});
    scim.patch(&path, json!([operation, operation, operation])).expect_error(413, "");
}

#[test]
fn values_are_values_and_no_code() {
    // Y-012, F-009
    let scim = Endpoint::new();
    let name = "a';--";
    scim.user(name);
    scim.user("b");
    for (filter, total) in [
        ("userName eq \"a';--\"", 1),
        ("userName eq \"' or '1'='1\"", 0),
        ("userName co \"%\"", 0),
        ("userName co \"_\"", 0),
    ] {
        assert_eq!(scim.filter("/Users", filter).json()["totalResults"], total, "{filter}");
    }
}

#[test]
fn no_cookies_are_set() {
    // Y-019
    let scim = Endpoint::new();
    for method in [Method::GET, Method::POST] {
        let answer = scim.request(method, "/Users", &[], Value::from("x"));
        assert_eq!(answer.header("set-cookie"), "");
    }
}
