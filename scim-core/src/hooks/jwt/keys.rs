//! The keys of an issuer, which it exchanges from time to time (RFC 7517).

use std::{
    collections::BTreeMap,
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Poll, Waker},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{Jwk, JwkSet, KeyAlgorithm, PublicKeyUse},
};

use crate::hooks::AuthenticationError;

/// Unknown key ids make us ask for new keys no more often than this: anyone can invent them.
const SHORTEST_INTERVAL: Duration = Duration::from_secs(10);

/// So long after a failure nobody asks again.
const PAUSE: Duration = Duration::from_secs(1);

/// Why keys could not be fetched.
pub type KeySourceError = Box<dyn std::error::Error + Send + Sync>;

/// Where the keys of an issuer come from: usually a GET of its `jwks_uri`, by the HTTP client that
/// the host already has.
///
/// What was fetched is kept, and fetched again when it is old or when a token names a key that is
/// not among it. One request fetches; those that need keys meanwhile wait for what it gets.
///
/// ```
/// use async_trait::async_trait;
/// use scim_core::{KeySource, KeySourceError};
///
/// #[derive(Debug)]
/// struct File(std::path::PathBuf);
///
/// #[async_trait]
/// impl KeySource for File {
///     async fn fetch(&self) -> Result<String, KeySourceError> {
///         Ok(std::fs::read_to_string(&self.0)?)
///     }
/// }
/// ```
#[async_trait]
pub trait KeySource: Send + Sync + fmt::Debug {
    /// The present set of keys, as JSON (RFC 7517 §5).
    ///
    /// It should give up after a few seconds: requests wait for it.
    ///
    /// # Errors
    /// When the keys cannot be had for now. Callers then get 503.
    async fn fetch(&self) -> Result<String, KeySourceError>;
}

/// Keys that never change.
#[derive(Clone, Debug)]
pub struct StaticKeys(String);

impl StaticKeys {
    /// These keys, as a JSON Web Key Set (RFC 7517 §5).
    pub fn new(json: impl Into<String>) -> Self {
        Self(json.into())
    }
}

#[async_trait]
impl KeySource for StaticKeys {
    async fn fetch(&self) -> Result<String, KeySourceError> {
        Ok(self.0.clone())
    }
}

/// The keys at hand, and where new ones come from.
pub(super) struct Keys {
    source: Box<dyn KeySource>,
    age: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    fetched: Option<(Instant, Arc<JwkSet>)>,
    /// When keys were last asked for, with or without success.
    asked: Option<Instant>,
    /// When that last failed, if it did.
    failed: Option<Instant>,
    /// Whether somebody is asking for keys.
    is_asking: bool,
    /// How often that came to an end, of whatever kind.
    answers: u64,
    /// Who waits for it, each under a number of its own.
    waiting: BTreeMap<u64, Waker>,
    /// The number of the last who came to wait.
    last_number: u64,
}

/// The keys that were at hand at one time.
struct Known {
    keys: Arc<JwkSet>,
    /// How often asking for keys had come to an end by then.
    answers: u64,
}

/// The turn to ask for keys. It ends with the request that has it, even if that is given up.
struct Turn<'a>(&'a Keys);

/// The place of a request among those that wait; it is given up with the request.
struct Place<'a> {
    keys: &'a Keys,
    number: Option<u64>,
}

impl Keys {
    pub(super) fn new(source: Box<dyn KeySource>, age: Duration) -> Self {
        Self { source, age, state: Mutex::default() }
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

    /// Keys that are newer than after so many answers: fetched by somebody since then, by whoever is
    /// about it, or now.
    ///
    /// # Errors
    /// 401 where they would have to be asked for and were so within the interval, 503 when they
    /// cannot be had.
    async fn refresh(
        &self,
        answers: u64,
        interval: Duration,
    ) -> Result<Known, AuthenticationError> {
        match self.turn(answers, interval).await? {
            Some(_turn) => self.fetch().await,
            None => self.state().outcome(),
        }
    }

    /// The turn to ask, or nothing once somebody else has been answered.
    ///
    /// # Errors
    /// 401 where it is too early to ask, also for one who waited for somebody that gave up.
    async fn turn(
        &self,
        answers: u64,
        interval: Duration,
    ) -> Result<Option<Turn<'_>>, AuthenticationError> {
        let mut place = Place { keys: self, number: None };
        poll_fn(|context| {
            // What wakers do is not ours: they are cloned and dropped while nothing is locked.
            let waker = context.waker().clone();
            let mut state = self.state();
            if state.answers != answers {
                return Poll::Ready(Ok(None));
            }
            if state.is_asking {
                let replaced = state.wait(&mut place.number, waker);
                drop(state);
                drop(replaced);
                return Poll::Pending;
            }
            if state.asked.is_some_and(|at| at.elapsed() < interval) {
                return Poll::Ready(Err(AuthenticationError::invalid()));
            }
            state.is_asking = true;
            Poll::Ready(Ok(Some(Turn(self))))
        })
        .await
    }

    async fn fetch(&self) -> Result<Known, AuthenticationError> {
        if self.state().failed.is_some_and(|at| at.elapsed() < PAUSE) {
            return Err(AuthenticationError::unavailable(PAUSE));
        }
        let asked = Instant::now();
        self.state().asked = Some(asked);
        let fetched = self.source.fetch().await;
        let keys = fetched.and_then(|json| Ok(serde_json::from_str::<JwkSet>(&json)?));
        let mut state = self.state();
        state.answers = state.answers.wrapping_add(1);
        match keys {
            Ok(keys) => (state.fetched, state.failed) = (Some((asked, Arc::new(keys))), None),
            Err(_) => state.failed = Some(Instant::now()),
        }
        state.outcome()
    }

    /// No code that holds the lock can panic, and what it guards is whole at any time.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What asking for keys came to when it was done last.
    fn outcome(&self) -> Result<Known, AuthenticationError> {
        match (self.failed, &self.fetched) {
            (None, Some((_, keys))) => Ok(Known { keys: keys.clone(), answers: self.answers }),
            _ => Err(AuthenticationError::unavailable(PAUSE)),
        }
    }

    /// Notes who is to be woken for the one who waits under this number, and answers who was before.
    fn wait(&mut self, number: &mut Option<u64>, waker: Waker) -> Option<Waker> {
        let number = *number.get_or_insert_with(|| {
            self.last_number = self.last_number.wrapping_add(1);
            self.last_number
        });
        self.waiting.insert(number, waker)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.0.state();
            state.is_asking = false;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_values().for_each(Waker::wake);
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let left = self.number.and_then(|number| self.keys.state().waiting.remove(&number));
        // Nothing is locked any more.
        drop(left);
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
        task::{Context, Wake},
    };

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

    /// Wakes nobody, and counts how often it was dropped while the keys were not locked.
    struct Unlocked(Arc<Keys>, Arc<AtomicUsize>);

    impl Wake for Unlocked {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Unlocked {
        fn drop(&mut self) {
            let count = usize::from(self.0.state.try_lock().is_ok());
            self.1.fetch_add(count, Ordering::Relaxed);
        }
    }

    #[test]
    fn wakers_are_dropped_while_nothing_is_locked() {
        let keys = Arc::new(Keys::new(Box::new(Counted::default()), Duration::ZERO));
        let dropped = Arc::new(AtomicUsize::new(0));
        keys.state().is_asking = true;
        let mut waiting = Box::pin(keys.turn(0, Duration::ZERO));
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
}
