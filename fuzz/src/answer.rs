//! What every answer of a service provider is like, whatever was asked (RFC 7644 §3.12).

use http::Method;
use serde_json::{Value, json};

use crate::endpoint::Answer;

/// Statuses with which a store in memory lets a request be answered: never 5xx but for what is
/// not offered.
const STATUSES: [u16; 16] =
    [200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 428, 501];

const SCIM_TYPES: [(&str, u16); 10] = [
    ("invalidFilter", 400),
    ("tooMany", 400),
    ("uniqueness", 409),
    ("mutability", 400),
    ("invalidSyntax", 400),
    ("invalidPath", 400),
    ("noTarget", 400),
    ("invalidValue", 400),
    ("invalidVers", 400),
    ("invalidCursor", 400),
];

/// Status, headers and body fit each other and the request (T-013, T-014, E-001).
pub(crate) fn check(method: &Method, answer: &Answer) {
    let status = answer.status.as_u16();
    assert!(STATUSES.contains(&status), "{status} {}", answer.text());
    if status == 405 {
        assert!(answer.headers.contains_key("allow"), "405 without Allow");
    }
    if method == Method::HEAD || status == 204 || status == 304 {
        assert!(answer.body.is_empty(), "{method} {status} with a body");
        return;
    }
    check_headers(answer);
    let body = answer.json();
    match status {
        400.. => check_error(status, body),
        201 => check_created(answer, body),
        _ if body.get("Resources").is_some() => check_list(body),
        _ => assert!(body.is_object(), "{body}"),
    }
}

fn check_headers(answer: &Answer) {
    let header = |name: &str| answer.headers.get(name).map(|value| value.as_bytes());
    let kind = header("content-type");
    assert!(matches!(kind, Some(b"application/scim+json" | b"application/json")), "{kind:?}");
    if let Some(length) = header("content-length") {
        assert_eq!(length, answer.body.len().to_string().as_bytes());
    }
}

fn check_error(status: u16, body: &Value) {
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(body["status"], status.to_string());
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    if let Some(scim_type) = body.get("scimType") {
        let known = SCIM_TYPES.iter().any(|(name, of)| scim_type == name && *of == status);
        assert!(known, "{body}");
    }
}

fn check_created(answer: &Answer, body: &Value) {
    assert!(body["id"].as_str().is_some_and(|id| !id.is_empty()), "{body}");
    let location = answer.headers.get("location").expect("a location").as_bytes();
    if let Some(meta) = body["meta"]["location"].as_str() {
        assert_eq!(meta.as_bytes(), location);
    }
    assert!(!answer.version().is_empty(), "201 without a version");
}

fn check_list(body: &Value) {
    let listed = body["Resources"].as_array().expect("an array").len() as u64;
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
    assert_eq!(body["itemsPerPage"], listed);
    let first = body["startIndex"].as_u64().expect("startIndex");
    let total = body["totalResults"].as_u64().expect("totalResults");
    assert!(first >= 1, "{body}");
    assert!(listed == 0 || first - 1 + listed <= total, "{first} {listed} {total}");
}
