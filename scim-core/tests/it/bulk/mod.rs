//! Several writes in one request (RFC 7644 §3.7).

mod atomic;
mod circles;
mod equivalence;
mod errors;
mod hooks;
mod references;
mod rfc7644;
mod together;

use http::Method;
use serde_json::{Value, json};

use crate::endpoint::{Answer, BASE, Endpoint, GROUP, USER};

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

fn message(operations: Value) -> Value {
    json!({"schemas": [REQUEST], "Operations": operations})
}

fn send(scim: &Endpoint, message: Value) -> Answer {
    scim.request(Method::POST, "/Bulk", &[], message)
}

/// The operations of the answer to these, which was 200.
#[track_caller]
fn bulk(scim: &Endpoint, operations: Value) -> Vec<Value> {
    answered(&send(scim, message(operations)).expect(200))
}

/// Checks what all answers have in common (B-002, B-007, B-012, B-013, B-014, B-027).
#[track_caller]
fn answered(answer: &Answer) -> Vec<Value> {
    let body = answer.json();
    assert_eq!(body["schemas"], json!([RESPONSE]));
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
    let operations = body["Operations"].as_array().unwrap().clone();
    for operation in &operations {
        let status = operation["status"].as_str().unwrap();
        let failed = !status.starts_with('2');
        assert_eq!(operation.get("response").is_some(), failed, "{operation}");
        if failed {
            assert_eq!(operation["response"]["schemas"], json!([ERROR]));
            assert_eq!(operation["response"]["status"], status);
            assert!(operation.get("version").is_none());
        } else {
            assert!(operation["location"].as_str().unwrap().starts_with(BASE), "{operation}");
        }
    }
    operations
}

fn statuses(operations: &[Value]) -> Vec<&str> {
    operations.iter().map(|it| it["status"].as_str().unwrap()).collect()
}

/// The id in the location of an answered operation.
fn id(operation: &Value) -> String {
    operation["location"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

fn user(bulk_id: &str, user_name: &str) -> Value {
    json!({
        "method": "POST", "path": "/Users", "bulkId": bulk_id,
        "data": {"schemas": [USER], "userName": user_name},
    })
}

fn group(bulk_id: &str, display_name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
    json!({
        "method": "POST", "path": "/Groups", "bulkId": bulk_id,
        "data": {"schemas": [GROUP], "displayName": display_name, "members": members},
    })
}

fn put(path: &str, user_name: &str) -> Value {
    json!({
        "method": "PUT", "path": path, "data": {"schemas": [USER], "userName": user_name},
    })
}

fn patch(path: &str, operations: Value) -> Value {
    json!({
        "method": "PATCH", "path": path,
        "data": {"schemas": [PATCH_OP], "Operations": operations},
    })
}

fn add_member(path: &str, id: &str) -> Value {
    patch(path, json!([{"op": "add", "path": "members", "value": [{"value": id}]}]))
}

fn delete(path: &str) -> Value {
    json!({"method": "DELETE", "path": path})
}

/// The ids of a group's members, in order.
fn members(scim: &Endpoint, id: &str) -> Vec<String> {
    let group = scim.get(&format!("/Groups/{id}")).expect(200).json();
    let members = group["members"].as_array().unwrap();
    let mut ids: Vec<_> =
        members.iter().map(|it| it["value"].as_str().unwrap().to_owned()).collect();
    ids.sort_unstable();
    ids
}

/// How many users there are.
fn users(scim: &Endpoint) -> u64 {
    scim.get("/Users?count=0").expect(200).json()["totalResults"].as_u64().unwrap()
}
