//! Laws that hold for every filter and every resource, and the order of resources.

use std::{
    cmp::Ordering,
    sync::{Arc, LazyLock},
};

use proptest::prelude::*;
use scim_core::{
    Document, Meta, Object, Revision, ScimType, Timestamp, Version,
    query::{
        BindContext, Predicate, SortKey, SortOrder, Standalone, bind, bind_sort, bind_value_filter,
        compare, eval, eval_element, prepare, prepared_values, sort_value,
    },
    schema::ResourceType,
};
use scim_filter::Filter;
use serde_json::{Value, json};

use crate::filter::registry;

static THING: LazyLock<Arc<ResourceType>> =
    LazyLock::new(|| registry().resource_type("Thing").unwrap().clone());

fn meta() -> Meta {
    let now = Timestamp::from_micros(0);
    Meta { version: 1.into(), revision: Revision::from(1), created: now, last_modified: now }
}

fn bound(filter: &str) -> Predicate {
    let filter: Filter<'_> = filter.parse().unwrap();
    bind(&filter, &BindContext::new(&THING, "https://example.com")).unwrap()
}

fn matches(predicate: &Predicate, values: &Object) -> bool {
    eval(predicate, &Standalone { id: "1", meta: &meta(), values })
}

/// Tests of which some match some of the resources below.
fn test() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop::sample::select(vec![
        ("text", "\"a\""),
        ("text", "\"B\""),
        ("text", "\"\""),
        ("flag", "true"),
        ("count", "1"),
        ("count", "2.0"),
        ("seen", "\"2020-01-01T00:00:00Z\""),
        ("tags", "\"a\""),
        ("scores", "2"),
        ("parts.sku", "\"a\""),
        ("parts.qty", "1"),
        ("box.label", "\"a\""),
        ("text", "null"),
        ("tags", "null"),
        ("parts", "null"),
    ])
}

fn filter() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (test(), prop::sample::select(vec!["eq", "ne"]))
            .prop_map(|((path, operand), op)| format!("{path} {op} {operand}")),
        prop::sample::select(vec!["text", "tags", "parts.qty", "box"])
            .prop_map(|path| format!("{path} pr")),
        Just("parts[sku eq \"a\" and qty gt 1]".to_owned()),
        Just("parts[not (qty eq 1)]".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|filter| format!("not ({filter})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner).prop_map(|(a, b)| format!("({a}) or ({b})")),
        ]
    })
}

fn text() -> impl Strategy<Value = Value> {
    prop::sample::select(vec!["a", "A", "b", "", "ä"]).prop_map(Value::from)
}

fn optional<S: Strategy<Value = Value>>(values: S) -> impl Strategy<Value = Value> {
    prop_oneof![1 => Just(Value::Null), 3 => values]
}

fn values() -> impl Strategy<Value = Object> {
    let number = || (0..3_u8).prop_map(Value::from);
    let part = (optional(text()), optional(number()))
        .prop_map(|(sku, qty)| json!({"sku": sku, "qty": qty}));
    let lists = (
        prop::collection::vec(text(), 0..3).prop_map(Value::from),
        prop::collection::vec(number(), 0..3).prop_map(Value::from),
        prop::collection::vec(part, 0..3).prop_map(Value::from),
    );
    let seen = Just(Value::from("2020-01-01T01:00:00+01:00"));
    let singles = (
        optional(text()),
        optional(any::<bool>().prop_map(Value::from)),
        optional(number()),
        optional(seen),
        optional(text()),
    );
    (singles, lists).prop_map(|((text, flag, count, seen, label), (tags, scores, parts))| {
        let all = json!({
            "text": text, "flag": flag, "count": count, "seen": seen, "box": {"label": label},
            "tags": tags, "scores": scores, "parts": parts,
        });
        let set = |(_, value): &(&String, &Value)| !value.is_null();
        let object = all.as_object().unwrap();
        object.iter().filter(set).map(|(name, value)| (name.clone(), value.clone())).collect()
    })
}

proptest! {
    // F-008
    #[test]
    fn ne_is_the_negation_of_eq((path, operand) in test(), values in values()) {
        let eq = bound(&format!("{path} eq {operand}"));
        let ne = bound(&format!("{path} ne {operand}"));
        prop_assert_eq!(matches(&ne, &values), !matches(&eq, &values));
    }

    // S9: stores read no more than these members.
    #[test]
    fn a_predicate_looks_at_its_members_alone(filter in filter(), values in values()) {
        let predicate = bound(&filter);
        let document = Document::new(&THING, values.clone());
        let stored = Document::from_stored(document.visible().clone(), document.hidden().clone());
        let members = stored.members(&predicate.members()).unwrap();
        prop_assert_eq!(matches(&predicate, &members), matches(&predicate, &values));
    }

    // F-006: `not` is plain negation of a two-valued result.
    #[test]
    fn not_not_changes_nothing(filter in filter(), values in values()) {
        let once = bound(&filter);
        let negated = bound(&format!("not ({filter})"));
        let twice = bound(&format!("not (not ({filter}))"));
        prop_assert_eq!(matches(&negated, &values), !matches(&once, &values));
        prop_assert_eq!(&twice, &once);
    }

    #[test]
    fn de_morgan(a in filter(), b in filter(), values in values()) {
        let outer = bound(&format!("not (({a}) and ({b}))"));
        let inner = bound(&format!("not ({a}) or not ({b})"));
        prop_assert_eq!(matches(&outer, &values), matches(&inner, &values));
    }

    #[test]
    fn predicates_are_flat(a in filter(), b in filter()) {
        assert_flat(&bound(&format!("({a}) or (({a}) and ({b}))")));
    }

    // F-016, F-017: a test of a sub-attribute is a value path with that test alone.
    #[test]
    fn one_test_is_a_value_path(values in values(), qty in 0..3_u8) {
        let dotted = bound(&format!("parts.qty eq {qty}"));
        let bracketed = bound(&format!("parts[qty eq {qty}]"));
        prop_assert_eq!(matches(&dotted, &values), matches(&bracketed, &values));
    }

    // What indexes are filled with decides equality as evaluation does.
    #[test]
    fn prepared_values_decide_equality((path, operand) in test(), values in values()) {
        let predicate = bound(&format!("{path} eq {operand}"));
        if let Some(lookup) = predicate.as_lookup() {
            let found = prepared_values(lookup.attribute, &values).contains(lookup.operand);
            prop_assert_eq!(matches(&predicate, &values), found);
        }
    }

    // O-004, O-008: the order is total, and `descending` is `ascending` turned over.
    #[test]
    fn the_order_is_total(a in values(), b in values(), c in values()) {
        for path in ["text", "flag", "count", "seen", "tags", "parts.qty", "box.label"] {
            let by = |order| bind_sort(path, order, &THING).unwrap();
            let order = |key: SortKey, a: &Object, b: &Object| {
                let meta = meta();
                let seen = |values| Standalone { id: "1", meta: &meta, values };
                compare(&[key], &seen(a), &seen(b))
            };
            let ascending = |a, b| order(by(SortOrder::Ascending), a, b);
            prop_assert_eq!(ascending(&a, &b), ascending(&b, &a).reverse());
            prop_assert_eq!(ascending(&a, &b), order(by(SortOrder::Descending), &b, &a));
            if ascending(&a, &b).is_le() && ascending(&b, &c).is_le() {
                prop_assert!(ascending(&a, &c).is_le());
            }
        }
    }

    // Any text is prepared without a panic, and the same text in the same way.
    #[test]
    fn any_text_is_prepared(text in any::<String>()) {
        for attribute in THING.attributes() {
            let value = Value::from(text.as_str());
            prop_assert_eq!(prepare(attribute, &value), prepare(attribute, &value));
        }
    }
}

fn assert_flat(predicate: &Predicate) {
    match predicate {
        Predicate::And(parts) | Predicate::Or(parts) => {
            assert!(parts.len() > 1, "{predicate:?}");
            for part in parts {
                assert!(!matches!(part, Predicate::Constant(_)), "{predicate:?}");
                assert_ne!(
                    std::mem::discriminant(part),
                    std::mem::discriminant(predicate),
                    "{predicate:?}"
                );
                assert_flat(part);
            }
        }
        Predicate::Not(part) => {
            assert!(!matches!(**part, Predicate::Not(_)), "{predicate:?}");
            assert_flat(part);
        }
        _ => {}
    }
}

fn order_of(path: &str, order: SortOrder, resources: &[Value]) -> Vec<usize> {
    let registry = registry();
    let user = registry.resource_type("User").unwrap();
    let key = [bind_sort(path, order, user).unwrap()];
    let mut sorted: Vec<usize> = (0..resources.len()).collect();
    sorted.sort_by(|a, b| {
        let values = |index: &usize| resources[*index].as_object().unwrap();
        let meta = meta();
        let seen = |values| Standalone { id: "1", meta: &meta, values };
        compare(&key, &seen(values(a)), &seen(values(b)))
    });
    sorted
}

#[test]
fn resources_without_a_value_come_last_or_first() {
    // O-002, O-004, O-007
    let users = [json!({"title": "b"}), json!({}), json!({"title": "A"}), json!({"title": "C"})];
    assert_eq!(order_of("title", SortOrder::Ascending, &users), [2, 0, 3, 1]);
    assert_eq!(order_of("title", SortOrder::Descending, &users), [1, 3, 0, 2]);
}

#[test]
fn the_primary_value_decides_else_the_first() {
    // O-005
    let users = [
        json!({"emails": [{"value": "z@x"}, {"value": "a@x"}]}),
        json!({"emails": [{"value": "a@x"}, {"value": "c@x", "primary": true}]}),
        json!({"emails": [{"value": "b@x", "primary": false}]}),
    ];
    for path in ["emails", "emails.value"] {
        assert_eq!(order_of(path, SortOrder::Ascending, &users), [2, 1, 0]);
    }
}

#[test]
fn further_keys_break_ties() {
    // O-009
    let registry = registry();
    let user = registry.resource_type("User").unwrap();
    let keys =
        ["userType", "title"].map(|path| bind_sort(path, SortOrder::Ascending, user).unwrap());
    let (a, b) = (json!({"userType": "x", "title": "b"}), json!({"userType": "X", "title": "a"}));
    let meta = meta();
    let seen =
        |value| Standalone { id: "1", meta: &meta, values: Value::as_object(value).unwrap() };
    assert_eq!(compare(&keys, &seen(&a), &seen(&b)), Ordering::Greater);
    assert_eq!(compare(&keys[..1], &seen(&a), &seen(&b)), Ordering::Equal);
}

#[test]
fn metadata_and_ids_are_sorted_by_too() {
    // O-008
    let registry = registry();
    let user = registry.resource_type("User").unwrap();
    let values = Object::new();
    let meta = Meta { version: Version::from(7), ..meta() };
    let seen = Standalone { id: "Ab", meta: &meta, values: &values };
    let value = |path| sort_value(&bind_sort(path, SortOrder::Ascending, user).unwrap(), &seen);
    assert_eq!(value("id").unwrap().as_text(), Some("Ab"));
    assert_eq!(value("meta.location"), value("id"));
    assert!(value("meta.lastModified").is_some());
    assert_eq!(value("userName"), None);
}

#[test]
fn what_has_no_order_cannot_be_sorted_by() {
    // O-006
    let registry = registry();
    let refused = [
        ("User", "name"),
        ("User", "addresses"),
        ("User", "meta"),
        ("User", "nosuch"),
        ("User", "emails.nosuch"),
        ("User", "emails[type eq \"work\"]"),
        ("User", ""),
        ("User", "password"),
        ("User", "groups"),
        ("Group", "members.value"),
    ];
    for (resource_type, path) in refused {
        let resource_type = registry.resource_type(resource_type).unwrap();
        let error = bind_sort(path, SortOrder::Ascending, resource_type).unwrap_err();
        assert_eq!(
            (error.scim_type(), error.attribute()),
            (Some(ScimType::InvalidValue), Some(path))
        );
    }
}

#[test]
fn the_filter_of_a_patch_path_chooses_values() {
    // F-017, and the value filters of RFC 7644 §3.5.2
    let registry = registry();
    let user = registry.resource_type("User").unwrap();
    let thing = registry.resource_type("Thing").unwrap();
    let emails = user.attribute("emails").unwrap();
    let work = json!({"type": "work", "value": "A@x"});
    let cases = [
        (emails, r#"type eq "Work" and value sw "a""#, work.clone(), true),
        (emails, r#"not (type eq "work")"#, work.clone(), false),
        (emails, "primary eq false", work.clone(), true),
        (emails, "display pr", work, false),
        (thing.attribute("tags").unwrap(), r#"value eq "RED""#, json!("red"), true),
        (thing.attribute("scores").unwrap(), "value gt 2", json!(2), false),
        (user.attribute("roles").unwrap(), r#"primary eq "True""#, json!({"primary": true}), true),
        (
            registry.resource_type("Group").unwrap().attribute("members").unwrap(),
            r#"value eq "1""#,
            json!({"value": "1"}),
            true,
        ),
    ];
    let context = BindContext::new(user, "https://example.com");
    for (attribute, filter, element, expected) in cases {
        let predicate = bind_value_filter(attribute, &filter.parse().unwrap(), &context).unwrap();
        assert_eq!(eval_element(&predicate, &element), expected, "{filter}");
    }
    let refused = [(emails, "nosuch pr"), (user.attribute("userName").unwrap(), "value pr")];
    for (attribute, filter) in refused {
        let error = bind_value_filter(attribute, &filter.parse().unwrap(), &context).unwrap_err();
        assert_eq!(error.scim_type(), Some(ScimType::InvalidFilter), "{filter}");
    }
}

/// F-007, F-009: with whatever a reference begins, what was stored is found by the same text.
#[test]
fn a_reference_is_found_by_its_own_text() {
    let registry = registry();
    let user = registry.resource_type("User").unwrap();
    let context = BindContext::new(user, "https://api.example.com/v2");
    let stored = [
        "https://api.example.com/people/babs",
        "https://api.example.com/v2/people/babs",
        "https://api.example.com/v2/Users/1",
        "https://api.example.com/v2",
        "https://example.com:443/a",
        "HTTPS://Example.com:443",
        "https://example.com/a/./b",
        "https://u@Example.com/?next=http://B/v2/C",
        "/A?next=http://B",
        "people/babs",
        "urn:example:A",
    ];
    let finds = |operator: &str, operand: &str, stored: &str| {
        let filter = format!("profileUrl {operator} \"{operand}\"");
        let predicate = bind(&filter.parse().unwrap(), &context).unwrap();
        matches(&predicate, json!({ "profileUrl": stored }).as_object().unwrap())
    };
    for url in stored {
        for operator in ["eq", "co", "sw", "ew"] {
            assert!(finds(operator, url, url), "{operator} {url}");
        }
    }
    let [below_root, below_base, ..] = stored;
    assert!(!finds("eq", below_root, below_base) && !finds("eq", below_base, below_root));
}

#[test]
fn messages_do_not_repeat_operands() {
    // F-014, F-026: an operand may be a secret that was typed into the wrong place.
    for filter in [r#"flag eq "hunter2""#, r#"secret eq "hunter2""#, r#"seen eq "hunter2""#] {
        let filter: Filter<'_> = filter.parse().unwrap();
        let error = bind(&filter, &BindContext::new(&THING, "https://example.com")).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn messages_repeat_no_endless_names() {
    // Y-016
    let long = "a".repeat(20_000);
    let filters = ["{} pr", "parts[{} eq 1]", "parts.{} eq 1", "urn:example:{}:a eq 1", "{}[a pr]"];
    for filter in filters {
        let text = filter.replace("{}", &long);
        let filter: Filter<'_> = text.parse().unwrap();
        let error = bind(&filter, &BindContext::new(&THING, "https://example.com")).unwrap_err();
        assert!(error.to_string().len() < 1_000, "{error}");
    }
}
