//! When the keys of an issuer are asked for, and by whom.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use super::*;

/// Keys that change, and a count of how often they were asked for.
#[derive(Clone, Debug, Default)]
struct Rotating(Arc<(Mutex<Option<String>>, AtomicUsize)>);

impl Rotating {
    fn publish(&self, keys: Option<String>) {
        *self.0.0.lock().unwrap() = keys;
    }

    fn asked(&self) -> usize {
        self.0.1.swap(0, Ordering::Relaxed)
    }
}

#[async_trait]
impl KeySource for Rotating {
    async fn fetch(&self) -> Result<String, KeySourceError> {
        self.0.1.fetch_add(1, Ordering::Relaxed);
        self.0.0.lock().unwrap().clone().ok_or_else(|| "unreachable".into())
    }
}

#[test]
fn keys_are_fetched_when_they_are_needed() {
    let (old, new) = (Pair::ec("old", EC), Pair::ec("new", OTHER_EC));
    let source = Rotating::default();
    let jwt = builder(source.clone()).build().unwrap();
    let by = |pair: &Pair| status(caller(&jwt, &pair.sign(&claims(json!({})))));

    assert_eq!((by(&old), by(&old), source.asked()), (503, 503, 1), "a failure has a pause");
    jwt.keys.forget_failure();
    source.publish(Some(jwks(&[&old])));
    assert_eq!((by(&old), by(&old), source.asked()), (200, 200, 1), "keys are kept");

    source.publish(Some(jwks(&[&new])));
    assert_eq!((by(&new), by(&new), source.asked()), (401, 401, 0), "not too often");
    jwt.keys.let_time_pass();
    assert_eq!((by(&new), source.asked()), (200, 1), "an unknown key is asked for");
    assert_eq!(by(&old), 401, "and the withdrawn one is gone");

    source.publish(Some("{".to_owned()));
    jwt.keys.let_time_pass();
    assert_eq!((by(&old), by(&new)), (503, 200), "what cannot be had does not harm what is there");

    let source = Rotating::default();
    source.publish(Some(jwks(&[&old])));
    let jwt = builder(source.clone()).key_age(std::time::Duration::ZERO).build().unwrap();
    let token = old.sign(&claims(json!({})));
    assert_eq!((status(caller(&jwt, &token)), status(caller(&jwt, &token))), (200, 200));
    assert_eq!(source.asked(), 2, "old keys are fetched again");
    source.publish(None);
    assert_eq!(status(caller(&jwt, &token)), 503, "and not used any longer");
}

/// Keys that let whoever asks for them wait until they are published.
#[derive(Clone, Debug, Default)]
struct Late(Rotating);

#[async_trait]
impl KeySource for Late {
    async fn fetch(&self) -> Result<String, KeySourceError> {
        self.0.0.1.fetch_add(1, Ordering::Relaxed);
        poll_fn(|_| match self.0.0.0.lock().unwrap().clone() {
            Some(keys) => Poll::Ready(Ok(keys)),
            None => Poll::Pending,
        })
        .await
    }
}

/// A request that is polled by hand, and whether it was woken.
struct Waiting<'a> {
    authentication: Pin<Box<dyn Future<Output = u16> + 'a>>,
    woken: Arc<Woken>,
}

#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl<'a> Waiting<'a> {
    fn by(jwt: &'a JwtBearer, pair: &Pair) -> Self {
        let token = pair.sign(&claims(json!({})));
        let authentication =
            Box::pin(
                async move { status(jwt.claims(token.as_bytes()).await.map(|_| Actor::new("a"))) },
            );
        Self { authentication, woken: Arc::default() }
    }

    fn poll(&mut self) -> Poll<u16> {
        let waker = Waker::from(self.woken.clone());
        self.authentication.as_mut().poll(&mut Context::from_waker(&waker))
    }

    fn was_woken(&self) -> bool {
        self.woken.0.swap(false, Ordering::Relaxed)
    }
}

#[test]
fn one_request_fetches_for_all_that_wait() {
    let (old, new) = (Pair::ec("old", EC), Pair::ec("new", OTHER_EC));
    let source = Late::default();
    let jwt = builder(source.clone()).build().unwrap();
    let all = |pair: &Pair| (0..5).map(|_| Waiting::by(&jwt, pair)).collect::<Vec<_>>();
    let poll =
        |waiting: &mut [Waiting<'_>]| waiting.iter_mut().map(Waiting::poll).collect::<Vec<_>>();

    let mut first = all(&old);
    assert_eq!(poll(&mut first), [Poll::Pending; 5]);
    assert_eq!(poll(&mut first), [Poll::Pending; 5]);
    source.0.publish(Some(jwks(&[&old])));
    let mut waiting = first.split_off(1);
    assert!(!waiting.iter().any(Waiting::was_woken));
    assert_eq!(poll(&mut first), [Poll::Ready(200)]);
    assert!(waiting.iter().all(Waiting::was_woken));
    assert_eq!(poll(&mut waiting), [Poll::Ready(200); 4]);
    assert_eq!(source.0.asked(), 1);

    // The same for a key that is new: nobody is refused while it may be on its way.
    source.0.publish(None);
    jwt.keys.let_time_pass();
    let mut second = all(&new);
    assert_eq!(poll(&mut second), [Poll::Pending; 5]);
    source.0.publish(Some(jwks(&[&new])));
    assert_eq!(poll(&mut second), [Poll::Ready(200); 5]);
    assert_eq!(source.0.asked(), 1);
}

#[test]
fn a_fetch_goes_on_when_who_began_it_goes_away() {
    let (old, new) = (Pair::ec("old", EC), Pair::ec("new", OTHER_EC));
    let source = Late::default();
    let jwt = builder(source.clone()).build().unwrap();
    let left = |pair: &Pair| {
        let mut all: Vec<_> = (0..4).map(|_| Waiting::by(&jwt, pair)).collect();
        assert!(all.iter_mut().all(|it| it.poll().is_pending()));
        drop(all.remove(0));
        assert!(all.iter_mut().all(|it| it.poll().is_pending()));
        all
    };
    let mut first = left(&old);
    source.0.publish(Some(jwks(&[&old])));
    assert!(first.iter_mut().all(|it| it.poll() == Poll::Ready(200)));
    assert_eq!(source.0.asked(), 1);

    // The same where there are keys, and when nobody is left who waits for it.
    source.0.publish(None);
    jwt.keys.let_time_pass();
    drop(left(&new));
    source.0.publish(Some(jwks(&[&new])));
    assert_eq!(Waiting::by(&jwt, &new).poll(), Poll::Ready(200));
    assert_eq!(source.0.asked(), 1);
}

#[test]
fn who_is_not_known_cannot_hold_up_the_exchange_of_keys() {
    // Y-001
    let (old, new, invented) =
        (Pair::ec("old", EC), Pair::ec("new", OTHER_EC), Pair::ec("invented", EC));
    let source = Late::default();
    let jwt = builder(source.clone()).build().unwrap();
    source.0.publish(Some(jwks(&[&old])));
    assert_eq!(Waiting::by(&jwt, &old).poll(), Poll::Ready(200));

    source.0.publish(None);
    jwt.keys.let_time_pass();
    for _ in 0..3 {
        assert!(Waiting::by(&jwt, &invented).poll().is_pending(), "and hangs up");
    }
    source.0.publish(Some(jwks(&[&new])));
    assert_eq!(Waiting::by(&jwt, &new).poll(), Poll::Ready(200));
    assert_eq!(source.0.asked(), 2, "and makes nobody ask more often");
}

#[test]
fn what_all_have_left_long_ago_is_begun_anew() {
    let pair = Pair::ec("ec", EC);
    let source = Late::default();
    let jwt = builder(source.clone()).build().unwrap();
    assert!(Waiting::by(&jwt, &pair).poll().is_pending());
    jwt.keys.let_time_pass();
    let [mut first, mut second] = [(), ()].map(|()| Waiting::by(&jwt, &pair));
    assert!(first.poll().is_pending() && second.poll().is_pending());
    assert_eq!(source.0.asked(), 2);
    source.0.publish(Some(jwks(&[&pair])));
    assert_eq!((second.poll(), first.poll()), (Poll::Ready(200), Poll::Ready(200)));
    assert_eq!(source.0.asked(), 0);
}

#[test]
fn whoever_is_left_is_woken_for_what_another_began() {
    let pair = Pair::ec("ec", EC);
    let source = Waking::default();
    let jwt = builder(source.clone()).build().unwrap();
    let [mut first, mut second] = [(), ()].map(|()| Waiting::by(&jwt, &pair));
    assert!(first.poll().is_pending() && second.poll().is_pending());
    assert!(second.poll().is_pending() && first.poll().is_pending());
    drop(first);
    source.keys.publish(Some(jwks(&[&pair])));
    source.waker.lock().unwrap().take().unwrap().wake();
    assert!(second.was_woken());
    assert_eq!(second.poll(), Poll::Ready(200));
}

/// Keys whose publication can be told to who asked for them last.
#[derive(Clone, Debug, Default)]
struct Waking {
    keys: Rotating,
    waker: Arc<Mutex<Option<Waker>>>,
}

#[async_trait]
impl KeySource for Waking {
    async fn fetch(&self) -> Result<String, KeySourceError> {
        poll_fn(|context| {
            *self.waker.lock().unwrap() = Some(context.waker().clone());
            match self.keys.0.0.lock().unwrap().clone() {
                Some(keys) => Poll::Ready(Ok(keys)),
                None => Poll::Pending,
            }
        })
        .await
    }
}

#[test]
fn who_goes_away_is_not_woken() {
    let pair = Pair::ec("ec", EC);
    let jwt = builder(Late::default()).build().unwrap();
    let [mut first, mut second] = [(), ()].map(|()| Waiting::by(&jwt, &pair));
    assert!(first.poll().is_pending() && second.poll().is_pending());
    let woken = second.woken.clone();
    drop(second);
    assert_eq!(Arc::strong_count(&woken), 1, "nothing is kept of it");
}

#[test]
fn who_waits_is_woken_where_it_was_polled_last() {
    let pair = Pair::ec("ec", EC);
    let source = Late::default();
    let jwt = builder(source.clone()).build().unwrap();
    let [mut first, mut second] = [(), ()].map(|()| Waiting::by(&jwt, &pair));
    assert!(first.poll().is_pending() && second.poll().is_pending());
    let before = std::mem::take(&mut second.woken);
    assert!(second.poll().is_pending());
    source.0.publish(Some(jwks(&[&pair])));
    assert_eq!(first.poll(), Poll::Ready(200));
    assert!(second.was_woken() && !before.0.load(Ordering::Relaxed));
}

#[test]
fn a_failure_is_that_of_all_who_waited() {
    let pair = Pair::ec("ec", EC);
    let source = Late::default();
    let jwt = builder(source.clone()).build().unwrap();
    let mut waiting: Vec<_> = (0..3).map(|_| Waiting::by(&jwt, &pair)).collect();
    assert!(waiting.iter_mut().all(|it| it.poll().is_pending()));
    source.0.publish(Some("{".to_owned()));
    assert!(waiting.iter_mut().all(|it| it.poll() == Poll::Ready(503)));
    assert_eq!(source.0.asked(), 1);
}
