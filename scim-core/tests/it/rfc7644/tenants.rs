//! Tenants (RFC 7644 §6).

use std::sync::Arc;

use http::Method;
use scim_core::{Actor, BearerTokens, ScimServer, store::Tenant};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::{
    endpoint::{Answer, Endpoint, user},
    isolation::tenants_are_isolated,
};

/// A server whose callers belong to the tenants `a` and `b`.
fn two_tenants(base_path: &str) -> Endpoint {
    let tokens = ["a", "b"].iter().fold(BearerTokens::builder(), |tokens, name| {
        tokens.token(name, Actor::new(*name).in_tenant(Tenant::new(*name)))
    });
    let builder = ScimServer::builder(MemoryStore::new(), tokens.build().unwrap());
    Endpoint::of(builder.base_path(base_path).build().unwrap())
}

fn call(scim: &Endpoint, caller: &str, method: Method, path: &str, body: Value) -> Answer {
    scim.request(method, path, &[("authorization", &format!("Bearer {caller}"))], body)
}

#[test]
fn tenants_see_nothing_of_each_other() {
    // N-001, N-005, N-006, N-007, N-008, R-010, R-015, Y-015
    let scim = two_tenants("/scim/v2");
    let body = || user("x", json!({"externalId": "e"}));
    let create =
        |caller: &str| call(&scim, caller, Method::POST, "/Users", body()).expect(201).id();
    let (one, other) = (create("a"), create("b"));
    assert_ne!(one, other);
    call(&scim, "a", Method::POST, "/Users", body()).expect_error(409, "uniqueness");
    for filter in ["externalId+eq+%22e%22", "userName+pr+or+id+pr"] {
        let query = format!("/Users?filter={filter}");
        let found = call(&scim, "a", Method::GET, &query, json!({})).expect(200).json();
        assert_eq!(found["totalResults"], 1, "{filter}");
        assert_eq!(found["Resources"][0]["id"], one, "{filter}");
    }
    let path = format!("/Users/{other}");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        call(&scim, "a", method, &path, body()).expect_error(404, "");
    }
    let member = json!([{"value": other}]);
    let group = json!({"displayName": "g", "members": member});
    call(&scim, "a", Method::POST, "/Groups", group).expect_error(400, "invalidValue");
}

#[test]
fn a_path_may_name_the_tenant() {
    // N-002, N-003, N-004
    let scim = two_tenants("/scim/v2/{tenant}");
    let list = |caller: &str, tenant: &str| {
        call(&scim, caller, Method::GET, &format!("/{tenant}/Users"), json!({})).status.as_u16()
    };
    assert_eq!((list("a", "a"), list("b", "b")), (200, 200));
    assert_eq!((list("a", "b"), list("b", "nobody")), (403, 403));
}

#[test]
fn nothing_that_tenants_do_reaches_another() {
    // N-001, N-005, N-006, N-007, N-008, Y-015
    tenants_are_isolated(100, || Arc::new(MemoryStore::new()));
}

#[test]
fn a_server_without_tenants_has_a_nameless_one() {
    // N-001
    let scim = Endpoint::new();
    scim.user("a");
    assert_eq!(scim.get("/Users").expect(200).json()["totalResults"], 1);
}
