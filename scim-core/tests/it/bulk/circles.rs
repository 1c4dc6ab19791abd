//! References in a circle: one batch, whole or not at all.

use async_trait::async_trait;
use scim_core::{
    Actor, BearerTokens, ScimServer,
    conformance::{Proxied, Proxy},
    schema::Registry,
    store::{Capabilities, IdSource, Store, StoreError},
};
use scim_store_memory::MemoryStore;
use serde_json::json;
use std::sync::Arc;

use super::*;
use crate::endpoint::ENTERPRISE;

fn managed(bulk_id: &str, user_name: &str, manager: &str) -> Value {
    json!({
        "method": "POST", "path": "/Users", "bulkId": bulk_id,
        "data": {
            "schemas": [USER, ENTERPRISE], "userName": user_name,
            ENTERPRISE: {"manager": {"value": manager}}
        }
    })
}

#[test]
fn circles_of_any_length_are_resolved() {
    // B-019, B-020
    for length in [1_usize, 2, 3, 50, 300] {
        let scim = Endpoint::new();
        let next = |it: usize| format!("bulkId:{}", (it + 1) % length);
        let groups = (0..length).map(|it| group(&it.to_string(), &format!("G{it}"), &[&next(it)]));
        let answers = bulk(&scim, groups.collect());
        assert_eq!(statuses(&answers), vec!["201"; length]);
        for (index, answer) in answers.iter().enumerate() {
            let expected = id(&answers[(index + 1) % length]);
            assert_eq!(members(&scim, &id(answer)), [expected]);
        }

        let users = (0..length).map(|it| managed(&it.to_string(), &format!("u{it}"), &next(it)));
        let answers = bulk(&scim, users.collect());
        assert_eq!(statuses(&answers), vec!["201"; length]);
        let first = scim.get(&format!("/Users/{}", id(&answers[0]))).json();
        let expected = id(&answers[1 % length]);
        assert_eq!(first[ENTERPRISE]["manager"]["value"], expected);
    }
}

#[test]
fn a_circle_fails_as_a_whole_and_alone() {
    // B-008, B-018, B-019
    let scim = Endpoint::new();
    scim.user("taken");
    let cases = [
        // The store refuses one of them.
        (managed("b", "taken", "bulkId:a"), "409", "uniqueness"),
        // One of them does not fit the schema.
        (managed("b", "", "bulkId:a"), "400", "invalidValue"),
    ];
    for (broken, status, scim_type) in cases {
        let answers = bulk(
            &scim,
            json!([
                managed("a", "alice", "bulkId:b"),
                broken,
                group("g", "G", &["bulkId:a"]),
                user("x", &format!("apart-{status}")),
            ]),
        );
        assert_eq!(statuses(&answers), ["409", status, "409", "201"]);
        assert_eq!(answers[1]["response"]["scimType"], scim_type);
        assert!(answers[0]["response"].get("scimType").is_none());
    }
    assert_eq!(users(&scim), 3);
}

#[test]
fn what_follows_a_circle_finds_it() {
    let scim = Endpoint::new();
    let answers = bulk(
        &scim,
        json!([
            put("/Users/bulkId:a", "renamed"),
            group("g", "G", &["bulkId:a", "bulkId:b"]),
            managed("a", "alice", "bulkId:b"),
            managed("b", "bob", "bulkId:a"),
        ]),
    );
    assert_eq!(statuses(&answers), ["200", "201", "201", "201"]);
    assert_eq!(members(&scim, &id(&answers[1])).len(), 2);
}

/// A store that says that it chooses ids itself.
#[derive(Debug)]
struct ChoosesIds(MemoryStore);

#[async_trait]
impl Proxy for ChoosesIds {
    type Store = MemoryStore;

    fn store(&self) -> &MemoryStore {
        &self.0
    }

    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
        Ok(self.0.attach(registry)?.ids(IdSource::Store))
    }
}

#[test]
fn where_the_store_chooses_ids_documents_cannot_refer_in_a_circle() {
    // B-019: "may give 409"
    let tokens = BearerTokens::builder().token("secret", Actor::new("idp")).build().unwrap();
    let store = Proxied(ChoosesIds(MemoryStore::new()));
    let scim = Endpoint::of(ScimServer::builder(store, tokens).build().unwrap());
    let answers = bulk(
        &scim,
        json!([
            managed("a", "a", "bulkId:b"),
            managed("b", "b", "bulkId:a"),
            managed("self", "self", "bulkId:self"),
            group("g", "G", &["bulkId:h"]),
            group("h", "H", &["bulkId:g"]),
            managed("c", "c", "bulkId:d"),
            user("d", "d"),
        ]),
    );
    assert_eq!(statuses(&answers), ["409", "409", "409", "201", "201", "201", "201"]);
    assert_eq!(members(&scim, &id(&answers[3])), [id(&answers[4])]);
}
