//! `/Me`, the alias of the caller's own resource (RFC 7644 §3.11).

use http::Method;
use scim_core::{BuildError, DangerouslyUnauthenticated, Me, ScimServer, ScimServerBuilder};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::{
    endpoint::{Answer, BASE, Endpoint, USER},
    watched::trusting,
};

fn endpoint(change: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder) -> Endpoint {
    trusting(MemoryStore::new(), change)
}

fn as_user(scim: &Endpoint, id: &str, method: Method, path: &str, body: Value) -> Answer {
    scim.request(method, path, &[("x-user", id)], body)
}

#[test]
fn it_is_not_offered_unless_switched_on() {
    // M-001, M-005
    let scim = endpoint(|it| it);
    let id = scim.user("babs");
    for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        as_user(&scim, &id, method, "/Me", json!({})).expect_error(501, "");
    }
    let scim = endpoint(|it| it.me(Me::Serve));
    scim.post("/Me", json!({"schemas": [USER], "userName": "x"})).expect_error(501, "");
}

#[test]
fn it_stands_for_the_callers_own_resource() {
    // M-003, M-004, M-006, M-007
    let scim = endpoint(|it| it.me(Me::Serve));
    let [id, other] = ["babs", "other"].map(|name| scim.user(name));
    let location = format!("{BASE}/Users/{id}");
    let me = |method, path: &str, body| as_user(&scim, &id, method, path, body);

    let shown = me(Method::GET, "/Me", json!("")).expect(200);
    assert_eq!(shown.header("location"), location);
    assert_eq!(shown.json()["meta"]["location"], location);
    assert_eq!(shown.json(), scim.get(&format!("/Users/{id}")).json());
    let only = me(Method::GET, "/Me?attributes=userName", json!("")).expect(200).json();
    assert!(only.get("meta").is_none() && only["userName"] == "babs");

    let operations = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "nickName", "value": "B"}],
    });
    let patched = me(Method::PATCH, "/me", operations).expect(200);
    assert_eq!(patched.header("location"), location);
    assert_eq!(patched.json()["nickName"], "B");
    let replaced = me(Method::PUT, "/Me", json!({"schemas": [USER], "userName": "barbara"}));
    assert_eq!(replaced.expect(200).header("location"), location);
    assert_eq!(scim.get(&format!("/Users/{id}")).json()["userName"], "barbara");

    scim.get("/Me").expect_error(404, "");
    as_user(&scim, "nobody", Method::GET, "/Me", json!("")).expect_error(404, "");

    me(Method::DELETE, "/Me", json!("")).expect(204);
    me(Method::GET, "/Me", json!("")).expect_error(404, "");
    assert_eq!(scim.get(&format!("/Users/{other}")).expect(200).json()["userName"], "other");
}

#[test]
fn it_may_lead_to_the_permanent_location() {
    // M-002
    let scim = endpoint(|it| it.me(Me::Redirect));
    let id = scim.user("babs");
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::PATCH, Method::DELETE] {
        let moved = as_user(&scim, &id, method, "/Me?attributes=userName", json!({})).expect(308);
        let expected = format!("{BASE}/Users/{id}?attributes=userName");
        assert_eq!((moved.header("location"), &*moved.text), (&*expected, ""));
    }
    scim.get("/Me").expect_error(404, "");
    scim.get(&format!("/Users/{id}")).expect(200);
}

#[test]
fn callers_may_register_themselves_where_the_host_lets_them() {
    // M-004, M-005
    let scim = endpoint(|it| it.me(Me::Serve).self_registration("User"));
    let body = json!({"schemas": [USER], "userName": "babs"});
    let created = scim.post("/Me", body.clone()).expect(201);
    let id = created.id();
    assert_eq!(created.header("location"), format!("{BASE}/Users/{id}"));
    assert_eq!(as_user(&scim, &id, Method::GET, "/Me", json!("")).expect(200).id(), id);
    as_user(&scim, &id, Method::POST, "/Me", body).expect_error(409, "uniqueness");

    let builder = ScimServer::builder(MemoryStore::new(), DangerouslyUnauthenticated::new());
    let error = builder.self_registration("Robot").build().unwrap_err();
    assert!(matches!(error, BuildError::SelfRegistration(name) if &*name == "Robot"));
}
