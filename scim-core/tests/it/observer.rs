//! What an observer is told of commits.

use std::{
    collections::BTreeSet,
    future::poll_fn,
    pin::pin,
    sync::{Arc, Mutex, atomic::Ordering},
    task::{Context, Poll, Waker},
};

use async_trait::async_trait;
use http::Request;
use scim_core::{
    Committed, Observer,
    conformance::{Proxied, Proxy},
    store::{Batch, Scope, Store, StoreError, Written},
};
use scim_store_memory::MemoryStore;

use crate::{endpoint::Endpoint, faulty::Faulty};

/// Remembers the positions of commits.
#[derive(Clone, Debug, Default)]
struct Sequence(Arc<Mutex<Vec<u64>>>);

impl Observer for Sequence {
    fn committed(&self, change: &Committed<'_>) {
        self.0.lock().unwrap().push(change.sequence);
    }
}

#[test]
fn a_commit_that_nobody_waited_for_leaves_a_gap() {
    let (store, sequence) = (Faulty::new(), Sequence::default());
    let scim = Endpoint::over(store.clone(), |builder| builder.observer(sequence.clone()));
    let create = |name: &str| {
        let request = Request::post("/scim/v2/Users").header("authorization", "Bearer secret");
        scim.server().handle(request.body(format!("{{\"userName\":\"{name}\"}}")).unwrap())
    };

    assert_eq!(pollster::block_on(create("a")).status(), 201);
    // A request that fails leaves none.
    assert_eq!(pollster::block_on(create("A")).status(), 409);
    assert_eq!(pollster::block_on(create("b")).status(), 201);
    store.0.is_silent.store(true, Ordering::Relaxed);
    let mut context = Context::from_waker(Waker::noop());
    assert!(pin!(create("c")).poll(&mut context).is_pending());
    store.0.is_silent.store(false, Ordering::Relaxed);
    assert_eq!(pollster::block_on(create("d")).status(), 201);
    assert_eq!(*sequence.0.lock().unwrap(), [1, 2, 4]);
}

/// Commits at once, and answers each write of a title when a test lets it.
#[derive(Debug, Default)]
struct Slow {
    store: MemoryStore,
    answers: Mutex<BTreeSet<String>>,
}

impl Slow {
    fn answer(&self, version: &str) {
        self.answers.lock().unwrap().insert(version.to_owned());
    }
}

#[async_trait]
impl Proxy for Slow {
    type Store = MemoryStore;

    fn store(&self) -> &MemoryStore {
        &self.store
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        let written = self.store.write(scope, batch).await?;
        let version = written[0].meta.version.as_str();
        let is_let = || self.answers.lock().unwrap().contains(version);
        poll_fn(|_| if is_let() { Poll::Ready(()) } else { Poll::Pending }).await;
        Ok(written)
    }
}

/// Position, version before and version after.
type Told = (u64, Option<String>, String);

/// Remembers what changes were told.
#[derive(Clone, Debug, Default)]
struct Versions(Arc<Mutex<Vec<Told>>>);

impl Observer for Versions {
    fn committed(&self, change: &Committed<'_>) {
        let record = change.record();
        let before = record.version_before.map(str::to_owned);
        let after = record.version_after.unwrap().to_owned();
        self.0.lock().unwrap().push((record.sequence, before, after));
    }
}

#[test]
fn commits_told_out_of_order_are_ordered_by_their_versions() {
    let (store, told) = (Arc::new(Proxied(Slow::default())), Versions::default());
    let scim = Endpoint::over(store.clone(), |builder| builder.observer(told.clone()));
    let send = |method: &str, path: &str, body: String| {
        let request = Request::builder().method(method).uri(format!("/scim/v2{path}"));
        scim.server().handle(request.header("authorization", "Bearer secret").body(body).unwrap())
    };
    store.0.answer("1");
    let created = pollster::block_on(send("POST", "/Users", r#"{"userName":"a"}"#.to_owned()));
    let path = created.headers()["location"].to_str().unwrap().rsplit_once("/v2").unwrap().1;
    let change = |title: &str| {
        let operation = format!(r#"{{"op":"replace","path":"title","value":"{title}"}}"#);
        let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        send("PATCH", path, format!(r#"{{"schemas":["{schema}"],"Operations":[{operation}]}}"#))
    };

    let mut context = Context::from_waker(Waker::noop());
    let (mut first, mut second) = (pin!(change("first")), pin!(change("second")));
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(second.as_mut().poll(&mut context).is_pending());
    // The second is told first.
    store.0.answer("3");
    assert!(second.as_mut().poll(&mut context).is_ready());
    store.0.answer("2");
    assert!(first.as_mut().poll(&mut context).is_ready());

    let told = told.0.lock().unwrap().clone();
    let text = |version: &str| Some(version.to_owned());
    let expected =
        [(1, None, "1".to_owned()), (2, text("2"), "3".to_owned()), (3, text("1"), "2".to_owned())];
    assert_eq!(told, expected, "each once, and no number twice");
    // Put in order, each version follows from the one before.
    let mut chain = told;
    chain.sort_by_key(|(_, _, after)| after.clone());
    assert!(chain.windows(2).all(|it| it[1].1.as_ref() == Some(&it[0].2)), "{chain:?}");
}
