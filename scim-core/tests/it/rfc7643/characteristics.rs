//! Characteristics of attributes (RFC 7643 §2.2, §7).

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    AttributeRules, AttributeUse, Caller, Policy, Proposal, ScimError, SecretKeeper,
    schema::{Attribute, Registry},
    store::Key,
};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use super::widget::{body, endpoint, widget};
use crate::endpoint::{ENTERPRISE, Endpoint, user};

#[test]
fn what_a_definition_leaves_out_takes_the_default() {
    //
    let scim = endpoint();
    let schema = scim.get("/Schemas/urn:example:2.0:Widget").json();
    let plain = &schema["attributes"][0];
    let expected = json!({
        "name": "plain", "type": "string", "multiValued": false, "description": "",
        "required": false, "caseExact": false, "mutability": "readWrite",
        "returned": "default", "uniqueness": "none"
    });
    assert_eq!(*plain, expected);
    widget(&scim, json!({"plain": "Red"}));
    widget(&scim, json!({"plain": "red"}));
    assert_eq!(scim.filter("/Widgets", "plain eq \"RED\"").json()["totalResults"], 2);
}

#[test]
fn exact_attributes_keep_and_compare_case() {
    //
    let scim = Endpoint::new();
    let created = scim.post("/Users", user("BJensen", json!({"externalId": "AbC"}))).expect(201);
    assert_eq!(created.json()["externalId"], "AbC");
    for (filter, total) in
        [("externalId eq \"AbC\"", 1), ("externalId eq \"abc\"", 0), ("userName eq \"bjensen\"", 1)]
    {
        assert_eq!(scim.filter("/Users", filter).json()["totalResults"], total, "{filter}");
    }
}

#[test]
fn what_clients_may_not_write_stays() {
    // A-035, C-001, R-011, R-017, U-008, W-017, H-008
    let scim = Endpoint::new();
    let ours = json!({
        "id": "mine", "groups": [{"value": "g"}],
        "meta": {"created": "2001-01-01T00:00:00Z", "version": "W/\"9\"", "resourceType": "Group"}
    });
    let created = scim.post("/Users", user("a", ours.clone())).expect(201).json();
    assert_ne!(created["id"], "mine");
    assert_eq!(created["meta"]["resourceType"], "User");
    assert!(!created.to_string().contains("2001-01-01"));
    assert!(created.get("groups").is_none());

    let path = format!("/Users/{}", created["id"].as_str().unwrap());
    let replaced = scim.put(&path, user("a", ours)).expect(200).json();
    assert_eq!(replaced, created);
    for (path_given, value) in [
        ("id", json!("mine")),
        ("meta.created", json!("2001-01-01T00:00:00Z")),
        ("meta", json!({})),
        ("groups", json!([{"value": "g"}])),
        //
        ("groups[type eq \"direct\"].display", json!("x")),
    ] {
        let operation = json!([{"op": "replace", "path": path_given, "value": value}]);
        scim.patch(&path, operation).expect_error(400, "mutability");
    }
    assert_eq!(scim.get(&path).json(), created);
}

#[test]
fn parts_have_characteristics_of_their_own() {
    // A-045, W-025, W-026
    let scim = Endpoint::new();
    let manager = json!({"value": "26118915", "displayName": "John"});
    let body = user("a", json!({ENTERPRISE: {"manager": manager}}));
    let created = scim.post("/Users", body).expect(201).json();
    assert_eq!(created[ENTERPRISE]["manager"], json!({"value": "26118915"}));
}

#[test]
fn an_immutable_value_is_set_once() {
    // A-036, H-009, U-006, U-007
    let scim = endpoint();
    let path = widget(&scim, json!({}));
    let add = |value: &str| json!([{"op": "add", "path": "serial", "value": value}]);
    scim.patch(&path, add("1")).expect(200);
    scim.patch(&path, add("2")).expect_error(400, "mutability");
    scim.put(&path, body(json!({"serial": "2"}))).expect_error(400, "mutability");
    for given in [json!({"serial": "1"}), json!({"plain": "x"})] {
        assert_eq!(scim.put(&path, body(given)).expect(200).json()["serial"], "1");
    }
    let other = widget(&scim, json!({}));
    let set = scim.put(&other, body(json!({"serial": "3"}))).expect(200);
    assert_eq!(set.json()["serial"], "3");
}

#[test]
fn the_standard_display_is_set_once() {
    //
    let scim = endpoint();
    let path = widget(&scim, json!({"parts": [{"value": "a", "display": "A"}]}));
    let path_given = "parts[value eq \"a\"].display";
    let operation = json!([{"op": "replace", "path": path_given, "value": "B"}]);
    scim.patch(&path, operation).expect_error(400, "mutability");
}

#[test]
fn what_is_returned_on_request_is_shown_when_asked_for_or_set() {
    // A-041, G-002
    let scim = endpoint();
    let created = scim.post("/Widgets", body(json!({"rare": "x"}))).expect(201);
    assert_eq!(created.json()["rare"], "x");
    let path = format!("/Widgets/{}", created.id());
    assert!(scim.get(&path).json().get("rare").is_none());
    assert_eq!(scim.get(&format!("{path}?attributes=rare")).json()["rare"], "x");
    let other = json!([{"op": "replace", "path": "plain", "value": "y"}]);
    assert!(scim.patch(&path, other).expect(200).json().get("rare").is_none());
    let set = json!([{"op": "replace", "path": "rare", "value": "y"}]);
    assert_eq!(scim.patch(&path, set).expect(200).json()["rare"], "y");
    let list = scim.get("/Widgets").json();
    assert!(list["Resources"][0].get("rare").is_none());
}

/// A type with these attributes.
fn safes(attributes: &Value) -> Endpoint {
    let schema = json!({"id": "urn:example:2.0:Safe", "name": "Safe", "attributes": attributes});
    let safe = json!({"name": "Safe", "endpoint": "/Safes", "schema": "urn:example:2.0:Safe"});
    let registry = Registry::builder().schema_json(&schema.to_string()).unwrap();
    let registry = registry.resource_type_json(&safe.to_string()).unwrap().build().unwrap();
    Endpoint::with(|builder| builder.registry(registry).policy(Sealing).secret_keeper(Sealing))
}

fn safe(mut values: Value) -> Value {
    values["schemas"] = json!(["urn:example:2.0:Safe"]);
    values
}

/// Says who sealed what is sealed, and what is new and has a value. Keeps secrets as they come.
#[derive(Debug)]
struct Sealing;

#[async_trait]
impl Policy for Sealing {
    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        let is_new = proposal.before().is_none();
        let sealed = proposal.after_mut().into_iter().flat_map(|after| after.iter_mut());
        for (name, value) in sealed {
            if let Value::Object(parts) = value
                && (name == "seal" || is_new && parts.contains_key("value"))
            {
                parts.insert("by".to_owned(), "host".into());
            }
        }
        Ok(())
    }
}

#[async_trait]
impl SecretKeeper for Sealing {
    async fn keep(
        &self,
        _: &Caller<'_>,
        _: &Key,
        _: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        Ok(Some(value))
    }
}

/// A-035, U-006, U-008: what clients do not write is none of what they may not change.
#[test]
fn an_immutable_value_with_a_read_only_part_can_be_put_back() {
    let scim = safes(&json!([
        {"name": "label"},
        {"name": "seal", "type": "complex", "mutability": "immutable", "subAttributes": [
            {"name": "number"}, {"name": "by", "mutability": "readOnly"}]}
    ]));
    let given =
        |number: &str, label: &str| safe(json!({"seal": {"number": number}, "label": label}));
    let created = scim.post("/Safes", given("7", "a")).expect(201);
    let path = format!("/Safes/{}", created.id());
    let seal = json!({"number": "7", "by": "host"});
    assert_eq!(created.json()["seal"], seal);
    let put = scim.put(&path, given("7", "b")).expect(200).json();
    assert_eq!((&put["seal"], &put["label"]), (&seal, &json!("b")));
    scim.put(&path, created.json()).expect(200);
    scim.put(&path, given("8", "b")).expect_error(400, "mutability");
}

/// A-041, of wholes and parts, whichever way they are set.
#[test]
fn parts_and_wholes_that_are_set_are_shown() {
    let scim = safes(&json!([
        {"name": "label"},
        {"name": "badge", "type": "complex", "returned": "request", "subAttributes": [
            {"name": "number"}, {"name": "colour"}]},
        {"name": "box", "type": "complex", "subAttributes": [
            {"name": "size"}, {"name": "code", "returned": "request"}]},
        {"name": "keys", "type": "complex", "multiValued": true, "subAttributes": [
            {"name": "value"}, {"name": "code", "returned": "request"}]}
    ]));
    let all = json!({
        "badge": {"number": "1", "colour": "red"},
        "box": {"size": "1", "code": "2"},
        "keys": [{"value": "a", "code": "3"}],
    });
    let shown = |answer: Value| -> Vec<Value> {
        ["badge", "box", "keys"].iter().map(|name| answer[name].clone()).collect()
    };
    let everything = shown(all.clone());
    let plain = vec![json!(null), json!({"size": "1"}), json!([{"value": "a"}])];
    let created = scim.post("/Safes", safe(all.clone())).expect(201);
    let path = format!("/Safes/{}", created.id());
    assert_eq!(shown(created.json()), everything);
    assert_eq!(shown(scim.put(&path, safe(all)).expect(200).json()), everything);
    assert_eq!(shown(scim.get(&path).json()), plain);
    for (place, value, name, expected) in [
        ("label", json!("b"), "badge", json!(null)),
        ("badge.number", json!("1"), "badge", json!({"number": "1", "colour": "red"})),
        ("badge", json!({"colour": "red"}), "badge", json!({"number": "1", "colour": "red"})),
        ("box.size", json!("1"), "box", json!({"size": "1"})),
        ("box.code", json!("2"), "box", json!({"size": "1", "code": "2"})),
        ("keys[value eq \"a\"].code", json!("3"), "keys", json!([{"value": "a", "code": "3"}])),
        (
            "keys",
            json!([{"value": "a", "code": "3"}]),
            "keys",
            json!([{"value": "a", "code": "3"}]),
        ),
    ] {
        let operation = json!([{"op": "replace", "path": place, "value": value}]);
        assert_eq!(scim.patch(&path, operation).expect(200).json()[name], expected, "{place}");
    }
}

#[test]
fn returned_says_what_is_always_there_and_what_never() {
    // G-007, G-004, W-008, L-012
    let scim = Endpoint::new();
    let body = user("a", json!({"displayName": "A", "password": "t1meMa$heen"}));
    let path = format!("/Users/{}", scim.post("/Users", body).expect(201).id());
    let shown = |query: &str| {
        let answer = scim.get(&format!("{path}?{query}")).expect(200);
        assert!(!answer.text.contains("password"), "{}", answer.text);
        answer.json()
    };
    let keys = |value: Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(shown("attributes=userName")), ["id", "schemas", "userName"]);
    assert_eq!(keys(shown("attributes=password")), ["id", "schemas"]);
    let without = shown("excludedAttributes=id,schemas,userName,meta");
    assert_eq!(keys(without), ["displayName", "id", "schemas"]);
    assert_eq!(shown("attributes=displayName")["displayName"], "A");
    assert!(!scim.get("/Users?attributes=password,userName").text.contains("t1meMa"));
    let change = json!([{"op": "replace", "path": "password", "value": "t1meMa$heen2"}]);
    assert!(!scim.patch(&path, change).text.contains("t1meMa"));
}

#[test]
fn a_unique_value_is_held_by_one_resource() {
    // U-012, H-040, C-007
    let scim = endpoint();
    widget(&scim, json!({"batch": "one"}));
    scim.post("/Widgets", body(json!({"batch": "ONE"}))).expect_error(409, "uniqueness");
    let other = widget(&scim, json!({"batch": "two"}));
    scim.put(&other, body(json!({"batch": "one"}))).expect_error(409, "uniqueness");
    let take = json!([{"op": "replace", "path": "batch", "value": "One"}]);
    scim.patch(&other, take).expect_error(409, "uniqueness");
    assert_eq!(scim.get(&other).json()["batch"], "two");
}

#[test]
fn canonical_values_bind_where_they_are_enforced() {
    // A-007, W-029, W-030
    use scim_core::{CanonicalValues, Rules};
    let body = || {
        user(
            "a",
            json!({
                "emails": [{"value": "a@x.test", "type": "school"}],
                "ims": [{"value": "a", "type": "signal"}],
            }),
        )
    };
    let created = Endpoint::new().post("/Users", body()).expect(201).json();
    assert_eq!(created["emails"][0]["type"], "school");
    assert_eq!(created["ims"][0]["type"], "signal");
    let enforcing = Endpoint::ruled(Rules::default().canonical_values(CanonicalValues::Enforce));
    enforcing.post("/Users", body()).expect_error(400, "invalidValue");
}

/// U-006, U-008, U-010: a value that a client need not repeat is none that changed.
#[test]
fn values_that_are_left_out_are_not_others() {
    let of = |mutability: &str| {
        json!({"name": mutability, "type": "complex", "subAttributes": [
            {"name": "value", "mutability": mutability}, {"name": "label"},
            {"name": "by", "mutability": "readOnly"}, {"name": "pin", "mutability": "writeOnly"}]})
    };
    let names = ["immutable", "readWrite", "writeOnly"];
    let scim = safes(&json!(names.map(of)));
    let given = |name: &str, value: Value| safe(json!({ name: value }));
    for (name, put, shown) in [
        ("immutable", json!({"label": "b"}), json!({"value": "1", "label": "b", "by": "host"})),
        ("immutable", json!({"value": "1"}), json!({"value": "1", "by": "host"})),
        ("writeOnly", json!({"label": "b"}), json!({"label": "b", "by": "host"})),
        // A secret is kept otherwise than it came: what it was cannot be compared.
        ("writeOnly", json!({"value": "2", "label": "b"}), json!({"label": "b", "by": "host"})),
        ("readWrite", json!({"value": "1"}), json!({"value": "1", "by": "host"})),
        ("readWrite", json!({"value": "2"}), json!({"value": "2"})),
        ("readWrite", json!({"label": "b"}), json!({"label": "b"})),
    ] {
        let whole = json!({"value": "1", "label": "a", "pin": "7"});
        let path = format!("/Safes/{}", scim.post("/Safes", given(name, whole)).expect(201).id());
        let answer = scim.put(&path, given(name, put.clone())).expect(200).json();
        assert_eq!(answer[name], shown, "{name}: {put}");
    }
}

/// Knows the name of one manager.
#[derive(Debug)]
struct Naming;

#[async_trait]
impl Policy for Naming {
    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        let enterprise = proposal.after_mut().and_then(|after| after.get_mut(ENTERPRISE));
        if let Some(manager) = enterprise.and_then(|it| it.get_mut("manager"))
            && (manager["value"] == "1"
                || manager["$ref"].as_str().is_some_and(|it| it.ends_with("/Users/1")))
        {
            manager["displayName"] = "John".into();
        }
        Ok(())
    }
}

/// Forbids these uses of that name.
#[derive(Debug)]
struct Discreet(&'static [AttributeUse]);

impl Policy for Discreet {
    fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
        Some(self)
    }
}

impl AttributeRules for Discreet {
    fn allows(&self, _: &Caller<'_>, attribute: &Attribute, purpose: AttributeUse) -> bool {
        !self.0.contains(&purpose) || !attribute.path().ends_with("manager.displayName")
    }
}

/// A-035, W-026: what the host says of a value goes with it.
#[test]
fn the_name_of_one_manager_is_not_that_of_the_next() {
    use AttributeUse::{Read, Write};
    let store = Arc::new(MemoryStore::new());
    let host = Endpoint::over(store.clone(), |builder| builder.policy(Naming));
    let discreet = [&[Read][..], &[Write], &[Read, Write]]
        .map(|uses| Endpoint::over(store.clone(), |builder| builder.policy(Discreet(uses))));
    let with_manager = |manager: Value| user("a", json!({ENTERPRISE: {"manager": manager}}));
    let first = || with_manager(json!({"value": "1"}));
    let path = format!("/Users/{}", host.post("/Users", first()).expect(201).id());
    let place = format!("{ENTERPRISE}:manager");
    let patch =
        |op: &str, path: &str, value: Value| json!([{"op": op, "path": path, "value": value}]);
    let of_value = format!("{place}.value");
    let second = || json!({"value": "2"});
    for (method, body, shown) in [
        ("PUT", with_manager(second()), second()),
        ("PUT", user("a", json!({})), Value::Null),
        ("PATCH", patch("replace", &place, second()), second()),
        ("PATCH", patch("add", &place, second()), second()),
        ("PATCH", patch("replace", &of_value, "2".into()), second()),
        ("PATCH", patch("add", &of_value, "2".into()), second()),
        ("PATCH", patch("replace", ENTERPRISE, json!({"manager": second()})), second()),
        ("PATCH", patch("replace", ENTERPRISE, json!({"manager": "2"})), second()),
    ] {
        for scim in discreet.iter().chain([&host]) {
            let named = json!({"value": "1", "displayName": "John"});
            let before = host.put(&path, first()).expect(200).json();
            assert_eq!(before[ENTERPRISE]["manager"], named);
            let body = body.clone();
            let answer =
                if method == "PUT" { scim.put(&path, body) } else { scim.patch(&path, body) };
            answer.expect(200);
            let after = host.get(&path).json();
            assert_eq!(after[ENTERPRISE]["manager"], shown, "{method}");
        }
    }
}

/// The same where it is a `$ref` that says who it is.
#[test]
fn another_reference_is_another_manager() {
    let scim = Endpoint::with(|builder| builder.policy(Naming));
    let with_manager = |manager: Value| user("a", json!({ENTERPRISE: {"manager": manager}}));
    let reference = |id: &str| json!({"$ref": format!("https://scim.test/scim/v2/Users/{id}")});
    let created = scim.post("/Users", with_manager(reference("1"))).expect(201);
    let path = format!("/Users/{}", created.id());
    let shown = |answer: &Value| answer[ENTERPRISE]["manager"]["displayName"].clone();
    assert_eq!(shown(&created.json()), "John");
    assert_eq!(shown(&scim.put(&path, with_manager(reference("1"))).json()), "John");
    let put = scim.put(&path, with_manager(reference("2"))).expect(200).json();
    assert_eq!(shown(&put), Value::Null);
}
