//! The keys of an issuer, which it exchanges from time to time (RFC 7517).

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};

use super::{
    bell::{Bell, Place},
    source::{KeySource, KeySourceError},
};
use crate::hooks::AuthenticationError;

/// Unknown key ids make us ask for new keys no more often than this: anyone can invent them.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(10);

/// So long after a failure nobody asks again.
const PAUSE: Duration = Duration::from_secs(1);

/// The keys at hand, and where new ones come from.
pub(super) struct Keys {
    source: Arc<dyn KeySource>,
    age: Duration,
    state: Mutex<State>,
    bell: Arc<Bell>,
}

#[derive(Default)]
struct State {
    fetched: Option<(Instant, Arc<JwkSet>)>,
    /// When keys were last asked for, with or without success.
    asked: Option<Instant>,
    /// When that last failed, if it did.
    failed: Option<Instant>,
    /// How often it came to an end, of whatever kind.
    answers: u64,
    asking: Asking,
}

/// Asking for keys belongs to no request, so that none that is given up takes it along: whoever
/// needs keys and is polled next goes on with it.
#[derive(Default)]
enum Asking {
    #[default]
    Nothing,
    Begun(Fetch),
    /// Somebody has taken it to poll it: nothing of the host's runs while the state is locked.
    Polled,
}

type Fetch = Pin<Box<dyn Future<Output = Result<String, KeySourceError>> + Send>>;

/// The keys that were at hand at one time.
struct Known {
    keys: Arc<JwkSet>,
    /// How often asking for keys had come to an end by then.
    answers: u64,
}

/// What is left to do for one that needs newer keys.
enum Turn {
    /// There has been an answer.
    Over(Known),
    /// Somebody else is polling.
    Wait,
    Poll(Fetch),
}

/// Somebody polls what was taken out of the state. If it is not put back, asking is over.
struct Polling<'a> {
    keys: &'a Keys,
    rings: u64,
}

impl Keys {
    pub(super) fn new(source: Box<dyn KeySource>, age: Duration) -> Self {
        Self { source: source.into(), age, state: Mutex::default(), bell: Arc::default() }
    }

    /// The key that a token names; without a name, the only one that fits.
    pub(super) async fn find(
        &self,
        id: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<DecodingKey, AuthenticationError> {
        let known = match self.present() {
            Ok(known) => known,
            Err(answers) => self.refresh(answers, Duration::ZERO).await?,
        };
        if let Some(key) = select(&known.keys, id, algorithm) {
            return Ok(key);
        }
        let renewed = self.refresh(known.answers, SHORTEST_INTERVAL).await?;
        select(&renewed.keys, id, algorithm).ok_or_else(AuthenticationError::invalid)
    }

    /// The keys at hand; if they are too old, how often asking for keys has come to an end.
    fn present(&self) -> Result<Known, u64> {
        let state = self.state();
        let fresh = state.fetched.as_ref().filter(|(at, _)| at.elapsed() < self.age);
        let answers = state.answers;
        fresh.map(|(_, keys)| Known { keys: keys.clone(), answers }).ok_or(answers)
    }

    /// Keys that are newer than after so many answers: fetched by somebody since then, or by all
    /// that need them.
    ///
    /// # Errors
    /// 401 where they would have to be asked for and were so within the interval, 503 when they
    /// cannot be had.
    async fn refresh(
        &self,
        answers: u64,
        interval: Duration,
    ) -> Result<Known, AuthenticationError> {
        let mut place = Place::new(&self.bell);
        poll_fn(|context| {
            // Before anything is looked at, so that no ring is missed.
            place.wait(context.waker());
            match self.turn(answers, interval) {
                Err(error) => Poll::Ready(Err(error)),
                Ok(Turn::Over(known)) => Poll::Ready(Ok(known)),
                Ok(Turn::Wait) => Poll::Pending,
                Ok(Turn::Poll(fetch)) => self.poll(fetch),
            }
        })
        .await
    }

    /// # Errors
    /// As [`refresh`](Self::refresh).
    fn turn(&self, answers: u64, interval: Duration) -> Result<Turn, AuthenticationError> {
        let mut state = self.state();
        if state.answers != answers {
            return state.outcome().map(Turn::Over);
        }
        let stale = match std::mem::replace(&mut state.asking, Asking::Polled) {
            Asking::Polled => return Ok(Turn::Wait),
            Asking::Begun(fetch) if self.is_left(&state) => Some(fetch),
            Asking::Begun(fetch) => return Ok(Turn::Poll(fetch)),
            Asking::Nothing => None,
        };
        let begun = state.begin(interval, || {
            let source = self.source.clone();
            Box::pin(async move { source.fetch().await })
        });
        drop(state);
        drop(stale);
        begun
    }

    /// Whether all that waited for keys have gone, so long ago that what comes may be old.
    fn is_left(&self, state: &State) -> bool {
        let is_long_ago = state.asked.is_none_or(|at| at.elapsed() >= SHORTEST_INTERVAL);
        is_long_ago && self.bell.waiting() <= 1
    }

    fn poll(&self, mut fetch: Fetch) -> Poll<Result<Known, AuthenticationError>> {
        let polling = Polling { keys: self, rings: self.bell.rings() };
        let waker = Waker::from(self.bell.clone());
        let fetched = match fetch.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(fetched) => fetched,
            Poll::Pending => {
                self.state().asking = Asking::Begun(fetch);
                return Poll::Pending;
            }
        };
        let keys = fetched.and_then(|json| Ok(serde_json::from_str::<JwkSet>(&json)?));
        let mut state = self.state();
        state.answered(keys);
        let outcome = state.outcome();
        drop(state);
        drop(polling);
        Poll::Ready(outcome)
    }

    /// No code that holds the lock can panic, and what it guards is whole at any time.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Begins to ask for keys.
    fn begin(
        &mut self,
        interval: Duration,
        fetch: impl FnOnce() -> Fetch,
    ) -> Result<Turn, AuthenticationError> {
        self.asking = Asking::Nothing;
        if self.asked.is_some_and(|at| at.elapsed() < interval) {
            return Err(AuthenticationError::invalid());
        }
        if self.failed.is_some_and(|at| at.elapsed() < PAUSE) {
            return Err(AuthenticationError::unavailable(PAUSE));
        }
        self.asked = Some(Instant::now());
        self.asking = Asking::Polled;
        Ok(Turn::Poll(fetch()))
    }

    fn answered(&mut self, keys: Result<JwkSet, KeySourceError>) {
        self.asking = Asking::Nothing;
        self.answers = self.answers.wrapping_add(1);
        let asked = self.asked.unwrap_or_else(Instant::now);
        match keys {
            Ok(keys) => (self.fetched, self.failed) = (Some((asked, Arc::new(keys))), None),
            Err(_) => self.failed = Some(Instant::now()),
        }
    }

    /// What asking for keys came to when it was done last.
    fn outcome(&self) -> Result<Known, AuthenticationError> {
        match (self.failed, &self.fetched) {
            (None, Some((_, keys))) => Ok(Known { keys: keys.clone(), answers: self.answers }),
            _ => Err(AuthenticationError::unavailable(PAUSE)),
        }
    }
}

impl Drop for Polling<'_> {
    /// Who was woken meanwhile found nothing to poll, and is woken again.
    fn drop(&mut self) {
        let mut state = self.keys.state();
        let is_put_back = matches!(state.asking, Asking::Begun(_));
        if matches!(state.asking, Asking::Polled) {
            state.asking = Asking::Nothing;
        }
        drop(state);
        if !is_put_back || self.keys.bell.rings() != self.rings {
            self.keys.bell.ring();
        }
    }
}

#[cfg(test)]
impl Keys {
    pub(super) fn forget_failure(&self) {
        self.state().failed = None;
    }

    pub(super) fn let_time_pass(&self) {
        self.state().asked = None;
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(f)
    }
}

fn select(keys: &JwkSet, id: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
    let has_id = |key: &&Jwk| id.is_none_or(|id| key.common.key_id.as_deref() == Some(id));
    let fits = |key: &DecodingKey| key.family().algorithms().contains(&algorithm);
    let named = keys.keys.iter().filter(has_id).filter(|key| verifies(key, algorithm));
    let mut fitting = named.filter_map(|key| DecodingKey::from_jwk(key).ok()).filter(fits);
    // Where a token names no key and several fit, each could be tried: work that anyone could
    // cause.
    let key = fitting.next()?;
    fitting.next().is_none().then_some(key)
}

/// Whether a key is for signatures by this algorithm, as far as it says.
fn verifies(key: &Jwk, algorithm: Algorithm) -> bool {
    let Jwk { common, .. } = key;
    common.public_key_use.as_ref().is_none_or(|it| *it == PublicKeyUse::Signature)
        && common.key_algorithm.is_none_or(|it| it == KeyAlgorithm::from(algorithm))
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        task::Wake,
    };

    use async_trait::async_trait;

    use super::*;

    /// A source that has no key, and counts how often it was asked.
    #[derive(Clone, Debug, Default)]
    struct Counted(Arc<AtomicUsize>);

    #[async_trait]
    impl KeySource for Counted {
        async fn fetch(&self) -> Result<String, KeySourceError> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Ok(r#"{"keys": []}"#.to_owned())
        }
    }

    #[test]
    fn who_meets_the_end_of_a_fetch_takes_what_it_brought() {
        let source = Counted::default();
        let keys = Keys::new(Box::new(source.clone()), Duration::from_secs(60));
        let Err(seen) = keys.present() else { panic!("there are no keys yet") };
        let refresh = |answers| pollster::block_on(keys.refresh(answers, SHORTEST_INTERVAL));
        // Another request fetches between the look at the keys and the turn to ask for new ones.
        assert!(refresh(seen).is_ok());
        assert!(refresh(seen).is_ok(), "there are newer ones, though it is too early to ask");
        assert!(keys.present().is_ok_and(|known| refresh(known.answers).is_err()));
        assert_eq!(source.0.load(Ordering::Relaxed), 1);
    }

    /// A source that never answers.
    #[derive(Debug)]
    struct Silent;

    #[async_trait]
    impl KeySource for Silent {
        async fn fetch(&self) -> Result<String, KeySourceError> {
            std::future::pending().await
        }
    }

    /// Wakes nobody, and counts how often it was dropped while the keys were not locked.
    struct Unlocked(Arc<Keys>, Arc<AtomicUsize>);

    impl Wake for Unlocked {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Unlocked {
        fn drop(&mut self) {
            let is_unlocked = self.0.state.try_lock().is_ok() && self.0.bell.is_unlocked();
            self.1.fetch_add(usize::from(is_unlocked), Ordering::Relaxed);
        }
    }

    #[test]
    fn wakers_are_dropped_while_nothing_is_locked() {
        let keys = Arc::new(Keys::new(Box::new(Silent), Duration::ZERO));
        let dropped = Arc::new(AtomicUsize::new(0));
        let mut waiting = Box::pin(keys.refresh(0, Duration::ZERO));
        let mut poll = || {
            let waker = Waker::from(Arc::new(Unlocked(keys.clone(), dropped.clone())));
            assert!(waiting.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
            drop(waker);
            dropped.load(Ordering::Relaxed)
        };
        assert_eq!((poll(), poll(), poll()), (0, 1, 2), "by those that come after them");
        drop(waiting);
        assert_eq!(dropped.load(Ordering::Relaxed), 3, "and with who waits");
    }

    /// A source that panics when it is polled for the first time.
    #[derive(Debug, Default)]
    struct Panics(AtomicUsize);

    #[async_trait]
    impl KeySource for Panics {
        async fn fetch(&self) -> Result<String, KeySourceError> {
            assert!(self.0.fetch_add(1, Ordering::Relaxed) > 0, "this is what the test is about");
            Ok(r#"{"keys": []}"#.to_owned())
        }
    }

    #[test]
    fn a_source_that_panics_is_asked_again() {
        let keys = Keys::new(Box::new(Panics::default()), Duration::ZERO);
        let refresh = || pollster::block_on(keys.refresh(0, Duration::ZERO)).is_ok();
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(refresh)).is_err());
        assert!(refresh());
    }
}
