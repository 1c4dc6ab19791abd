//! Headers and forms of requests that clients send less often.

use http::{Method, Request};
use scim_core::{DangerouslyUnauthenticated, Rules, ScimServer};
use scim_store_memory::MemoryStore;
use serde_json::json;

use crate::endpoint::{BASE, Endpoint, USER};

#[test]
fn a_request_in_absolute_form_names_the_host_itself() {
    // RFC 9112 §3.2.2, T-011
    let scim = Endpoint::new();
    let request = Request::get("https://scim.test/scim/v2/ServiceProviderConfig")
        .header("host", "elsewhere.test")
        .body(String::new())
        .unwrap();
    let location = "https://scim.test/scim/v2/ServiceProviderConfig";
    assert_eq!(scim.send(request).expect(200).json()["meta"]["location"], location);
}

#[test]
fn an_unmodified_resource_is_still_located() {
    // RFC 9110 §15.4.5, V-007
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("bjensen"));
    let etag = scim.get(&path).header("etag").to_owned();
    let known = scim.request(Method::GET, &path, &[("if-none-match", &etag)], "").expect(304);
    assert_eq!(known.header("etag"), etag);
    assert_eq!(known.header("content-location"), format!("{BASE}{path}"));
}

#[test]
fn without_authentication_every_tenant_is_open() {
    let scim = ScimServer::builder(MemoryStore::new(), DangerouslyUnauthenticated::new())
        .base_path("/{tenant}/scim/v2")
        .build()
        .unwrap();
    let request = Request::get("/acme/scim/v2/Users").body(String::new()).unwrap();
    assert_eq!(pollster::block_on(scim.handle(request)).status(), 200);
}

#[test]
fn schemas_are_a_list() {
    //
    let body = json!({"schemas": USER, "userName": "bjensen"});
    let strict = Endpoint::with(|builder| {
        let mut behaviour = scim_core::Behaviour::default();
        behaviour.rules = Rules::strict();
        builder.behaviour(behaviour)
    });
    let detail = strict.post("/Users", body.clone()).expect_error(400, "invalidSyntax");
    assert_eq!(detail, "`schemas`: expected an array of strings, found a string");
    Endpoint::new().post("/Users", body).expect(201);
}
