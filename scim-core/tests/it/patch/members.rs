//! Filters on members, which need the members there are (RFC 7644 §3.5.2.2).

use scim_core::{
    Behaviour,
    patch::{PatchOptions, UnmatchedRemove},
};
use serde_json::{Value, json};

use crate::endpoint::Endpoint;

fn members(scim: &Endpoint, group: &str) -> Vec<String> {
    let group = scim.get(&format!("/Groups/{group}")).expect(200).json();
    let values = group["members"].as_array().unwrap().iter();
    values.map(|member| member["value"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_filter_removes_the_members_that_match() {
    // H-027, H-030
    let scim = Endpoint::new();
    let user = scim.user("bjensen");
    let nested = scim.group("Nested", &[]);
    let group = scim.group("Guides", &[&user, &nested]);
    let path = format!("/Groups/{group}");
    let users = json!([{ "op": "remove", "path": "members[type eq \"User\"]" }]);
    scim.patch(&path, users.clone()).expect(200);
    assert_eq!(members(&scim, &group), [nested]);
    scim.patch(&path, users).expect(200);
}

#[test]
fn a_filter_sees_the_members_added_before_it() {
    // H-010
    let scim = Endpoint::new();
    let (one, two) = (scim.user("one"), scim.user("two"));
    let group = scim.group("Guides", &[&one]);
    let operations = json!([
        { "op": "add", "path": "members", "value": [{ "value": two }] },
        { "op": "remove", "path": format!("members[value sw \"{two}\"]") },
    ]);
    scim.patch(&format!("/Groups/{group}"), operations).expect(200);
    assert_eq!(members(&scim, &group), [one]);
}

#[test]
fn a_removal_can_be_made_to_need_a_match() {
    // H-030, the other reading
    let mut behaviour = Behaviour::default();
    behaviour.patch = PatchOptions::default().unmatched_remove(UnmatchedRemove::NoTarget);
    let scim = Endpoint::with(|builder| builder.behaviour(behaviour));
    let user = scim.user("bjensen");
    let group = scim.group("Guides", &[]);
    let path = format!("/Groups/{group}");
    let remove: Value = json!({ "op": "remove", "path": format!("members[value eq \"{user}\"]") });
    scim.patch(&path, json!([remove])).expect_error(400, "noTarget");
    let add = json!({ "op": "add", "path": "members", "value": [{ "value": user }] });
    scim.patch(&path, json!([add, remove])).expect(200);
    assert!(members(&scim, &group).is_empty());
}

#[test]
fn a_filter_may_ask_for_the_url_of_a_member() {
    // H-027, A-016
    let scim = Endpoint::new();
    let (one, two) = (scim.user("one"), scim.user("two"));
    let url = scim.get(&format!("/Users/{one}")).expect(200).json()["meta"]["location"].clone();
    let url = url.as_str().unwrap();
    let neither: [&str; 0] = [];
    for (filter, left) in [
        (format!("$ref eq \"{url}\""), &[&*two][..]),
        (format!("$ref ne \"{url}\""), &[&*one]),
        (format!("$ref eq \"{url}\" and type eq \"User\""), &[&*two]),
        ("$ref eq \"https://other.example/Users/1\"".to_owned(), &[&*one, &*two]),
        ("not ($ref pr)".to_owned(), &[&*one, &*two]),
        ("$ref pr".to_owned(), &neither),
    ] {
        let group = scim.group("Guides", &[&one, &two]);
        let remove = json!([{ "op": "remove", "path": format!("members[{filter}]") }]);
        let answer = scim.patch(&format!("/Groups/{group}"), remove);
        assert!(answer.status.is_success(), "{filter}");
        let found = scim.get(&format!("/Groups/{group}")).expect(200).json();
        let found = found["members"].as_array().into_iter().flatten();
        let found: Vec<_> = found.map(|it| it["value"].as_str().unwrap().to_owned()).collect();
        assert_eq!(found, left, "{filter}");
    }
    let group = scim.group("Guides", &[&one]);
    let remove = json!([{ "op": "remove", "path": "members[$ref co \"Users\"]" }]);
    scim.patch(&format!("/Groups/{group}"), remove).expect_error(400, "invalidFilter");
}
