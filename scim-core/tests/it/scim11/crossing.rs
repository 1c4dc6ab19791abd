//! What one version writes, the other reads: laws over random users.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{ENTERPRISE, One, written};
use crate::endpoint;

/// A user in the terms of SCIM 1.1, but for its name.
fn users() -> impl Strategy<Value = Value> {
    let text =
        || "[a-zA-Z0-9 ü'\"\\\\.]{1,12}".prop_filter("no mere spaces", |it| !it.trim().is_empty());
    let locale = prop::sample::select(vec!["en_US", "de_DE", "de", "zh-Hant-TW"]);
    let parts = prop::collection::btree_map(
        prop::sample::select(vec!["givenName", "familyName", "formatted", "middleName"]),
        text(),
        1..4,
    );
    let values = || {
        let value =
            ("[a-z]{1,6}@x\\.org", prop::option::of(prop::sample::select(vec!["work", "home"])));
        prop::collection::btree_map(value.0, value.1, 1..4).prop_map(|values| -> Value {
            let value = |(value, kind): (String, Option<&str>)| match kind {
                Some(kind) => json!({"value": value, "type": kind}),
                None => json!({ "value": value }),
            };
            values.into_iter().map(value).collect()
        })
    };
    let address = prop::collection::btree_map(
        prop::sample::select(vec!["streetAddress", "locality", "region", "postalCode", "type"]),
        text(),
        1..4,
    );
    let enterprise = (prop::option::of(text()), prop::option::of("[a-z0-9]{1,8}"));
    (
        prop::option::of(text()),
        prop::option::of(locale),
        prop::option::of(parts),
        prop::option::of(values()),
        prop::option::of(address),
        prop::option::of(any::<bool>()),
        enterprise,
    )
        .prop_map(|(nick, locale, name, emails, address, active, (department, manager))| {
            let mut user = Map::new();
            let mut set = |name: &str, value: Option<Value>| {
                user.extend(value.map(|value| (name.to_owned(), value)));
            };
            set("nickName", nick.map(Value::from));
            set("locale", locale.map(Value::from));
            set("name", name.map(|it| json!(it)));
            set("emails", emails);
            set("addresses", address.map(|it| json!([it])));
            set("active", active.map(Value::from));
            let mut extension = Map::new();
            extension.extend(department.map(|it| ("department".to_owned(), it.into())));
            extension.extend(manager.map(|it| ("manager".to_owned(), json!({ "managerId": it }))));
            set(ENTERPRISE, (!extension.is_empty()).then(|| extension.into()));
            user.into()
        })
}

/// The same user in the terms of SCIM 2.0, by a translation of its own.
fn in_two(user: &Value) -> Value {
    let text = user.to_string().replace(ENTERPRISE, endpoint::ENTERPRISE);
    let mut user: Value =
        serde_json::from_str(&text.replace("\"managerId\"", "\"value\"")).unwrap();
    if let Some(locale) = user.get_mut("locale") {
        *locale = locale.as_str().unwrap().replace('_', "-").into();
    }
    user
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_user_of_one_version_is_one_of_the_other(first in users(), second in users()) {
        // 6.1, 6.5
        let scim = One::new();
        let named = |mut user: Value| {
            user["userName"] = "babs".into();
            user
        };
        let (first, second) = (named(first), named(second));
        let shown_in = |path: &str| {
            (written(scim.get(path).expect(200).json()), written(scim.two.get(path).expect(200).json()))
        };
        // Written in 1.1, changed in 2.0.
        let path = format!("/Users/{}", scim.post("/Users", first.clone()).expect(201).id());
        prop_assert_eq!(shown_in(&path), (first.clone(), in_two(&first)));
        scim.two.put(&path, in_two(&second)).expect(200);
        prop_assert_eq!(shown_in(&path), (second.clone(), in_two(&second)));
        // What 1.1 shows can be put back and changes nothing.
        let before = scim.get(&path);
        let after = scim.put(&path, before.json()).expect(200);
        prop_assert_eq!(after.json(), before.json());
        prop_assert_eq!(after.header("etag"), before.header("etag"));
        // A PATCH that clears and sets everything is a PUT.
        let names: Vec<_> = second.as_object().unwrap().keys().collect();
        let mut patch = first.clone();
        patch["meta"] = json!({ "attributes": names });
        scim.patch(&path, patch).expect(200);
        prop_assert_eq!(shown_in(&path), (first.clone(), in_two(&first)));
    }

    #[test]
    fn no_body_does_harm(text in "\\PC{0,40}", name in "[a-zA-Z:.$]{1,12}") {
        let scim = One::new();
        let path = format!("/Users/{}", scim.user("babs", json!({})));
        let bodies = [
            json!({ name.as_str(): text }),
            json!({"meta": {"attributes": [name, text]}}),
            json!({"emails": [{"value": text, "operation": name}], ENTERPRISE: {name.as_str(): [text]}}),
            json!({"emails": {name.as_str(): {"operation": "delete"}}, "schemas": text}),
        ];
        for body in bodies {
            prop_assert!(scim.patch(&path, body.clone()).status.as_u16() < 500, "{}", body);
            prop_assert!(scim.put(&path, body.clone()).status.as_u16() < 500, "{}", body);
            prop_assert!(scim.filter("/Users", &text).status.as_u16() < 500);
        }
    }
}
