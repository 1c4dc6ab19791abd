//! All operations or none.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use http::Method;
use scim_core::{
    Behaviour, Bulk, Caller, Committed, Observer, ProposedDocument, ScimError, SecretKeeper,
    Values, schema::Attribute, store::Key,
};
use serde_json::json;

use super::*;
use crate::{endpoint::ENTERPRISE, faulty::Faulty, host_shapes::never_empty};

fn endpoint() -> Endpoint {
    let mut behaviour = Behaviour::default();
    behaviour.bulk = Bulk::Atomic;
    Endpoint::with(|builder| builder.behaviour(behaviour))
}

#[test]
fn one_failure_undoes_all() {
    let scim = endpoint();
    let alice = scim.user("alice");
    let path = format!("/Users/{alice}");
    let before = scim.get(&path).json();
    let failing = [
        (user("x", "ALICE"), "409"),
        (user("x", ""), "400"),
        (json!({"method": "GET", "path": path}), "400"),
        (put("/Users/nobody", "x"), "404"),
        (delete("/Users/bulkId:nobody"), "400"),
        (add_member("/Groups/bulkId:g", "nobody"), "400"),
        (json!({"method": "DELETE", "path": path, "version": "W/\"other\""}), "412"),
    ];
    for (failing, status) in failing {
        let patched = patch(&path, json!([{"op": "add", "path": "title", "value": "changed"}]));
        let answers = bulk(
            &scim,
            json!([user("b", "bob"), patched, group("g", "G", &["bulkId:b"]), failing]),
        );
        let culprit = if failing["path"] == "/Groups/bulkId:g" { 2 } else { 3 };
        let culprit = if failing["version"].is_string() { 1 } else { culprit };
        for (index, answer) in answers.iter().enumerate() {
            let expected = if index == culprit { status } else { "424" };
            assert_eq!(answer["status"], expected, "{failing}: {answers:?}");
        }
        assert_eq!(answers.len(), 4);
        assert_eq!(scim.get(&path).json(), before);
        assert_eq!(users(&scim), 1);
        assert_eq!(scim.get("/Groups?count=0").json()["totalResults"], 0);
    }
}

#[derive(Clone, Debug, Default)]
struct Count(Arc<AtomicUsize>);

impl Observer for Count {
    fn committed(&self, _: &Committed<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn the_operations_on_one_resource_are_one_change() {
    let count = Count::default();
    let mut behaviour = Behaviour::default();
    behaviour.bulk = Bulk::Atomic;
    let scim = Endpoint::with(|it| it.behaviour(behaviour).observer(count.clone()));
    let alice = scim.user("alice");
    let path = format!("/Users/{alice}");
    let version = scim.get(&path).header("etag").to_owned();
    let mut titled = patch(&path, json!([{"op": "add", "path": "title", "value": "Guide"}]));
    titled["version"] = version.clone().into();
    let mut named = patch(&path, json!([{"op": "add", "path": "nickName", "value": "al"}]));
    named["version"] = version.into();
    let answers = bulk(
        &scim,
        json!([
            add_member("/Groups/bulkId:g", &alice),
            group("g", "G", &["bulkId:b"]),
            titled,
            named,
            patch(&path, json!([{"op": "replace", "path": "userName", "value": "ally"}])),
            patch(
                &path,
                json!([{"op": "replace", "path": "title",
                                 "value": "Chief", "comment": "of what is there by now"}])
            ),
            user("b", "bob"),
            put("/Users/bulkId:b", "alice"),
            patch(
                "/Groups/bulkId:g",
                json!([
                    {"op": "remove", "path": format!("members[value eq \"{alice}\"]")},
                    {"op": "add", "path": "displayName", "value": "Guides"},
                ])
            ),
        ]),
    );
    let expected = ["204", "201", "200", "200", "200", "200", "201", "200", "200"];
    assert_eq!(statuses(&answers), expected);
    // One for the user before, then one for each resource of the request.
    assert_eq!(count.0.load(Ordering::Relaxed), 4);
    let shown = scim.get(&path);
    let user = shown.json();
    assert_eq!(
        (&user["title"], &user["nickName"], &user["userName"]),
        (&json!("Chief"), &json!("al"), &json!("ally"))
    );
    for answer in &answers[2..6] {
        assert_eq!(answer["version"], shown.header("etag"));
    }
    let (g, b) = (id(&answers[1]), id(&answers[6]));
    assert_eq!(members(&scim, &g), [&*b]);
    assert_eq!(scim.get(&format!("/Groups/{g}")).json()["displayName"], "Guides");
    assert_eq!(scim.get(&format!("/Users/{b}")).json()["userName"], "alice");
}

/// Keeps the method that asked for each change.
#[derive(Clone, Debug, Default)]
struct Methods(Arc<Mutex<Vec<Method>>>);

impl Observer for Methods {
    fn committed(&self, change: &Committed<'_>) {
        self.0.lock().unwrap().push(change.proposal.method.clone());
    }
}

#[test]
fn one_change_of_several_is_asked_for_by_the_first_or_by_what_ends_it() {
    let methods = Methods::default();
    let mut behaviour = Behaviour::default();
    behaviour.bulk = Bulk::Atomic;
    let scim = Endpoint::with(|it| it.behaviour(behaviour).observer(methods.clone()));
    let path = format!("/Users/{}", scim.user("alice"));
    let titled = || patch(&path, json!([{"op": "add", "path": "title", "value": "Guide"}]));
    bulk(&scim, json!([put(&path, "alice"), titled()]));
    bulk(&scim, json!([titled(), delete(&path)]));
    assert_eq!(*methods.0.lock().unwrap(), [Method::POST, Method::PUT, Method::DELETE]);
}

#[test]
fn what_is_removed_is_gone_for_the_rest() {
    let scim = endpoint();
    let alice = scim.user("alice");
    let path = format!("/Users/{alice}");
    let retitled = patch(&path, json!([{"op": "add", "path": "title", "value": "x"}]));

    let answers = bulk(&scim, json!([delete(&path), retitled]));
    assert_eq!(statuses(&answers), ["424", "404"]);
    let answers = bulk(
        &scim,
        json!([user("a", "a"), delete("/Users/bulkId:a"), put("/Users/bulkId:a", "b")]),
    );
    assert_eq!(statuses(&answers), ["424", "424", "404"]);
    let answers = bulk(&scim, json!([retitled, delete(&format!("/Groups/{alice}"))]));
    assert_eq!(statuses(&answers), ["424", "404"]);
    let mut versioned = put("/Users/bulkId:a", "b");
    versioned["version"] = json!("W/\"1\"");
    let answers = bulk(&scim, json!([user("a", "a"), versioned]));
    assert_eq!(statuses(&answers), ["424", "412"]);

    // A name that is given up can be taken by another, in either place of the request.
    let answers = bulk(
        &scim,
        json!([
            group("g", "G", &["bulkId:new"]),
            retitled,
            delete(&path),
            user("new", "alice"),
            user("t", "t"),
            delete("/Users/bulkId:t"),
        ]),
    );
    assert_eq!(statuses(&answers), ["201", "200", "204", "201", "201", "204"]);
    assert_eq!(users(&scim), 1);
    assert_eq!(bulk(&scim, json!([])).len(), 0);
    let only = bulk(&scim, json!([user("t", "t"), delete("/Users/bulkId:t")]));
    assert_eq!(statuses(&only), ["201", "204"]);
}

#[test]
fn circles_are_nothing_special() {
    // B-019
    let scim = endpoint();
    let managed = |bulk_id: &str, manager: &str| {
        let mut user = user(bulk_id, bulk_id);
        user["data"][ENTERPRISE] = json!({ "manager": { "value": manager } });
        user
    };
    let answers = bulk(
        &scim,
        json!([
            patch("/Users/bulkId:a", json!([{"op": "add", "path": "title", "value": "x"}])),
            managed("a", "bulkId:b"),
            managed("b", "bulkId:a"),
            group("g", "G", &["bulkId:h"]),
            group("h", "H", &["bulkId:g"]),
        ]),
    );
    assert_eq!(statuses(&answers), ["200", "201", "201", "201", "201"]);
    let a = scim.get(&format!("/Users/{}", id(&answers[1]))).json();
    assert_eq!(a[ENTERPRISE]["manager"]["value"], id(&answers[2]));
    assert_eq!(a["title"], "x");
}

#[test]
fn a_member_that_may_not_be_the_last_is_looked_for_again_after_a_lost_race() {
    let store = Faulty::new();
    let scim = Endpoint::over(store.clone(), |builder| {
        let mut behaviour = Behaviour::default();
        behaviour.bulk = Bulk::Atomic;
        builder.behaviour(behaviour).registry(never_empty())
    });
    let (a, b) = (scim.user("a"), scim.user("b"));
    let path = format!("/Groups/{}", scim.group("g", &[&a, &b]));
    let tag = scim.get(&path).expect(200).header("etag").to_owned();
    let remove = json!([{"op": "remove", "path": "members", "value": [{"value": a}]}]);
    let remove = patch(&path, remove);

    // The version that the client did not ask for is not the client's to mend.
    store.0.other_versions.store(2, Ordering::Relaxed);
    assert_eq!(statuses(&bulk(&scim, json!([remove]))), ["204"]);
    // One that it asked for is.
    let mut guarded = patch(&path, json!([{"op": "add", "path": "externalId", "value": "x"}]));
    guarded["version"] = tag.into();
    assert_eq!(statuses(&bulk(&scim, json!([remove, guarded]))), ["424", "412"]);
}

/// Keeps passwords as they are.
#[derive(Debug)]
struct Plain;

#[async_trait]
impl SecretKeeper for Plain {
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

/// The passwords before and after each change.
#[derive(Clone, Debug, Default)]
struct Passwords(Arc<Mutex<Vec<[Option<Value>; 2]>>>);

impl Observer for Passwords {
    fn committed(&self, committed: &Committed<'_>) {
        let password = |values: &Values| values.get("password").cloned();
        self.0.lock().unwrap().push(match &committed.proposal.document {
            ProposedDocument::New(after) => [None, password(after)],
            ProposedDocument::Changed { before, after } => [password(before), password(after)],
            _ => panic!("no values are written"),
        });
    }
}

#[test]
fn a_change_of_what_is_hidden_survives_one_of_what_is_seen() {
    let passwords = Passwords::default();
    let mut behaviour = Behaviour::default();
    behaviour.bulk = Bulk::Atomic;
    let scim = Endpoint::with(|it| {
        it.behaviour(behaviour).secret_keeper(Plain).observer(passwords.clone())
    });
    let created = scim.post("/Users", json!({"userName": "a", "password": "t1meMa$heen"}));
    let path = format!("/Users/{}", created.expect(201).id());
    for (password, title) in [("first", "Guide"), ("second", "Guide"), ("third", "Chief")] {
        let replace = |name: &str, value: &str| {
            patch(&path, json!([{"op": "replace", "path": name, "value": value}]))
        };
        let answers = bulk(&scim, json!([replace("password", password), replace("title", title)]));
        assert!(answers.iter().all(|it| it["status"] == "200"), "{answers:?}");
        let [_, after] = passwords.0.lock().unwrap().last().unwrap().clone();
        assert_eq!(after.unwrap(), password);
        scim.patch(&path, json!([{"op": "add", "path": "nickName", "value": password}]))
            .expect(200);
        let [before, _] = passwords.0.lock().unwrap().last().unwrap().clone();
        assert_eq!(before.unwrap(), password, "as it is stored");
    }
}
