//! Bodies that are no PATCH request (RFC 7644 §3.5.2).

use scim_core::{
    ScimType,
    patch::{Op, PatchRequest},
};
use serde_json::{Value, json};

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[test]
fn bodies_that_are_no_patch_request_are_refused() {
    let add = || json!({ "op": "add", "path": "nickName", "value": "B" });
    let bodies = [
        // H-002
        json!({ "Operations": [add()] }),
        json!({ "schemas": [], "Operations": [add()] }),
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "Operations": [add()] }),
        json!({ "schemas": 5, "Operations": [add()] }),
        // H-003
        json!({ "schemas": [PATCH_OP] }),
        json!({ "schemas": [PATCH_OP], "Operations": [] }),
        json!({ "schemas": [PATCH_OP], "Operations": add() }),
        json!({ "schemas": [PATCH_OP], "Operations": null }),
        json!({ "schemas": [PATCH_OP], "Operations": [add()], "operations": [add()] }),
        // H-004
        json!({ "schemas": [PATCH_OP], "Operations": [{ "path": "nickName", "value": "B" }] }),
        json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "move", "path": "nickName" }] }),
        json!({ "schemas": [PATCH_OP], "Operations": [{ "op": ["add"], "path": "nickName" }] }),
        json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "add", "OP": "remove" }] }),
        json!({ "schemas": [PATCH_OP], "Operations": [{ "op": "add", "path": 5 }] }),
        json!({ "schemas": [PATCH_OP], "Operations": ["add"] }),
        json!([]),
        Value::Null,
    ];
    for body in bodies {
        let error = PatchRequest::read(body.clone()).expect_err(&body.to_string());
        assert_eq!(error.scim_type(), Some(ScimType::InvalidSyntax), "{body}");
    }
}

#[test]
fn the_failing_operation_is_named() {
    let error = PatchRequest::read(json!({
        "schemas": [PATCH_OP],
        "Operations": [{ "op": "remove", "path": "title" }, { "op": "copy" }],
    }))
    .unwrap_err();
    assert_eq!(error.operation(), Some(1));
}

#[test]
fn names_are_read_in_any_case() {
    // H-003, H-004
    let request = PatchRequest::read(json!({
        "SCHEMAS": [PATCH_OP.to_uppercase()],
        "operations": [{ "Op": "Replace", "PATH": "active", "Value": null, "more": 1 }],
        "more": true,
    }))
    .unwrap();
    let [operation] = &request.operations[..] else { panic!("{request:?}") };
    assert_eq!(operation.op, Op::Replace);
    assert_eq!(operation.path.as_deref(), Some("active"));
    assert_eq!(operation.value, Some(Value::Null));
}

#[test]
fn debug_shows_no_values() {
    let request = PatchRequest::read(json!({
        "schemas": [PATCH_OP],
        "Operations": [{ "op": "replace", "path": "password", "value": "t1meMa$heen" }],
    }))
    .unwrap();
    assert!(!format!("{request:?}").contains("t1meMa"));
}
