//! What an observer is told of commits.

use std::{
    pin::pin,
    sync::{Arc, Mutex, atomic::Ordering},
    task::{Context, Waker},
};

use http::Request;
use scim_core::{Actor, BearerTokens, Committed, Observer, ScimServer};

use crate::faulty::Faulty;

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
    let tokens = BearerTokens::builder().token("secret", Actor::new("idp")).build().unwrap();
    let builder = ScimServer::builder(store.clone(), tokens);
    let scim = builder.observer(sequence.clone()).build().unwrap();
    let create = |name: &str| {
        let request = Request::post("/scim/v2/Users").header("authorization", "Bearer secret");
        scim.handle(request.body(format!("{{\"userName\":\"{name}\"}}")).unwrap())
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
