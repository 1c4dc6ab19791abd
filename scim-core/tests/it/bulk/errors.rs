//! Requests and operations that are refused, and what that leaves of the others.

use scim_core::{BuildError, Limits, ScimServer};
use serde_json::json;

use super::*;

#[test]
fn other_messages_are_refused() {
    // B-002, B-004
    let scim = Endpoint::new();
    let operation = user("a", "alice");
    let cases = [
        (json!({"Operations": [operation]}), "invalidSyntax"),
        (json!({"schemas": [PATCH_OP], "Operations": [operation]}), "invalidSyntax"),
        (json!({"schemas": [REQUEST]}), "invalidSyntax"),
        (json!({"schemas": [REQUEST], "Operations": operation}), "invalidSyntax"),
        (json!([operation]), "invalidSyntax"),
        (json!({"schemas": [REQUEST], "Operations": [], "failOnErrors": 0}), "invalidSyntax"),
        (json!({"schemas": [REQUEST], "Operations": [], "failOnErrors": "1"}), "invalidSyntax"),
        (message(json!([operation, user("a", "other")])), "invalidValue"),
    ];
    for (body, scim_type) in cases {
        send(&scim, body).expect_error(400, scim_type);
    }
    assert_eq!(users(&scim), 0);
    // RFC 7643 §2.1: names of members are in any case. Nothing to do is done.
    let lower = json!({"SCHEMAS": [REQUEST], "operations": [], "failonerrors": null});
    assert!(answered(&send(&scim, lower).expect(200)).is_empty());
}

#[test]
fn malformed_operations_fail_alone() {
    // B-003, B-004, B-005, B-006, B-007, B-008, B-013, B-014, B-026
    let scim = Endpoint::new();
    let alice = scim.user("alice");
    let path = format!("/Users/{alice}");
    let data = json!({"schemas": [USER], "userName": "x"});
    let post = |path: &str| json!({"method": "POST", "path": path, "bulkId": path, "data": data});
    let cases = [
        (json!("POST"), "400"),
        (json!({"path": "/Users", "bulkId": "m", "data": data}), "400"),
        (json!({"method": "GET", "path": path}), "400"),
        (json!({"method": 1, "path": path}), "400"),
        (json!({"method": "POST", "bulkId": "p", "data": data}), "400"),
        (json!({"method": "POST", "path": "/Users", "data": data}), "400"),
        (json!({"method": "POST", "path": "/Users", "bulkId": "d"}), "400"),
        (json!({"method": "PUT", "path": path}), "400"),
        (json!({"method": "PATCH", "path": path, "data": [{"op": "remove"}]}), "400"),
        (json!({"method": "PATCH", "path": path, "data": data}), "400"),
        (json!({"method": "DELETE", "path": path, "version": "7"}), "400"),
        (post("/Users/1"), "400"),
        (post("http://scim.test/scim/v2/Users"), "400"),
        (post("../Users"), "400"),
        (post("/../Users"), "400"),
        (post("/Users?attributes=id"), "400"),
        (post("/Users//"), "400"),
        (post("/Bulk"), "400"),
        (post("/Me"), "400"),
        (post("/Users/.search"), "400"),
        (post("/Schemas"), "400"),
        (post("/ServiceProviderConfig"), "400"),
        (post("/Nothing"), "404"),
        (post("/scim/v2/Users"), "404"),
        (json!({"method": "DELETE", "path": "/Users"}), "400"),
        (json!({"method": "DELETE", "path": "/"}), "400"),
        (delete("/Users/nobody"), "404"),
        (user("taken", "ALICE"), "409"),
    ];
    let (operations, expected): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    let answers = bulk(&scim, json!(operations));
    for ((sent, expected), answer) in operations.iter().zip(&expected).zip(&answers) {
        assert_eq!(answer["status"], *expected, "{sent}");
        let is_of_alice = sent["path"] == path;
        let location = is_of_alice.then(|| format!("{BASE}{path}"));
        if sent["method"] != "DELETE" {
            assert_eq!(answer.get("location").map(|it| it.as_str().unwrap().to_owned()), location);
        }
    }
    assert_eq!(answers.len(), operations.len());
    assert_eq!(answers[26]["location"], format!("{BASE}/Users/nobody"));
    assert_eq!((&answers[27]["bulkId"], &answers[27]["method"]), (&json!("taken"), &json!("POST")));
    assert_eq!(answers[27]["response"]["scimType"], "uniqueness");
    assert_eq!(users(&scim), 1);
}

#[test]
fn what_is_in_excess_is_refused_before_anything_is_done() {
    // B-022, B-023
    let mut limits = Limits::default();
    (limits.bulk_operations, limits.bulk_payload) = (3, 1000);
    let scim = Endpoint::with(|builder| builder.limits(limits));
    let many: Vec<_> = (0..4).map(|it| user(&it.to_string(), &format!("user{it}"))).collect();
    let detail = send(&scim, message(json!(many))).expect_error(413, "");
    assert!(detail.contains('3') && detail.contains("maxOperations"), "{detail}");
    let long = message(json!([user("a", &"x".repeat(1000))]));
    let detail = send(&scim, long).expect_error(413, "");
    assert!(detail.contains("1000") && detail.contains("maxPayloadSize"), "{detail}");
    assert_eq!(users(&scim), 0);
    assert_eq!(statuses(&bulk(&scim, json!(many[..3]))), ["201"; 3]);
}

#[test]
fn a_body_that_is_too_long_is_not_read_to_its_end() {
    // B-023
    use std::{convert::Infallible, pin::Pin, task};

    use http_body::{Body, Frame};
    use scim_core::{Actor, BearerTokens};
    use scim_store_memory::MemoryStore;

    struct Endless(usize);

    impl Body for Endless {
        type Data = bytes::Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut task::Context<'_>,
        ) -> task::Poll<Option<Result<Frame<bytes::Bytes>, Infallible>>> {
            self.0 += 1;
            assert!(self.0 < 100, "read on beyond the limit");
            let chunk = bytes::Bytes::from_static(&[b' '; 1 << 15]);
            task::Poll::Ready(Some(Ok(Frame::data(chunk))))
        }
    }

    let tokens = BearerTokens::builder().token("secret", Actor::new("idp")).build().unwrap();
    let scim = ScimServer::builder(MemoryStore::new(), tokens).build().unwrap();
    let request = http::Request::post("/scim/v2/Bulk").header("authorization", "Bearer secret");
    let response = pollster::block_on(scim.handle(request.body(Endless(0)).unwrap()));
    assert_eq!(response.status(), 413);
}

#[test]
fn limits_of_zero_are_refused() {
    let tokens = || {
        scim_core::BearerTokens::builder()
            .token("secret", scim_core::Actor::new("idp"))
            .build()
            .unwrap()
    };
    let set: [fn(&mut Limits); 2] = [|it| it.bulk_operations = 0, |it| it.bulk_payload = 0];
    for set in set {
        let mut limits = Limits::default();
        set(&mut limits);
        let store = scim_store_memory::MemoryStore::new();
        let built = ScimServer::builder(store, tokens()).limits(limits).build();
        assert!(matches!(built, Err(BuildError::ZeroLimit(_))));
    }
}

#[test]
fn the_job_ends_after_as_many_errors_as_are_accepted() {
    // B-008, B-009, B-010, B-027
    let jobs = |fail_on_errors: Option<u64>| {
        let scim = Endpoint::new();
        let operations = json!([
            user("a", "alice"),
            delete("/Users/nobody"),
            user("b", "bob"),
            user("c", "BOB"),
            delete("/Groups/nothing"),
            user("d", "dora"),
        ]);
        let mut request = message(operations);
        if let Some(limit) = fail_on_errors {
            request["failOnErrors"] = json!(limit);
        }
        let answer = send(&scim, request).expect(200);
        let statuses: Vec<_> =
            answered(&answer).iter().map(|it| it["status"].as_str().unwrap().to_owned()).collect();
        (statuses.join(" "), users(&scim))
    };
    let all = "201 404 201 409 404 201";
    let cases = [
        (None, all, 3),
        (Some(1), "201 404", 1),
        (Some(2), "201 404 201 409", 2),
        (Some(3), "201 404 201 409 404", 2),
        (Some(4), all, 3),
        (Some(u64::MAX), all, 3),
    ];
    for (limit, statuses, users) in cases {
        assert_eq!(jobs(limit), (statuses.to_owned(), users), "{limit:?}");
    }
}

#[test]
fn a_version_is_a_condition() {
    // B-015
    let scim = Endpoint::new();
    let alice = scim.user("alice");
    let path = format!("/Users/{alice}");
    let current = scim.get(&path).header("etag").to_owned();
    let with = |mut operation: Value, version: &str| {
        operation["version"] = version.into();
        operation
    };
    let operations = json!([
        with(put(&path, "al"), "W/\"other\""),
        with(put(&path, "al"), &current),
        with(put(&path, "ally"), &current),
        with(delete(&path), &current),
        with(delete(&path), "*"),
    ]);
    let answers = bulk(&scim, operations);
    assert_eq!(statuses(&answers), ["412", "200", "412", "412", "204"]);
}
