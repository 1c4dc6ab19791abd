//! What rules about attributes mean for wholes and their parts.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    AttributeRules,
    AttributeUse::{self, FilterInUrl, Read, Write},
    Caller, Policy, Proposal, Resolution, ScimError,
    schema::Attribute,
    store::Resource,
};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, GROUP, USER};

/// Forbids these uses of these attributes, by path.
#[derive(Clone, Copy, Debug)]
struct Forbidden(&'static [(&'static str, AttributeUse)]);

impl Policy for Forbidden {
    fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
        Some(self)
    }
}

impl AttributeRules for Forbidden {
    fn allows(&self, _: &Caller<'_>, attribute: &Attribute, purpose: AttributeUse) -> bool {
        !self.0.contains(&(attribute.path(), purpose))
    }
}

/// Somebody who may do everything, and somebody who may not, over one store.
fn all_and_some(forbidden: &'static [(&'static str, AttributeUse)]) -> (Endpoint, Endpoint) {
    let store = Arc::new(MemoryStore::new());
    let all = Endpoint::over(store.clone(), |builder| builder);
    (all, Endpoint::over(store, |builder| builder.policy(Forbidden(forbidden))))
}

fn babs() -> Value {
    json!({
        "schemas": [USER], "userName": "bjensen", "title": "Guide",
        "name": {"givenName": "Barbara", "familyName": "Jensen"},
        "emails": [
            {"value": "a@x.test", "type": "work", "display": "A", "primary": true},
            {"value": "b@x.test", "display": "B"},
        ],
    })
}

fn path_of(scim: &Endpoint, user: Value) -> String {
    format!("/Users/{}", scim.post("/Users", user).expect(201).id())
}

fn replace(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "replace", "path": path, "value": value.into()}])
}

#[test]
fn who_may_not_write_a_whole_may_not_write_its_parts() {
    // Y-013
    let (all, some) = all_and_some(&[("name", Write)]);
    let path = path_of(&all, babs());
    some.patch(&path, replace("name.givenName", "Babs")).expect_error(403, "");
    some.patch(&path, replace("name", json!({"formatted": "Babs"}))).expect_error(403, "");
    some.patch(&path, json!([{"op": "remove", "path": "name"}])).expect_error(403, "");
    some.patch(&path, replace("name.givenName", "Barbara")).expect(200);
    some.patch(&path, replace("title", "Tour Guide")).expect(200);
    some.post("/Users", json!({"userName": "b", "name": {"givenName": "B"}})).expect_error(403, "");
}

#[test]
fn a_rule_about_a_part_of_several_values_holds_for_that_part() {
    // Y-013
    let (all, some) = all_and_some(&[("emails.primary", Write)]);
    let path = path_of(&all, babs());
    let put = |change: &dyn Fn(&mut Vec<Value>)| {
        let mut user = babs();
        change(user["emails"].as_array_mut().unwrap());
        some.put(&path, user).status.as_u16()
    };
    let primary = "emails[value eq \"b@x.test\"].primary";
    some.patch(&path, replace(primary, true)).expect_error(403, "");
    assert_eq!(put(&|emails| emails[0]["primary"] = false.into()), 403, "its value");
    assert_eq!(put(&|emails| emails.truncate(0)), 403, "it goes with the email that has it");
    let swap = |emails: &mut Vec<Value>| {
        emails[0].as_object_mut().unwrap().remove("primary");
        emails[1]["primary"] = true.into();
    };
    assert_eq!(put(&swap), 403, "another email has it");
    let added =
        |emails: &mut Vec<Value>| emails.push(json!({"value": "c@x.test", "primary": true}));
    assert_eq!(
        put(&|emails| {
            emails.truncate(0);
            added(emails);
        }),
        200,
        "it is as it was"
    );
    all.put(&path, babs()).expect(200);
    assert_eq!(put(&|emails| emails[0]["value"] = "d@x.test".into()), 200, "another part");
    assert_eq!(put(&|emails| emails.truncate(1)), 200, "an email without it");
    assert_eq!(put(&|emails| emails.push(json!({"value": "e@x.test"}))), 200);
    let plain = json!([{"value": "f@x.test", "primary": false}]);
    some.patch(&path, json!([{"op": "add", "path": "emails", "value": plain}])).expect(200);
    let edges = all_and_some(&[("members.value", Write)]);
    let id = edges.0.user("bjensen");
    let group = format!("/Groups/{}", edges.0.group("Guides", &[]));
    let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
    edges.1.patch(&group, add).expect_error(403, "");
}

#[test]
fn who_may_not_name_a_whole_in_a_url_may_not_name_its_parts() {
    // F-025
    let (all, emails) = all_and_some(&[("emails", FilterInUrl)]);
    path_of(&all, babs());
    for filter in ["emails eq \"a@x.test\"", "emails.type eq \"work\"", "emails[type eq \"work\"]"]
    {
        all.filter("/Users", filter).expect(200);
        emails.filter("/Users", filter).expect_error(403, "sensitive");
    }
    let (_, value) = all_and_some(&[("emails.value", FilterInUrl)]);
    value.filter("/Users", "emails eq \"a@x.test\"").expect_error(403, "sensitive");
    value.filter("/Users", "emails.type eq \"work\"").expect(200);
    let (_, members) = all_and_some(&[("members.value", FilterInUrl)]);
    members.filter("/Groups", "members eq \"7\"").expect_error(403, "sensitive");
    members.filter("/Groups", "members[value eq \"7\"]").expect_error(403, "sensitive");
    members.filter("/Groups", "members.display eq \"x\"").expect(200);
}

#[test]
fn what_may_neither_be_read_nor_written_cannot_be_guessed() {
    // F-029
    const SECRET: [&str; 3] = ["title", "name", "emails.display"];
    let (all, some) = all_and_some(&[
        (SECRET[0], Read),
        (SECRET[0], Write),
        (SECRET[1], Read),
        (SECRET[1], Write),
        (SECRET[2], Read),
        (SECRET[2], Write),
    ]);
    let path = path_of(&all, babs());
    let put = |change: Value| {
        let mut user = json!({"schemas": [USER], "userName": "bjensen"});
        user.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        some.put(&path, user)
    };
    let email = |display: &str| json!({"value": "b@x.test", "display": display});
    for guess in ["Guide", "Boss"] {
        some.patch(&path, replace("title", guess)).expect_error(403, "");
        some.patch(&path, json!([{"op": "add", "value": {"title": guess}}])).expect_error(403, "");
        put(json!({"title": guess})).expect_error(403, "");
    }
    for guess in ["Barbara", "Boss"] {
        some.patch(&path, replace("name.givenName", guess)).expect_error(403, "");
        put(json!({"name": {"givenName": guess}})).expect_error(403, "");
    }
    for guess in ["B", "Boss"] {
        let display = "emails[value eq \"b@x.test\"].display";
        some.patch(&path, replace(display, guess)).expect_error(403, "");
        let add = json!([{"op": "add", "path": "emails", "value": [email(guess)]}]);
        some.patch(&path, add).expect_error(403, "");
        put(json!({"emails": [babs()["emails"][0], email(guess)]})).expect_error(403, "");
    }
    let shown = some.get(&path).expect(200).json();
    some.put(&path, shown).expect(200);
    assert_eq!(all.get(&path).json()["title"], "Guide");
}

#[test]
fn a_put_keeps_the_parts_of_values_that_the_caller_cannot_see() {
    // U-016
    for hidden in [&[("emails.display", Read)], &[("emails.type", Read)]] {
        let (all, some) = all_and_some(hidden);
        let path = path_of(&all, babs());
        let before = all.get(&path).expect(200);
        let mut shown = some.get(&path).expect(200).json();
        assert_ne!(shown["emails"], before.json()["emails"]);
        assert_eq!(
            some.put(&path, shown.clone()).expect(200).header("etag"),
            before.header("etag")
        );
        assert_eq!(all.get(&path).json()["emails"], before.json()["emails"]);

        shown["emails"][1]["value"] = "c@x.test".into();
        some.put(&path, shown.clone()).expect(200);
        let after = all.get(&path).json();
        assert_eq!(after["emails"][0], before.json()["emails"][0]);
        assert_eq!(after["emails"][1], shown["emails"][1], "another email than before");
    }
}

/// What a caller does who sends back what it was shown, or takes whole values away, looks the same
/// whether they have a part that is hidden from it.
#[test]
fn a_patch_with_values_keeps_the_parts_that_the_caller_cannot_see() {
    // U-016, F-029
    const HIDDEN: [&[(&str, AttributeUse)]; 2] = [
        &[("emails.display", Read)],
        &[
            ("emails.display", Read),
            ("emails.display", Write),
            ("name.givenName", Read),
            ("name.givenName", Write),
        ],
    ];
    for hidden in HIDDEN {
        let (all, some) = all_and_some(hidden);
        let path = path_of(&all, babs());
        let before = all.get(&path).expect(200);
        let shown = some.get(&path).expect(200).json()["emails"].clone();
        assert_eq!(shown[1], json!({"value": "b@x.test"}));
        let one = "emails[value eq \"b@x.test\"]";
        for same in [replace("emails", shown.clone()), replace(one, shown[1].clone())] {
            let after = some.patch(&path, same).expect(200);
            assert_eq!(after.header("etag"), before.header("etag"));
        }
        assert_eq!(all.get(&path).json()["emails"], before.json()["emails"]);

        let mut bare = babs();
        bare["userName"] = "bare".into();
        bare["emails"][1].as_object_mut().unwrap().remove("display");
        bare["name"].as_object_mut().unwrap().remove("givenName");
        for path in [path, path_of(&all, bare)] {
            some.patch(&path, replace("emails", shown.clone())).expect(200);
            some.patch(&path, json!([{"op": "remove", "path": one}])).expect(200);
            some.patch(&path, replace("emails", json!([{"value": "c@x.test"}]))).expect(200);
            some.patch(&path, json!([{"op": "remove", "path": "emails"}])).expect(200);
            some.patch(&path, json!([{"op": "remove", "path": "name"}])).expect(200);
        }
    }
}

/// Nobody sets `active`, but whoever comes back is active again.
#[derive(Debug)]
struct Revives;

#[async_trait]
impl Policy for Revives {
    fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
        const NOT_ACTIVE: &Forbidden = &Forbidden(&[("active", Write)]);
        Some(NOT_ACTIVE)
    }

    async fn conflict(
        &self,
        _: &Caller<'_>,
        _: &Proposal,
        holder: &Resource,
    ) -> Result<Resolution, ScimError> {
        let mut after = holder.document.values().unwrap().clone();
        after.insert("active".to_owned(), true.into());
        Ok(Resolution::ChangeHolder(after))
    }
}

#[test]
fn what_the_host_makes_of_a_conflict_is_its_own() {
    // C-007, Y-013
    let store = Arc::new(MemoryStore::new());
    let all = Endpoint::over(store.clone(), |builder| builder);
    let some = Endpoint::over(store, |builder| builder.policy(Revives));
    let user = |active: bool| json!({"schemas": [USER], "userName": "bjensen", "active": active});
    let path = path_of(&all, user(false));
    some.post("/Users", json!({"schemas": [USER], "userName": "bjensen"})).expect(200);
    assert_eq!(all.get(&path).json()["active"], true);
    some.put(&path, user(false)).expect_error(403, "");
}

#[test]
fn who_may_not_write_members_can_put_the_rest_of_a_group() {
    // Y-013
    let (all, some) = all_and_some(&[("members", Write)]);
    let users = ["a", "b", "c"].map(|name| all.user(name));
    let path = format!("/Groups/{}", all.group("Guides", &[&users[0], &users[1]]));
    let empty = format!("/Groups/{}", all.group("Nobody", &[]));
    let put = |path: &str, members: &[&String]| {
        let members: Vec<_> = members.iter().map(|id| json!({"value": id})).collect();
        let group = json!({"schemas": [GROUP], "displayName": "Sales", "members": members});
        some.put(path, group).status.as_u16()
    };
    let [a, b, c] = users.each_ref();
    assert_eq!((put(&path, &[b, a]), put(&empty, &[])), (200, 200));
    for other in [&[a][..], &[a, b, c], &[a, c], &[]] {
        assert_eq!(put(&path, other), 403, "{other:?}");
    }
    assert_eq!(put(&empty, &[a]), 403);
    let group = all.get(&path).json();
    assert_eq!(
        (&group["displayName"], group["members"].as_array().unwrap().len()),
        (&json!("Sales"), 2)
    );
}

#[test]
fn members_that_cannot_be_seen_or_written_cannot_be_guessed() {
    // F-029
    let (all, some) = all_and_some(&[("members.value", Read), ("members.value", Write)]);
    let [member, other] = ["a", "b"].map(|name| all.user(name));
    let path = format!("/Groups/{}", all.group("Guides", &[&member]));
    for guess in [&member, &other] {
        let members = json!([{"value": guess}]);
        let group = json!({"schemas": [GROUP], "displayName": "Guides", "members": members});
        some.put(&path, group).expect_error(403, "");
    }
}
