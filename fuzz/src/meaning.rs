//! Properties of resolved filters and of what they mean.

use scim_core::{
    Meta, Object, Revision, Timestamp, Version,
    query::{BindContext, Predicate, SortOrder, Standalone, bind, bind_sort, compare, eval},
    schema::ResourceType,
};
use scim_filter::{Filter, Parser};
use serde_json::{Value, json};

use crate::endpoint::REGISTRY;

/// Resolving and evaluating a filter never panics, is deterministic, and is two-valued logic
/// (F-008, F-027): `not`, `and` and `or` mean of the whole what they say of its parts.
///
/// The input is a filter in the first line and a resource in the rest; where that is no object,
/// some users take its place.
pub fn meaning(input: &[u8]) {
    let Ok(text) = str::from_utf8(input) else { return };
    let (filter, resource) = text.split_once('\n').unwrap_or((text, ""));
    let resources = match serde_json::from_str(resource) {
        Ok(Value::Object(resource)) => vec![resource],
        _ => samples(),
    };
    for resource_type in REGISTRY.resource_types() {
        sorts(filter, resource_type, &resources);
        if let Ok(filter) = Parser::tolerant().accept_bare_words().filter(filter) {
            holds(&filter, resource_type, &resources);
        }
    }
}

fn holds(filter: &Filter<'_>, resource_type: &ResourceType, resources: &[Object]) {
    let context = BindContext::new(resource_type, "https://example.com/v2");
    let bound = |filter: &Filter<'_>| bind(filter, &context);
    let negation = bound(&Filter::Not(Box::new(filter.clone())));
    let Ok(predicate) = bound(filter) else {
        assert!(negation.is_err(), "{filter}");
        return;
    };
    assert_eq!(bound(filter), Ok(predicate.clone()), "{filter}");
    let negation = negation.expect("what can be asked can be denied");
    let again =
        Parser::strict().accept_bare_words().filter(&filter.to_string()).map(|it| bound(&it));
    if !format!("{filter:?}").contains("Bare(") {
        assert_eq!(again, Ok(Ok(predicate.clone())), "{filter}");
    }
    for resource in resources {
        let truth = is_met(&predicate, resource);
        assert_eq!(is_met(&negation, resource), !truth, "{filter}");
        if let Some(expected) = of_parts(filter, |part| {
            is_met(&bound(part).expect("a part of what can be asked"), resource)
        }) {
            assert_eq!(truth, expected, "{filter}");
        }
    }
}

/// What the outermost operator makes of its operands.
fn of_parts(filter: &Filter<'_>, is_met: impl Fn(&Filter<'_>) -> bool) -> Option<bool> {
    match filter {
        Filter::And(parts) => Some(parts.iter().all(is_met)),
        Filter::Or(parts) => Some(parts.iter().any(is_met)),
        Filter::Not(part) => Some(!is_met(part)),
        _ => None,
    }
}

/// Any text is a sort key or is not; one that is puts any two resources in one order.
fn sorts(text: &str, resource_type: &ResourceType, resources: &[Object]) {
    let Ok(key) = bind_sort(text, SortOrder::Ascending, resource_type) else { return };
    let (keys, meta) = ([key], meta());
    let subject = |values| Standalone { id: "2819c223", meta: &meta, values };
    for one in resources {
        for other in resources {
            let forth = compare(&keys, &subject(one), &subject(other));
            let back = compare(&keys, &subject(other), &subject(one));
            assert_eq!(forth, back.reverse(), "{text}");
        }
    }
}

fn is_met(predicate: &Predicate, values: &Object) -> bool {
    let meta = meta();
    eval(predicate, &Standalone { id: "2819c223", meta: &meta, values })
}

fn meta() -> Meta {
    let created = Timestamp::from_micros(1_700_000_000_000_000);
    Meta { version: Version::from(1), revision: Revision::from(1), created, last_modified: created }
}

fn samples() -> Vec<Object> {
    let samples = [
        json!({}),
        json!({
            "userName": "bjensen", "active": true, "name": {"familyName": "Jensen"},
            "emails": [
                {"value": "b@example.com", "type": "work", "primary": true},
                {"value": "b@example.org", "type": "home"}
            ],
            "x509Certificates": [{"value": "YQ=="}],
            "displayName": "é\u{301}ß", "profileUrl": "../Users/1"
        }),
        // Not what validation lets through, but what a store may have.
        json!({"userName": 5, "active": "true", "name": [], "emails": {"value": [null]}}),
    ];
    samples.iter().filter_map(|sample| sample.as_object().cloned()).collect()
}
