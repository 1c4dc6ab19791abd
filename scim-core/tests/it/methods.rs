//! Methods that a host switches off for resources of a type (RFC 7644 §3.2, T-007).

use http::Method;
use scim_core::{BuildError, DangerouslyUnauthenticated, Me, Methods, ScimServer};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::{
    endpoint::{Endpoint, GROUP, USER, user},
    watched::trusting,
};

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// Users are never deleted, groups only read.
fn guarded() -> Endpoint {
    Endpoint::with(|it| {
        it.methods("User", Methods::all().without(&Method::DELETE))
            .methods("Group", Methods::only([Method::GET]))
    })
}

fn allow(scim: &Endpoint, method: Method, path: &str) -> Option<String> {
    let answer = scim.request(method.clone(), path, &[], "{}");
    if answer.status != 405 {
        return None;
    }
    if method != Method::HEAD {
        answer.expect_error(405, "");
    }
    Some(answer.header("allow").to_owned())
}

#[test]
fn what_is_switched_off_is_405_and_not_in_allow() {
    // T-007
    let scim = guarded();
    let one = "GET, HEAD, PUT, PATCH";
    let cases = [
        (Method::DELETE, "/Users/1", Some(one)),
        (Method::POST, "/Users/1", Some(one)),
        (Method::PATCH, "/Users/1", None),
        (Method::POST, "/Users", None),
        (Method::PUT, "/Users", Some("GET, HEAD, POST")),
        (Method::POST, "/Groups", Some("GET, HEAD")),
        (Method::PUT, "/Groups/1", Some("GET, HEAD")),
        (Method::DELETE, "/Groups/1", Some("GET, HEAD")),
        (Method::HEAD, "/Groups", None),
        (Method::GET, "/Groups/1", None),
        (Method::POST, "/Groups/.search", None),
        (Method::POST, "/Bulk", None),
    ];
    for (method, path, expected) in cases {
        let found = allow(&scim, method.clone(), path);
        assert_eq!(found.as_deref(), expected, "{method} {path}");
    }
}

#[test]
fn reading_is_one_switch() {
    let scim = Endpoint::with(|it| it.methods("User", Methods::all().without(&Method::GET)));
    let id = scim.user("bjensen");
    scim.group("guides", &[&id]);
    assert_eq!(allow(&scim, Method::GET, "/Users").as_deref(), Some("POST"));
    assert_eq!(allow(&scim, Method::HEAD, "/Users").as_deref(), Some("POST"));
    let one = allow(&scim, Method::GET, &format!("/Users/{id}"));
    assert_eq!(one.as_deref(), Some("PUT, PATCH, DELETE"));
    assert_eq!(allow(&scim, Method::POST, "/Users/.search").as_deref(), Some(""));
    // Among the resources of all types there are none of this one.
    for found in [
        scim.get("/"),
        scim.post(
            "/.search",
            json!({"schemas": [
                "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
            ]}),
        ),
    ] {
        let found = found.expect(200).json();
        assert_eq!(
            (&found["totalResults"], &found["Resources"][0]["displayName"]),
            (&json!(1), &json!("guides"))
        );
    }
}

#[test]
fn operations_of_a_bulk_request_are_held_to_it_too() {
    let scim = guarded();
    let id = scim.user("bjensen");
    let operations = json!([
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": user("babs", json!({}))},
        {"method": "DELETE", "path": format!("/Users/{id}")},
        {"method": "POST", "path": "/Groups", "bulkId": "b",
            "data": {"schemas": [GROUP], "displayName": "guides"}},
    ]);
    let body = json!({"schemas": [BULK], "Operations": operations});
    let answer = scim.post("/Bulk", body).expect(200).json();
    let operations = answer["Operations"].as_array().unwrap().iter();
    let statuses: Vec<_> = operations.map(|it| it["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201", "405", "405"]);
    scim.get(&format!("/Users/{id}")).expect(200);
}

#[test]
fn the_alias_of_a_user_is_as_the_user() {
    // RFC 7644 §3.11
    let scim = trusting(MemoryStore::new(), |it| {
        let methods = Methods::all().without(&Method::DELETE).without(&Method::POST);
        it.me(Me::Serve).self_registration("User").methods("User", methods)
    });
    for (method, expected) in
        [(Method::DELETE, "GET, HEAD, PUT, PATCH"), (Method::POST, "GET, HEAD")]
    {
        let as_user: &[_] = if method == Method::POST { &[] } else { &[("x-user", "1")] };
        let refused = scim.request(method, "/Me", as_user, "{}");
        refused.expect_error(405, "");
        assert_eq!(refused.header("allow"), expected);
    }
}

#[test]
fn discovery_promises_only_what_is_on() {
    // D-006, D-007
    let features = |methods: &[(&str, Methods)]| {
        let scim = Endpoint::with(|it| {
            methods.iter().fold(it, |it, (name, methods)| it.methods(*name, methods.clone()))
        });
        let config = scim.get("/ServiceProviderConfig").expect(200).json();
        ["patch", "bulk", "filter", "sort"]
            .map(|name| config[name]["supported"] == Value::Bool(true))
    };
    let all = || Methods::all();
    let get = || Methods::only([Method::GET]);
    let no_patch = || Methods::all().without(&Method::PATCH);
    assert_eq!(features(&[]), [true, true, true, true]);
    assert_eq!(features(&[("User", no_patch()), ("Group", all())]), [true, true, true, true]);
    assert_eq!(features(&[("User", no_patch()), ("Group", get())]), [false, true, true, true]);
    assert_eq!(features(&[("User", get()), ("Group", get())]), [false, false, true, true]);
    let write = || Methods::only([Method::POST]);
    assert_eq!(features(&[("User", write()), ("Group", write())]), [false, true, false, false]);
}

#[test]
fn what_is_off_for_every_type_is_501() {
    // D-005, H-001, E-008
    let off = |methods: Methods| {
        let scim =
            Endpoint::with(|it| it.methods("User", methods.clone()).methods("Group", methods));
        let config = scim.get("/ServiceProviderConfig").expect(200).json();
        let supported = |name: &str| config[name]["supported"] == Value::Bool(true);
        let statuses =
            [(Method::PATCH, "/Users/1"), (Method::POST, "/Bulk"), (Method::POST, "/.search")]
                .map(|(method, path)| scim.request(method, path, &[], "{}").status.as_u16());
        (["patch", "bulk", "filter"].map(supported), statuses)
    };
    let all = Methods::all;
    assert_eq!(off(all()), ([true; 3], [400; 3]));
    assert_eq!(off(all().without(&Method::PATCH)), ([false, true, true], [501, 400, 400]));
    assert_eq!(off(Methods::only([Method::GET])), ([false, false, true], [501, 501, 400]));
    assert_eq!(off(Methods::only([Method::POST])), ([false, true, false], [501, 400, 501]));
}

#[test]
fn methods_are_chosen_for_types_that_are_served() {
    let server = ScimServer::builder(MemoryStore::new(), DangerouslyUnauthenticated::new());
    let error = server.methods("Device", Methods::all()).build().unwrap_err();
    assert!(matches!(error, BuildError::Methods(_)), "{error}");
    assert_eq!(error.to_string(), "methods are chosen for `Device`, which is no resource type");
}

#[test]
fn servers_over_one_store_differ() {
    let store = std::sync::Arc::new(MemoryStore::new());
    let provisioning = Endpoint::over(store.clone(), |it| it);
    let reading = Endpoint::over(store, |it| it.methods("User", Methods::only([Method::GET])));
    let id = provisioning.user("bjensen");
    reading.get(&format!("/Users/{id}")).expect(200);
    let body = json!({"schemas": [USER], "userName": "babs"});
    reading.post("/Users", body.clone()).expect_error(405, "");
    provisioning.post("/Users", body).expect(201);
}
