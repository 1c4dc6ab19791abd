//! Properties of PATCH.

use std::collections::HashSet;

use arbitrary::{Arbitrary, Unstructured};
use http::Method;
use scim_core::{
    Notes, Object, Rules,
    patch::{
        EmptyAdd, ListedValues, Matching, PatchContext, PatchOptions, PatchRequest, RequiredCheck,
        UnmatchedAdd, UnmatchedRemove, UnmatchedReplace, apply, changed, plan,
    },
};
use serde_json::{Value, json};

use crate::{
    endpoint::{Answer, Endpoint, REGISTRY},
    values::{Operations, UserBody},
};

#[derive(Debug, Arbitrary)]
struct Case {
    user: UserBody,
    operations: Operations,
    choices: u8,
}

/// PATCH does all or nothing, and what it leaves is canonical: a PUT takes it and changes nothing
/// (H-011, H-012, H-036).
///
/// The input is an object with a `user` and with `Operations`, as text; anything else is the seed
/// of an arbitrary one.
pub fn patch(input: &[u8]) {
    let Some(Case { user, operations, choices }) = read(input) else { return };
    let endpoint = Endpoint::new();
    let created = endpoint.json(Method::POST, "/Users", &user.0);
    if created.status == 201 {
        over_http(&endpoint, &created.id(), &operations.0);
        on_values(&canonical(&created), &operations.0, &options(choices));
    }
}

fn read(input: &[u8]) -> Option<Case> {
    let Ok(Value::Object(mut case)) = serde_json::from_slice(input) else {
        return Case::arbitrary(&mut Unstructured::new(input)).ok();
    };
    Some(Case {
        user: UserBody(case.remove("user")?),
        operations: Operations(case.remove("Operations")?),
        choices: case.get("choices").and_then(Value::as_u64).unwrap_or_default() as u8,
    })
}

fn over_http(endpoint: &Endpoint, user: &str, operations: &Value) {
    let path = format!("/Users/{user}");
    let before = endpoint.get(&path).expect(200);
    let patched = endpoint.patch(&path, operations);
    let after = endpoint.get(&path).expect(200);
    if patched.status.is_success() {
        assert_eq!(before.version() == after.version(), content(&before) == content(&after));
    } else {
        assert_eq!(before.body, after.body, "{}", patched.text());
    }
    let replaced = endpoint.json(Method::PUT, &path, after.json()).expect(200);
    assert_eq!(replaced.body, after.body);
}

/// Everything but the metadata, which change with the version.
fn content(answer: &Answer) -> Value {
    let mut resource = answer.json().clone();
    resource.as_object_mut().and_then(|resource| resource.remove("meta"));
    resource
}

/// The same on values alone, with any choice of options.
fn on_values(values: &Object, operations: &Value, options: &PatchOptions) {
    let resource_type = REGISTRY.resource_type("User").expect("a type");
    let rules = Rules::default();
    let context = PatchContext::new(&REGISTRY, resource_type, &rules, options);
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
    });
    let Ok(request) = PatchRequest::read(body) else { return };
    let planned = plan(&context, request.clone(), &mut Notes::default());
    assert_eq!(planned, plan(&context, request, &mut Notes::default()));
    let Ok(plan) = planned else { return };
    let applied = apply(resource_type, values, &plan.document, options, &mut Notes::default());
    assert_eq!(
        applied,
        apply(resource_type, values, &plan.document, options, &mut Notes::default())
    );
    let Ok(after) = applied else { return };
    is_canonical(&Value::Object(after.clone()));
    assert_eq!(changed(values, &after, resource_type).is_empty(), *values == after);
    assert_eq!(after.get("id"), None, "what clients may not write");
    assert_eq!(after.get("groups"), None, "what clients may not write");
}

/// The values that a server makes of a body.
fn canonical(created: &Answer) -> Object {
    let mut values = created.json().as_object().cloned().unwrap_or_default();
    for name in ["id", "meta"] {
        values.remove(name);
    }
    values
}

/// No `null`, nothing empty, at most one value primary and none twice (RFC 7643 §2.4, §2.5).
fn is_canonical(value: &Value) {
    match value {
        Value::Null => panic!("null is not canonical"),
        Value::Array(elements) => {
            assert!(!elements.is_empty(), "an empty array is not canonical");
            let primary = elements.iter().filter(|element| element["primary"] == true);
            assert!(primary.count() <= 1, "two values are primary: {value}");
            let mut different = HashSet::new();
            assert!(elements.iter().all(|it| different.insert(identity(it))), "twice: {value}");
            elements.iter().for_each(is_canonical);
        }
        Value::Object(object) => {
            assert!(!object.is_empty(), "an empty object is not canonical");
            object.values().for_each(is_canonical);
        }
        _ => {}
    }
}

/// What makes one value of a list another than the next.
fn identity(element: &Value) -> (&Value, Option<&Value>) {
    match element.get("value") {
        Some(value) => (value, element.get("type")),
        None => (element, None),
    }
}

fn options(choices: u8) -> PatchOptions {
    let chosen = |bit: u8| choices & (1 << bit) != 0;
    let mut options = PatchOptions::default();
    if chosen(0) {
        options = options.unmatched_add(UnmatchedAdd::NoTarget);
    }
    if chosen(1) {
        options = options.unmatched_replace(UnmatchedReplace::CreateElement);
    }
    if chosen(2) {
        options = options.unmatched_remove(UnmatchedRemove::NoTarget);
    }
    if chosen(3) {
        options = options.listed_values(ListedValues::Ignored);
    }
    if chosen(4) {
        options = options.required_check(RequiredCheck::AtEnd);
    }
    if chosen(5) {
        options = options.empty_add(EmptyAdd::Unassign);
    }
    if chosen(6) {
        options = options.matching(Matching::ByValue);
    }
    options
}
