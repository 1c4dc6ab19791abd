//! PATCH: the vectors of `tests/vectors/scim11/patch.json`, and what goes beyond one request.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{One, expect_error, written};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    id: String,
    #[serde(rename = "rule")]
    _rule: String,
    #[serde(rename = "type")]
    endpoint: String,
    before: Value,
    patch: Value,
    status: u16,
    /// What it is afterwards; as before, if absent.
    after: Option<Value>,
}

#[test]
fn vectors() {
    let vectors: Vec<Vector> =
        serde_json::from_str(include_str!("../../vectors/scim11/patch.json")).unwrap();
    assert!(vectors.len() > 50);
    let wrong: Vec<_> = vectors.iter().filter_map(|it| carried_out(it).err()).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
}

fn carried_out(vector: &Vector) -> Result<(), String> {
    let scim = One::new();
    let people = ["a", "b", "c"].map(|name| (name, scim.user(&format!("user-{name}"), json!({}))));
    let filled = |value: &Value| -> Value {
        let mut text = value.to_string();
        for (name, id) in &people {
            text = text.replace(&format!("{{{{{name}}}}}"), id);
        }
        serde_json::from_str(&text).unwrap()
    };
    let endpoint = format!("/{}", vector.endpoint);
    let created = scim.post(&endpoint, filled(&vector.before)).expect(201);
    let path = format!("{endpoint}/{}", created.id());
    let before = created.json();
    let answer = scim.patch(&path, filled(&vector.patch));
    let found = scim.get(&path).json();
    let wrong =
        |what: &str, value: &dyn std::fmt::Display| Err(format!("{}: {what}: {value}", vector.id));
    if answer.status != vector.status {
        return wrong("status", &format!("{} {}", answer.status, answer.text));
    }
    let expected = match &vector.after {
        Some(after) => filled(after),
        None if found != before => return wrong("changed", &found),
        None => return Ok(()),
    };
    if sorted(written(found.clone())) != sorted(expected) {
        return wrong("found", &found);
    }
    if answer.status == 200 && answer.json() != found {
        return wrong("answered", &answer.text);
    }
    Ok(())
}

/// Members are in no order, and show more than was given.
fn sorted(mut resource: Value) -> Value {
    if let Some(Value::Array(members)) = resource.get_mut("members") {
        members.iter_mut().for_each(|it| *it = it["value"].take());
        members.sort_by_key(Value::to_string);
    }
    resource
}

#[test]
fn the_answer_is_the_resource_where_attributes_are_named() {
    // 5.1
    let scim = One::new();
    let [a, b] = ["a", "b"].map(|name| scim.user(name, json!({})));
    let path = format!("/Groups/{}", scim.group("g", &[&a]));
    let body = json!({"members": [b]});
    let brief = scim.patch(&path, body.clone()).expect(204);
    assert_eq!((&*brief.text, brief.header("etag")), ("", scim.get(&path).header("etag")));
    let shown = scim.patch(&format!("{path}?attributes=displayName"), body).expect(200).json();
    assert_eq!((&shown["displayName"], shown.get("members")), (&json!("g"), None));
}

#[test]
fn what_changes_nothing_leaves_the_version() {
    // 5.17
    let scim = One::new();
    let path = format!("/Users/{}", scim.user("babs", json!({"emails": ["a@x"]})));
    let before = scim.get(&path);
    let nothing = json!({"emails": [{"value": "a@x"}], "meta": {"attributes": ["title"]}});
    let after = scim.patch(&path, nothing).expect(200);
    assert_eq!(after.json(), before.json());
    let something = scim.patch(&path, json!({"title": "t"})).expect(200);
    assert_ne!(something.header("etag"), before.header("etag"));
    assert_ne!(something.json()["meta"]["lastModified"], before.json()["meta"]["lastModified"]);
}

#[test]
fn what_a_host_chose_for_2_0_does_not_change_it() {
    // 5.19
    let scim = One::with(|it| it, |builder| builder.profile(&scim_core::ClientProfile::strict()));
    let path = format!("/Users/{}", scim.user("babs", json!({"emails": ["a@x", "b@x"]})));
    let body = json!({"emails": [{"value": "a@x", "operation": "delete"}, "c@x"]});
    let shown = scim.patch(&path, body).expect(200).json();
    assert_eq!(shown["emails"], json!([{"value": "b@x"}, {"value": "c@x"}]));
    expect_error(&scim.patch(&path, json!({"shoeSize": 9})), 400);
}

#[test]
fn very_many_values_cost_no_more_than_their_size() {
    let scim = One::new();
    let emails = |kind: &str, count: usize| -> Value {
        (0..count).map(|it| json!({"value": format!("{it}@x"), "type": kind})).collect()
    };
    let path = format!("/Users/{}", scim.user("babs", json!({"emails": emails("work", 5000)})));
    scim.patch(&path, json!({"emails": emails("home", 5000)})).expect(200);
    let mut deleted = emails("home", 5000);
    deleted.as_array_mut().unwrap().iter_mut().for_each(|it| it["operation"] = "delete".into());
    let shown = scim.patch(&path, json!({"emails": deleted})).expect(200).json();
    assert!(shown.get("emails").is_none());
}
