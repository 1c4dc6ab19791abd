//! The keys of an issuer, which it exchanges from time to time (RFC 7517).

use std::{
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
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
    /// Who waits for it.
    waiting: Vec<Waker>,
}

/// The turn to ask for keys. It ends with the request that has it, even if that is given up.
struct Turn<'a>(&'a Keys);

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
            Some(known) => known,
            None => self.refresh().await?,
        };
        if let Some(key) = select(&known, id, algorithm) {
            return Ok(key);
        }
        if !self.may_ask_again() {
            return Err(AuthenticationError::invalid());
        }
        let renewed = self.refresh().await?;
        select(&renewed, id, algorithm).ok_or_else(AuthenticationError::invalid)
    }

    /// The keys at hand, unless they are too old.
    fn present(&self) -> Option<Arc<JwkSet>> {
        let state = self.state();
        let (at, keys) = state.fetched.as_ref()?;
        (at.elapsed() < self.age).then(|| keys.clone())
    }

    /// Whether asking again may help, or somebody is asking.
    fn may_ask_again(&self) -> bool {
        let state = self.state();
        state.is_asking || state.asked.is_none_or(|at| at.elapsed() >= SHORTEST_INTERVAL)
    }

    /// Keys that are newer than those at hand: fetched now, or by whoever is about it.
    async fn refresh(&self) -> Result<Arc<JwkSet>, AuthenticationError> {
        match self.turn().await {
            Some(_turn) => self.fetch().await,
            None => self.state().outcome(),
        }
    }

    /// The turn to ask, or nothing after somebody else has been answered.
    async fn turn(&self) -> Option<Turn<'_>> {
        let answers = self.state().answers;
        poll_fn(|context| {
            let mut state = self.state();
            if state.answers != answers {
                return Poll::Ready(None);
            }
            if state.is_asking {
                state.wait(context);
                return Poll::Pending;
            }
            state.is_asking = true;
            Poll::Ready(Some(Turn(self)))
        })
        .await
    }

    async fn fetch(&self) -> Result<Arc<JwkSet>, AuthenticationError> {
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
    fn outcome(&self) -> Result<Arc<JwkSet>, AuthenticationError> {
        match (self.failed, &self.fetched) {
            (None, Some((_, keys))) => Ok(keys.clone()),
            _ => Err(AuthenticationError::unavailable(PAUSE)),
        }
    }

    fn wait(&mut self, context: &Context<'_>) {
        if !self.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            self.waiting.push(context.waker().clone());
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut state = self.0.state();
            state.is_asking = false;
            std::mem::take(&mut state.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
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
