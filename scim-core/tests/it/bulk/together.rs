//! Independent operations are submitted together, and nobody can tell.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use async_trait::async_trait;
use scim_core::{
    Actor, BearerTokens, Behaviour, PatchAnswers, ScimServer, UniqueNames,
    conformance::{Proxied, Proxy},
    store::{Batch, Scope, Store, StoreError, Written},
};
use scim_store_memory::MemoryStore;
use serde_json::json;

use super::*;

#[test]
fn a_thousand_creates_are_one_request() {
    let scim = Endpoint::new();
    let creates: Vec<_> = (0..1000).map(|it| user(&it.to_string(), &format!("user{it}"))).collect();
    let answers = bulk(&scim, json!(creates));
    assert_eq!(statuses(&answers), vec!["201"; 1000]);
    assert_eq!(users(&scim), 1000);
    for (index, answer) in answers.iter().enumerate().step_by(97) {
        let shown = scim.get(&format!("/Users/{}", id(answer))).json();
        assert_eq!(shown["userName"], format!("user{index}"));
    }
}

/// A store that answers to a write only when no other write comes in, and counts how many resources
/// it is to write at once, and how often it is asked.
#[derive(Debug)]
struct Patient {
    store: MemoryStore,
    waiting: AtomicUsize,
    seen: Arc<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    most: AtomicUsize,
    batches: AtomicUsize,
}

#[async_trait]
impl Proxy for Patient {
    type Store = MemoryStore;

    fn store(&self) -> &MemoryStore {
        &self.store
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        let entries = batch.entries.len();
        let waiting = self.waiting.fetch_add(entries, Ordering::Relaxed) + entries;
        self.seen.most.fetch_max(waiting, Ordering::Relaxed);
        self.seen.batches.fetch_add(1, Ordering::Relaxed);
        let mut is_first = true;
        poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if std::mem::take(&mut is_first) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
        self.waiting.fetch_sub(entries, Ordering::Relaxed);
        self.store.write(scope, batch).await
    }
}

/// How many resources a store writes at once for these operations, and in how many batches it
/// writes all.
fn written(operations: &[Value], fail_on_errors: Option<u64>) -> (usize, usize) {
    let seen = Arc::new(Seen::default());
    let store =
        Patient { store: MemoryStore::new(), waiting: AtomicUsize::new(0), seen: seen.clone() };
    let tokens = BearerTokens::builder().token("secret", Actor::new("idp")).build().unwrap();
    let scim = Endpoint::of(ScimServer::builder(Proxied(store), tokens).build().unwrap());
    let mut request = message(json!(operations));
    request["failOnErrors"] = json!(fail_on_errors);
    let answers = answered(&send(&scim, request).expect(200));
    assert!(answers.iter().all(|it| it["status"] != "500"), "{answers:?}");
    (seen.most.load(Ordering::Relaxed), seen.batches.load(Ordering::Relaxed))
}

#[test]
fn independent_operations_reach_the_store_together() {
    let creates: Vec<_> = (0..60).map(|it| user(&it.to_string(), &format!("u{it}"))).collect();
    assert_eq!(written(&creates, None), (60, 1));
    // B-009: whoever counts failures must not go ahead of them.
    assert_eq!(written(&creates, Some(1)), (1, 60));

    // Groups of the users, each beside its user: two rounds.
    let mixed: Vec<_> = (0..30)
        .flat_map(|it| {
            let bulk_id = it.to_string();
            let of = format!("bulkId:{it}");
            [user(&bulk_id, &format!("u{it}")), group(&format!("g{it}"), "G", &[&of])]
        })
        .collect();
    assert_eq!(written(&mixed, None), (30, 2));

    // A circle is one batch.
    let circle: Vec<_> = (0..20)
        .map(|it| group(&it.to_string(), "G", &[&format!("bulkId:{}", (it + 1) % 20)]))
        .collect();
    assert_eq!(written(&circle, None), (20, 1));

    // The same resource again and again.
    let mut chain = vec![group("g", "G", &[]), user("u", "u")];
    chain.extend((0..10).map(|_| add_member("/Groups/bulkId:g", "bulkId:u")));
    assert_eq!(written(&chain, None), (2, 11));

    // Memory: no more documents at once than a run has.
    let many: Vec<_> = (0..300).map(|it| user(&it.to_string(), &format!("u{it}"))).collect();
    assert_eq!(written(&many, None), (128, 3));

    // One that fails is found out: the others are written each on its own.
    let mut failing = creates.clone();
    failing[30] = user("30", "u7");
    assert_eq!(written(&failing, None), (59, 2));
    failing[30] = add_member("/Groups/nothing", "u7");
    assert_eq!(written(&failing, None), (60, 61));
}

#[test]
fn operations_on_one_resource_keep_their_order() {
    // B-021
    let scim = Endpoint::new();
    let alice = scim.user("alice");
    let path = format!("/Users/{alice}");
    let titles = (0..20).map(|it| {
        patch(&path, json!([{"op": "replace", "path": "title", "value": format!("t{it}")}]))
    });
    let mut operations: Vec<_> = titles.collect();
    operations.push(put(&path, "ally"));
    operations.push(patch(&path, json!([{"op": "add", "path": "locale", "value": "de"}])));
    let answers = bulk(&scim, json!(operations));
    assert_eq!(statuses(&answers), vec!["200"; 22]);
    let shown = scim.get(&path).json();
    assert!(shown.get("title").is_none());
    assert_eq!((&shown["userName"], &shown["locale"]), (&json!("ally"), &json!("de")));
    assert_eq!(answers[21]["version"], shown["meta"]["version"]);
}

#[test]
fn unique_values_change_hands_in_order() {
    // B-021
    let scim = Endpoint::new();
    let ids = ["a", "b", "c"].map(|name| scim.user(name));
    let [a, b, c] = ids.each_ref().map(|id| format!("/Users/{id}"));
    let answers = bulk(
        &scim,
        json!([
            user("early", "a"),
            put(&a, "x"),
            put(&b, "a"),
            user("late", "A"),
            user("b", "b"),
            delete(&c),
            user("c", "c"),
            user("c again", "c"),
        ]),
    );
    let expected = ["409", "200", "200", "409", "201", "204", "201", "409"];
    assert_eq!(statuses(&answers), expected);
}

#[test]
fn what_is_removed_is_removed_in_order() {
    // B-021
    let scim = Endpoint::new();
    let (a, b) = (scim.user("a"), scim.user("b"));
    let g = scim.group("g", &[]);
    let path = format!("/Groups/{g}");
    let answers = bulk(
        &scim,
        json!([
            add_member(&path, &a),
            delete(&format!("/Users/{a}")),
            delete(&format!("/Users/{b}")),
            add_member(&path, &b),
            user("c", "c"),
            group("h", "H", &["bulkId:c"]),
            delete("/Users/bulkId:c"),
            group("i", "I", &["bulkId:c"]),
        ]),
    );
    let expected = ["204", "204", "204", "400", "201", "201", "204", "400"];
    assert_eq!(statuses(&answers), expected);
    assert!(members(&scim, &g).is_empty());
}

#[test]
fn profiles_hold_for_each_operation() {
    // B-012, B-021, B-024
    let mut behaviour = Behaviour::default();
    behaviour.unique_names = UniqueNames::Groups;
    behaviour.patch_answers = PatchAnswers::AllBriefly;
    let scim = Endpoint::with(|builder| builder.behaviour(behaviour));
    let user_id = scim.user("a");
    let answers = bulk(
        &scim,
        json!([
            group("g", "Guides", &[]),
            group("h", "guides", &[]),
            patch(
                "/Groups/bulkId:g",
                json!([{"op": "replace", "path": "displayName", "value": "G"}])
            ),
            group("i", "Guides", &[]),
            patch(
                &format!("/Users/{user_id}"),
                json!([{"op": "add", "path": "title", "value": "x"}])
            ),
            put(&format!("/Users/{user_id}"), "b"),
        ]),
    );
    assert_eq!(statuses(&answers), ["201", "409", "204", "201", "204", "200"]);
}
