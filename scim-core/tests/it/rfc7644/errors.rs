//! Errors (RFC 7644 §3.12).

use http::{Method, Request};
use scim_core::{
    Limits, ScimType,
    store::{StoreError, StoreErrorKind},
};
use serde_json::{Value, json};

use super::hosts::by_name;
use crate::{
    endpoint::{Answer, Endpoint, user},
    faulty::Faulty,
};

fn anonymous(scim: &Endpoint, path: &str) -> Answer {
    scim.send(Request::get(format!("/scim/v2{path}")).body(String::new()).unwrap())
}

#[test]
fn every_error_is_a_message() {
    // E-001, E-002, E-003, E-004, E-006, E-008, E-011, E-012, Y-001
    let mut limits = Limits::default();
    limits.body = 200;
    let store = Faulty::new();
    let scim = Endpoint::over(store.clone(), |builder| builder.limits(limits));
    let path = format!("/Users/{}", scim.user("a"));
    let failing = |error: StoreError| {
        *store.0.failure.lock().unwrap() = Some(error);
        scim.get(&path)
    };
    let text = |method: Method, path: &str, headers: &[(&str, &str)], body: &str| {
        scim.request(method, path, headers, body)
    };
    let plain = [("content-type", "text/plain")];
    let cases = [
        (anonymous(&scim, "/Users"), 401, ""),
        (anonymous(&scim, "/Me"), 401, ""),
        (text(Method::GET, "/Nothing", &[], ""), 404, ""),
        (text(Method::GET, "/Users/nobody", &[], ""), 404, ""),
        (text(Method::PUT, "/Users", &[], ""), 405, ""),
        (text(Method::GET, "/Users", &[("accept", "text/html")], ""), 406, ""),
        (scim.post("/Users", user("A", json!({}))), 409, "uniqueness"),
        (text(Method::DELETE, &path, &[("if-match", "\"x\"")], ""), 412, ""),
        (text(Method::POST, "/Users", &[], &" ".repeat(201)), 413, ""),
        (text(Method::POST, "/Users", &plain, "{}"), 415, ""),
        (text(Method::POST, "/Users", &[], "{"), 400, "invalidSyntax"),
        (scim.filter("/Schemas", "id pr"), 403, ""),
        (scim.filter("/Users", "x"), 400, "invalidFilter"),
        (text(Method::POST, "/Users/.search", &[], "{}"), 400, "invalidSyntax"),
        (failing(StoreError::internal("a bug")), 500, ""),
        (failing(StoreErrorKind::Unavailable.into()), 503, ""),
        (failing(StoreErrorKind::StorageFull.into()), 507, ""),
    ];
    for (answer, status, scim_type) in cases {
        answer.expect_error(status, scim_type);
        assert_eq!(answer.header("content-type"), "application/scim+json");
        let body: Value = answer.json();
        let known = ["schemas", "status", "scimType", "detail"];
        assert!(body.as_object().unwrap().keys().all(|key| known.contains(&key.as_str())));
    }
}

#[test]
fn each_kind_goes_with_its_status() {
    // E-004, E-010
    let cases = [
        (ScimType::InvalidFilter, "invalidFilter", 400),
        (ScimType::TooMany, "tooMany", 400),
        (ScimType::Uniqueness, "uniqueness", 409),
        (ScimType::Mutability, "mutability", 400),
        (ScimType::InvalidSyntax, "invalidSyntax", 400),
        (ScimType::InvalidPath, "invalidPath", 400),
        (ScimType::NoTarget, "noTarget", 400),
        (ScimType::InvalidValue, "invalidValue", 400),
        (ScimType::InvalidVers, "invalidVers", 400),
        (ScimType::Sensitive, "sensitive", 403),
    ];
    for (kind, keyword, status) in cases {
        assert_eq!((kind.as_str(), kind.status().as_u16()), (keyword, status));
    }
}

#[test]
fn details_repeat_no_secrets_and_no_other_resources() {
    // E-005, A-037, W-008
    let scim = Endpoint::new();
    let other = scim.user("taken");
    let detail = scim.post("/Users", user("taken", json!({}))).expect_error(409, "uniqueness");
    assert!(!detail.contains(&other), "{detail}");
    let wrong = user("b", json!({"password": ["t1meMa$heen", "t1meMa$heen"]}));
    let answer = scim.post("/Users", wrong);
    answer.expect_error(400, "invalidValue");
    assert!(!answer.text.contains("t1meMa"), "{}", answer.text);
}

#[test]
fn there_are_no_redirects() {
    // E-009
    let scim = Endpoint::new();
    for path in ["/Users", "/Users/", "/Me", "/"] {
        assert!(!scim.get(path).status.is_redirection(), "{path}");
    }
}

#[test]
fn callers_are_told_why_they_are_turned_away() {
    // E-006, Y-004, Y-007, Y-017, Y-020
    let scim = by_name(|builder| builder);
    let as_caller = |token: &str| {
        scim.request(Method::GET, "/Users", &[("authorization", &format!("Bearer {token}"))], "")
    };
    let expired = as_caller("expired");
    expired.expect_error(401, "");
    assert!(expired.header("www-authenticate").contains("invalid_token"));
    as_caller("stranger").expect_error(403, "");
    let hasty = as_caller("hasty");
    hasty.expect_error(503, "");
    assert_eq!(hasty.header("retry-after"), "30");
    as_caller("okta").expect(200);
}
