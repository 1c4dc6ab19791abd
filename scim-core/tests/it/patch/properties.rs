//! Laws that hold of every PATCH.

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
};

use allocation_counter::{AllocationInfo, measure};
use proptest::prelude::*;
use scim_core::{
    Notes, Object, Rules, ScimError, ScimType,
    patch::{Matching, PatchContext, PatchOptions, PatchRequest, Plan, apply, changed, plan},
    schema::{Registry, ResourceType},
};
use serde_json::{Map, Value, json};

use super::{model, registry::registry};

static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(Registry::standard);

proptest! {
    /// H-010 to H-039 as far as the model goes.
    #[test]
    fn agrees_with_the_model(before in document(), operations in operations()) {
        let mut expected = before.clone();
        let failure = operations.iter().enumerate().find_map(|(index, operation)| {
            model::run(&mut expected, operation).err().map(|scim_type| (index, scim_type))
        });
        match (patched(&before, &operations), failure) {
            (Ok(after), None) => prop_assert_eq!(after, stored(expected)),
            (Err(error), Some((index, scim_type))) => {
                prop_assert_eq!(error.operation(), Some(index));
                prop_assert_eq!(error.scim_type().unwrap().as_str(), scim_type);
            }
            (found, expected) => prop_assert!(false, "found {found:?}, expected {expected:?}"),
        }
    }

    /// H-011: whatever comes before an operation that fails has no effect.
    #[test]
    fn all_or_nothing(before in document(), mut operations in operations()) {
        operations.push(json!({ "op": "replace", "path": "emails[type eq \"none\"]", "value": "x" }));
        operations.push(json!({ "op": "replace", "path": "nickName", "value": "x" }));
        prop_assert!(patched(&before, &operations).is_err());
    }

    /// The result is canonical: replacing a resource by itself changes nothing.
    #[test]
    fn the_result_validates(before in document(), operations in operations()) {
        if let Ok(after) = patched(&before, &operations) {
            prop_assert!(is_canonical(&Value::Object(after.clone())), "{after:?}");
            prop_assert!(keeps_lists(&after), "{after:?}");
            let again = json!({ "op": "replace", "value": after });
            prop_assert_eq!(patched(&after, &[again]).unwrap(), after);
        }
    }

    /// H-021, H-022: what is repeated changes nothing.
    #[test]
    fn replace_and_keyed_add_are_idempotent(before in document(), operation in operation()) {
        if let Ok(once) = patched(&before, std::slice::from_ref(&operation)) {
            let operation = match operation["op"].as_str() {
                // By then a filter that the value no longer fits may match nothing.
                Some("replace") if is_filtered(&operation) => return Ok(()),
                _ => operation,
            };
            if is_filtered(&operation) && operation["value"].get("type").is_some() {
                return Ok(());
            }
            let twice = patched(&once, std::slice::from_ref(&operation)).unwrap();
            prop_assert_eq!(changed(&once, &twice, user()), vec![], "{:?} {:?}", once, twice);
        }
    }

    /// Operations on different attributes do not see each other.
    #[test]
    fn independent_operations_commute(before in document(), one in operation(), two in operation()) {
        if attribute(&one).is_none() || attribute(&two).is_none() || attribute(&one) == attribute(&two) {
            return Ok(());
        }
        let (forth, back) = ([one.clone(), two.clone()], [two, one]);
        match (patched(&before, &forth), patched(&before, &back)) {
            (Ok(forth), Ok(back)) => prop_assert_eq!(forth, back),
            (forth, back) => prop_assert_eq!(forth.is_err(), back.is_err()),
        }
    }

    /// `changed` is empty if and only if nothing differs, and names what does.
    #[test]
    fn differences_are_named(one in document(), two in document()) {
        let (one, two) = (stored(one), stored(two));
        let changed = changed(&one, &two, user());
        prop_assert_eq!(changed.is_empty(), one == two);
        for name in ["nickName", "name", "emails"] {
            let differs = one.get(name) != two.get(name);
            let is_named = changed.iter().any(|it| it.parent_name().unwrap_or(it.name()) == name);
            prop_assert_eq!(differs, is_named, "{}", name);
        }
    }

    /// No input panics, whatever the path and the value.
    #[test]
    fn any_text_is_answered(path in "\\PC{0,40}", text in "\\PC{0,20}", op in 0..3_usize) {
        let op = ["add", "remove", "replace"][op];
        let operation = json!({ "op": op, "path": path, "value": text });
        let _ = patched(&Object::from_iter([("userName".to_owned(), json!("b"))]), &[operation]);
    }

    /// No value panics either, and what is accepted is canonical.
    #[test]
    fn any_value_is_answered(before in document(), operations in prop::collection::vec(anything(), 1..5)) {
        if let Ok(after) = patched(&before, &operations) {
            prop_assert!(is_canonical(&Value::Object(after.clone())), "{after:?}");
            prop_assert!(keeps_lists(&after), "{after:?}");
        }
    }

    /// Ids of members go in and come out of a plan unchanged, in order and once each.
    #[test]
    fn members_are_planned_as_given(ids in prop::collection::vec("[a-zA-Z0-9-]{1,12}", 1..20)) {
        let group = REGISTRY.resource_type("Group").unwrap();
        let operations: Vec<_> = ids
            .iter()
            .map(|id| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") }))
            .collect();
        let plan = planned(group, &operations).unwrap();
        prop_assert!(plan.is_blind());
        let expected = ids.iter().map(|id| id.as_str().into()).collect();
        let [relation] = &plan.relations[..] else { panic!("{plan:?}") };
        let expected = scim_core::patch::RelationAction::Delta(scim_core::store::Delta::Remove(expected));
        prop_assert_eq!(&relation.action, &expected);
    }
}

/// Ten times the values take about ten times the memory and as many allocations. Comparing each with
/// all others would take none, but minutes.
#[test]
fn many_additions_are_cheap() {
    let [few, many] = [8_000, 80_000].map(additions);
    let measured = [(few.bytes_total, many.bytes_total), (few.count_total, many.count_total)];
    for (few, many) in measured {
        assert!(many < few * 15, "{few}, then {many}");
    }
}

/// The same for parts that are lists, and for values that differ in their type alone. None of it
/// allocates more if each is compared with all others, but takes minutes.
#[test]
fn many_parts_and_types_are_cheap() {
    let registry = registry();
    let device = registry.resource_type("Device").unwrap();
    let names: Vec<_> = (0..50_000).map(|number| format!("name {number}")).collect();
    let aliases = json!({ "op": "add", "path": "owner.aliases", "value": names });
    let before = Object::from_iter([("serial".to_owned(), json!("s-1"))]);
    let plan = planned(device, &[aliases.clone(), aliases]).unwrap();
    let options = PatchOptions::default();
    let after = apply(device, &before, &plan.document, &options, &mut Notes::default()).unwrap();
    assert_eq!(after["owner"]["aliases"], json!(names));

    let types = names.iter().map(|name| json!({ "value": "b@x", "type": name }));
    let emails: Vec<_> = types.collect();
    let (at_once, again) = emails.split_at(1);
    let operations = [
        json!({ "op": "replace", "path": "emails", "value": emails }),
        json!({ "op": "add", "path": "emails", "value": again }),
        json!({ "op": "add", "path": "emails", "value": at_once }),
    ];
    let plan = planned(user(), &operations).unwrap();
    let options = PatchOptions::default().matching(Matching::ByValue);
    let before = Object::from_iter([("userName".to_owned(), json!("b"))]);
    let after = apply(user(), &before, &plan.document, &options, &mut Notes::default()).unwrap();
    assert_eq!(after["emails"], json!(emails));
}

/// What has to stay as it is is kept for each operation.
#[test]
fn additions_to_what_is_immutable_are_counted() {
    let registry = registry();
    let device = registry.resource_type("Device").unwrap();
    let batches: Vec<_> = (0..5_000).map(|number| format!("batch {number}")).collect();
    let before = Object::from_iter([
        ("serial".to_owned(), json!("s-1")),
        ("batches".to_owned(), json!(batches)),
    ]);
    let outcome = |times| {
        let again = json!({ "op": "add", "path": "batches", "value": "batch 7" });
        let plan = planned(device, &vec![again; times]).unwrap();
        let options = PatchOptions::default();
        apply(device, &before, &plan.document, &options, &mut Notes::default())
    };
    assert_eq!(outcome(10).unwrap()["batches"], json!(batches));
    assert_eq!(outcome(900).unwrap_err().scim_type(), Some(ScimType::TooMany));
}

/// Adds so many values at once and one by one, removes them, and tells what that allocates.
fn additions(count: usize) -> AllocationInfo {
    let before = Object::from_iter([("userName".to_owned(), json!("b"))]);
    let email = |i: usize| json!({ "value": format!("{i}@example.com"), "primary": i == 7 });
    let all: Vec<_> = (0..count).map(email).collect();
    let one_by_one: Vec<_> =
        all.iter().map(|it| json!({ "op": "add", "path": "emails", "value": it })).collect();
    let at_once = json!({ "op": "add", "path": "emails", "value": all });
    measure(|| {
        let at_once = patched(&before, &[at_once]).unwrap();
        assert_eq!(at_once, patched(&before, &one_by_one).unwrap());
        assert_eq!(at_once["emails"].as_array().unwrap().len(), count);
        let listed = json!({ "op": "remove", "path": "emails", "value": at_once["emails"] });
        assert!(!patched(&at_once, &[listed]).unwrap().contains_key("emails"));
    })
}

fn patched(before: &Object, operations: &[Value]) -> Result<Object, ScimError> {
    let user = user();
    let plan = planned(user, operations)?;
    apply(user, before, &plan.document, &PatchOptions::default(), &mut Notes::default())
}

fn planned(resource_type: &Arc<ResourceType>, operations: &[Value]) -> Result<Plan, ScimError> {
    let (rules, options) = (Rules::default(), PatchOptions::default());
    let context = PatchContext::new(&REGISTRY, resource_type, &rules, &options);
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": operations,
    });
    plan(&context, PatchRequest::read(body)?, &mut Notes::default())
}

fn user() -> &'static Arc<ResourceType> {
    REGISTRY.resource_type("User").unwrap()
}

fn stored(mut document: Object) -> Object {
    let schemas = json!(["urn:ietf:params:scim:schemas:core:2.0:User"]);
    document.insert("schemas".to_owned(), schemas);
    document
}

/// The attribute that an operation is about; `None` if it may be about several.
fn attribute(operation: &Value) -> Option<String> {
    let path = operation.get("path")?.as_str()?;
    Some(path.split(['.', '[']).next()?.to_owned())
}

fn is_filtered(operation: &Value) -> bool {
    operation.get("path").and_then(Value::as_str).is_some_and(|path| path.contains('['))
}

fn is_canonical(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(values) => !values.is_empty() && values.iter().all(is_canonical),
        Value::Object(values) => !values.is_empty() && values.values().all(is_canonical),
        _ => true,
    }
}

///
fn keeps_lists(document: &Object) -> bool {
    let Some(emails) = document.get("emails").and_then(Value::as_array) else { return true };
    let primaries = emails.iter().filter(|it| it["primary"] == true).count();
    let identity = |it: &Value| match it.get("value") {
        Some(value) => format!("{value} {}", it["type"]).to_lowercase(),
        None => it.to_string(),
    };
    let different: HashSet<_> = emails.iter().map(identity).collect();
    primaries <= 1 && different.len() == emails.len()
}

fn document() -> impl Strategy<Value = Object> {
    (prop::option::of(word()), prop::option::of(name()), emails()).prop_map(
        |(nick, name, emails)| {
            let mut document = Map::from_iter([("userName".to_owned(), json!("bjensen"))]);
            document.extend(nick.map(|nick| ("nickName".to_owned(), json!(nick))));
            document.extend(name.map(|name| ("name".to_owned(), name)));
            if !emails.is_empty() {
                document.insert("emails".to_owned(), Value::Array(emails));
            }
            document
        },
    )
}

/// Operations whose values may not fit their paths.
fn anything() -> impl Strategy<Value = Value> {
    let path = prop::sample::select(vec![
        "nickName",
        "name",
        "name.givenName",
        "emails",
        "emails.type",
        "emails[type eq \"work\"]",
        "emails[type eq \"work\" and primary eq true].value",
        "emails[not (value eq \"a\")]",
        "addresses",
        "addresses[type eq \"home\"].region",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "manager",
        "schemas",
        "id",
    ]);
    let op = prop::sample::select(vec!["add", "remove", "replace"]);
    (op, prop::option::weighted(0.8, path), json_value()).prop_map(|(op, path, value)| match path {
        Some(path) => json!({ "op": op, "path": path, "value": value }),
        None => json!({ "op": op, "value": value }),
    })
}

fn json_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        Just(json!("")),
        word().prop_map(Value::from),
        kind().prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "value",
        "type",
        "primary",
        "display",
        "Emails",
        "givenName",
        "nickName",
        "manager.value",
        "region",
        "name",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ]);
    scalar.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5).prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

fn operations() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(operation(), 1..8)
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop_oneof![Just("add"), Just("replace")];
    let assignment = (op, assigned())
        .prop_map(|(op, (path, value))| json!({ "op": op, "path": path, "value": value }));
    let whole = prop_oneof![Just("add"), Just("replace")];
    let whole = (whole, word(), emails(), name()).prop_map(|(op, nick, emails, name)| {
        json!({ "op": op, "value": { "nickName": nick, "emails": emails, "name": name } })
    });
    prop_oneof![6 => assignment, 1 => whole, 3 => removal()]
}

/// A path, and a value that fits it.
fn assigned() -> impl Strategy<Value = (String, Value)> {
    let text = || prop_oneof![4 => word().prop_map(Value::from), 1 => Just(Value::Null)];
    let list = prop_oneof![4 => emails().prop_map(Value::from), 1 => Just(Value::Null)];
    let filtered = |rest: &'static str| {
        kind().prop_map(move |kind| format!("emails[type eq \"{kind}\"]{rest}"))
    };
    prop_oneof![
        (Just("nickName".to_owned()), text()),
        (Just("name".to_owned()), name()),
        (Just("name.givenName".to_owned()), text()),
        (Just("emails".to_owned()), list),
        (Just("emails".to_owned()), email()),
        (filtered(""), email()),
        (filtered(".display"), word().prop_map(Value::from)),
        (filtered(".value"), word().prop_map(Value::from)),
        (filtered(".primary"), any::<bool>().prop_map(Value::from)),
    ]
}

fn removal() -> impl Strategy<Value = Value> {
    let path = prop_oneof![
        Just("nickName".to_owned()),
        Just("name".to_owned()),
        Just("name.familyName".to_owned()),
        Just("emails".to_owned()),
        kind().prop_map(|kind| format!("emails[type eq \"{kind}\"]")),
        kind().prop_map(|kind| format!("emails[type eq \"{kind}\"].display")),
        kind().prop_map(|kind| format!("emails[type eq \"{kind}\"].value")),
    ];
    let by_path = path.prop_map(|path| json!({ "op": "remove", "path": path }));
    let listed =
        prop::collection::vec((word(), prop::option::of(kind())), 1..3).prop_map(|listed| {
            let listed = listed.into_iter().map(|(value, kind)| match kind {
                Some(kind) => json!({ "value": value, "type": kind }),
                None => json!({ "value": value }),
            });
            json!({ "op": "remove", "path": "emails", "value": listed.collect::<Vec<_>>() })
        });
    prop_oneof![3 => by_path, 1 => listed]
}

/// Values with distinct identities, at most one of them primary.
fn emails() -> impl Strategy<Value = Vec<Value>> {
    (prop::collection::vec(email(), 0..4), 0..4_usize).prop_map(|(emails, primary)| {
        let mut seen = HashSet::new();
        let unique = emails
            .into_iter()
            .filter(|it| seen.insert(format!("{} {}", it["value"], it["type"]).to_lowercase()));
        let mut unique: Vec<_> = unique.collect();
        for (position, email) in unique.iter_mut().enumerate() {
            if email["primary"] == true && position != primary {
                email["primary"] = json!(false);
            }
        }
        unique
    })
}

fn email() -> impl Strategy<Value = Value> {
    let primary = prop::option::of(any::<bool>());
    (word(), prop::option::of(kind()), prop::option::of(word()), primary).prop_map(
        |(value, kind, display, primary)| {
            let parts = [
                ("value", Some(json!(value))),
                ("type", kind.map(Value::from)),
                ("display", display.map(Value::from)),
                ("primary", primary.map(Value::from)),
            ];
            let given =
                parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
            Value::Object(given.collect())
        },
    )
}

fn name() -> impl Strategy<Value = Value> {
    prop_oneof![
        word().prop_map(|word| json!({ "givenName": word })),
        (word(), word()).prop_map(|(one, two)| json!({ "givenName": one, "familyName": two })),
    ]
}

fn word() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["a", "A", "b", "c", "d"])
}

fn kind() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["work", "Work", "home"])
}
