//! Versions, formats and methods.

use http::{Method, Request};
use scim_core::scim11::{Scim11, Suffixes, Unversioned};
use serde_json::json;

use super::{One, expect_error};
use crate::endpoint::{Endpoint, USER};

fn status_of(endpoint: &Endpoint, path: &str) -> (u16, String) {
    let request = Request::get(path).header("authorization", "Bearer secret");
    let answer = endpoint.send(request.body(String::new()).unwrap());
    (answer.status.as_u16(), answer.header("content-type").to_owned())
}

#[test]
fn the_version_segment_decides() {
    // 2.1
    let (one, two) = ("application/json", "application/scim+json");
    let both = |scim11: &str, base: &str| {
        let (scim11, base) = (scim11.to_owned(), base.to_owned());
        Endpoint::with(|builder| builder.base_path(base).scim11(Scim11::at(scim11)))
    };
    let cases = [
        ("/scim/v1", "/scim/v2", "/scim/v1/Users", 200, one),
        ("/scim/v1", "/scim/v2", "/scim/v2/Users", 200, two),
        ("/scim/v1", "/scim/v2", "/scim/Users", 200, two),
        ("/scim/v1", "/scim/v2", "/scim/v3/Users", 400, two),
        ("/scim/v1", "/scim/v2", "/scim/v1.1/Users", 400, two),
        ("/scim/v1", "/scim/v2", "/elsewhere", 404, two),
        ("/scim/v1", "/scim", "/scim/v1/Users", 200, one),
        ("/scim/v1", "/scim", "/scim/Users", 200, two),
        ("/old/v1", "/scim/v2", "/old/v1/Users", 200, one),
        ("/old/v1", "/scim/v2", "/old/Users", 200, one),
        ("/old/v1", "/scim/v2", "/old/v2/Users", 404, two),
        ("/1", "/2", "/1/Users", 200, one),
        ("/1", "/2", "/2/Users", 200, two),
        ("/1", "/", "/1/Users", 200, one),
        ("/1", "/", "/Users", 200, two),
    ];
    for (scim11, base, path, status, media_type) in cases {
        let found = status_of(&both(scim11, base), path);
        assert_eq!(found, (status, media_type.to_owned()), "{path} at {scim11} and {base}");
    }
    let preferred = Scim11::at("/scim/v1").unversioned(Unversioned::One);
    let endpoint = Endpoint::with(|builder| builder.scim11(preferred));
    assert_eq!(status_of(&endpoint, "/scim/Users").1, one);
    assert_eq!(status_of(&endpoint, "/scim/v2/Users").1, two);
}

#[test]
fn a_base_path_of_another_version_is_refused() {
    use scim_core::{BuildError, DangerouslyUnauthenticated, ScimServer};
    use scim_store_memory::MemoryStore;
    let build = |base: &str| {
        let open = DangerouslyUnauthenticated::new();
        ScimServer::builder(MemoryStore::new(), open).scim11(Scim11::at(base)).build()
    };
    assert!(matches!(build("/scim/v2"), Err(BuildError::BasePath(_))));
    assert!(build("/scim/v1").is_ok());
}

#[test]
fn a_body_of_the_other_version_is_told_so() {
    // 2.1: the URNs are a hint for the message alone
    let scim = One::new();
    let body = json!({"schemas": [USER], "userName": "babs"});
    let description = expect_error(&scim.post("/Users", body), 400);
    assert!(description.contains("SCIM 2.0"), "{description}");
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": false}],
    });
    let id = scim.user("babs", json!({}));
    expect_error(&scim.patch(&format!("/Users/{id}"), patch), 400);
}

#[test]
fn only_the_endpoints_of_1_1_are_there() {
    // 1, 6.4
    let scim = One::new();
    let id = scim.user("babs", json!({}));
    for path in
        ["/Users", "/Groups", "/ServiceProviderConfigs", "/Schemas", &format!("/Users/{id}")]
    {
        scim.get(path).expect(200);
    }
    for path in
        ["", "/ServiceProviderConfig", "/ResourceTypes", "/Me", "/.search", "/Users/.search"]
    {
        assert!(!expect_error(&scim.get(path), 404).is_empty(), "{path}");
    }
    let refused = scim.request(Method::DELETE, "/Users", &[], "");
    expect_error(&refused, 405);
    assert_eq!(refused.header("allow"), "GET, HEAD, POST");
    expect_error(&scim.request(Method::POST, "/Users/.search", &[], "{}"), 405);
}

#[test]
fn the_answer_is_json() {
    // 2.2, 2.4
    let scim = One::new();
    let cases = [
        (None, 200),
        (Some("*/*"), 200),
        (Some("application/json"), 200),
        (Some("application/json;charset=utf-8"), 200),
        (Some("application/xml, application/json;q=0.1"), 200),
        (Some("application/xml"), 406),
        (Some("application/scim+json"), 406),
        (Some("text/html"), 406),
    ];
    for (accept, status) in cases {
        let headers: Vec<_> = accept.iter().map(|accept| ("accept", *accept)).collect();
        let answer = scim.request(Method::GET, "/Users", &headers, "");
        assert_eq!(answer.status, status, "{accept:?}");
        assert_eq!(answer.header("content-type"), "application/json", "{accept:?}");
    }
}

#[test]
fn a_pinned_media_type_is_of_2_0() {
    let scim = One::with(
        |it| it,
        |builder| builder.profile(&"media-type=application/scim+json".parse().unwrap()),
    );
    assert_eq!(scim.get("/Users").header("content-type"), "application/json");
}

#[test]
fn a_suffix_goes_before_accept() {
    // 2.2
    let scim = One::new();
    let id = scim.user("babs", json!({}));
    let accept = [("accept", "application/xml")];
    for path in ["/Users.json", "/ServiceProviderConfigs.json", &format!("/Users/{id}.json")] {
        scim.request(Method::GET, path, &accept, "").expect(200);
    }
    let accept = [("accept", "application/json")];
    expect_error(&scim.request(Method::GET, "/Users.xml", &accept, ""), 406);
    expect_error(&scim.get("/Nothing.json"), 404);
    expect_error(&scim.get("/Users/.json"), 404);

    let scim = One::at(|it| it.suffixes(Suffixes::Ignored));
    let id = scim.user("babs", json!({}));
    expect_error(&scim.get(&format!("/Users/{id}.json")), 404);
    expect_error(&scim.get("/Users.json"), 404);
}

#[test]
fn requests_are_json() {
    // 2.3
    let scim = One::new();
    let cases = [
        ("application/json", 201),
        ("application/json; charset=utf-8", 201),
        ("application/xml", 415),
        ("text/xml", 415),
        ("text/plain", 415),
    ];
    for (index, (media_type, status)) in cases.into_iter().enumerate() {
        let body = json!({"userName": format!("user{index}")});
        let headers = [("content-type", media_type)];
        let answer = scim.request(Method::POST, "/Users", &headers, body);
        assert_eq!(answer.status, status, "{media_type}: {}", answer.text);
    }
}

#[test]
fn a_post_can_stand_for_another_method() {
    // 2.5
    let scim = One::new();
    let id = scim.user("babs", json!({"nickName": "B"}));
    let path = format!("/Users/{id}");
    let overridden = |method: &str, body: &str| {
        scim.request(Method::POST, &path, &[("x-http-method-override", method)], body)
    };
    let changed = overridden("patch", r#"{"nickName": "Babs"}"#).expect(200);
    assert_eq!(changed.json()["nickName"], "Babs");
    let changed = overridden("PUT", r#"{"userName": "babs"}"#).expect(200);
    assert!(changed.json().get("nickName").is_none());
    for method in ["GET", "POST", "HEAD", "nothing", ""] {
        expect_error(&overridden(method, "{}"), 400);
    }
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let headers = [("x-http-method-override", "DELETE")];
        expect_error(&scim.request(method, &path, &headers, "{}"), 400);
    }
    // Not in 2.0.
    let two = scim.two.request(Method::POST, &path, &[("x-http-method-override", "DELETE")], "");
    assert_eq!(two.status, 405);
    overridden("DELETE", "").expect(200);
    expect_error(&scim.get(&path), 404);
}

#[test]
fn authorization_sees_the_method_that_is_meant() {
    // 2.5
    use scim_core::{Access, Actor, BearerTokens, ScimServer};
    use scim_store_memory::MemoryStore;
    let reader = Actor::new("reader").with_access(Access::Read);
    let tokens = BearerTokens::builder().token("secret", reader).build().unwrap();
    let server = ScimServer::builder(MemoryStore::new(), tokens)
        .scim11(Scim11::at("/scim/v1"))
        .build()
        .unwrap();
    let scim = One { two: Endpoint::of(server) };
    let headers = [("x-http-method-override", "DELETE")];
    expect_error(&scim.request(Method::POST, "/Users/1", &headers, ""), 403);
}

#[test]
fn unknown_parameters_mean_nothing() {
    // 2.6, 4.3, 6.4
    let scim = One::new();
    let id = scim.user("babs", json!({"nickName": "B"}));
    for query in ["whatever=1", "excludedAttributes=nickName", "cursor=x", "cursor=&startIndex=1"] {
        let list = scim.get(&format!("/Users?{query}")).expect(200).json();
        assert_eq!(list["Resources"][0]["nickName"], "B", "{query}");
        let user = scim.get(&format!("/Users/{id}?{query}")).expect(200).json();
        assert_eq!(user["nickName"], "B", "{query}");
    }
    let both = format!("/Users/{id}?attributes=userName&excludedAttributes=userName");
    assert_eq!(scim.get(&both).expect(200).json()["userName"], "babs");
}
