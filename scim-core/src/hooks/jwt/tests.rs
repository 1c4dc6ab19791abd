//! Which tokens are accepted. The keys in `tests/keys` are good for nothing else.

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::{SystemTime, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{Request, header::AUTHORIZATION};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};

use super::*;

const RSA: &[u8] = include_bytes!("../../../tests/keys/rsa.der");
const EC: &[u8] = include_bytes!("../../../tests/keys/ec-first.der");
const OTHER_EC: &[u8] = include_bytes!("../../../tests/keys/ec-second.der");
const ED25519: &[u8] = include_bytes!("../../../tests/keys/ed25519.der");

/// A key pair and the name that the issuer gives it.
#[derive(Clone)]
struct Pair {
    id: &'static str,
    algorithm: Algorithm,
    private: EncodingKey,
}

impl Pair {
    fn rsa(algorithm: Algorithm) -> Self {
        Self { id: "rsa", algorithm, private: EncodingKey::from_rsa_der(RSA) }
    }

    fn ec(id: &'static str, der: &[u8]) -> Self {
        Self { id, algorithm: Algorithm::ES256, private: EncodingKey::from_ec_der(der) }
    }

    fn ed25519() -> Self {
        let private = EncodingKey::from_ed_der(ED25519);
        Self { id: "ed", algorithm: Algorithm::EdDSA, private }
    }

    fn public(&self) -> Value {
        let mut key = Jwk::from_encoding_key(&self.private, self.algorithm).unwrap();
        key.common.key_id = Some(self.id.to_owned());
        serde_json::to_value(key).unwrap()
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        encode(&header, claims, &self.private).unwrap()
    }
}

fn jwks(pairs: &[&Pair]) -> String {
    json!({"keys": pairs.iter().map(|pair| pair.public()).collect::<Vec<_>>()}).to_string()
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// Good claims, with some of them replaced; `null` takes one away.
fn claims(changes: impl Into<Value>) -> Value {
    let mut claims = json!({
        "iss": "https://login.example.com", "aud": "scim", "sub": "okta", "exp": now() + 300,
        "scope": "openid scim.write", "tid": "acme",
    });
    if let Value::Object(changes) = changes.into() {
        claims.as_object_mut().unwrap().extend(changes);
    }
    claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    claims
}

fn builder(keys: impl KeySource + 'static) -> JwtBearerBuilder {
    use JwtAlgorithm::{ES256, EdDSA, RS256};
    JwtBearer::builder()
        .issuer("https://login.example.com")
        .audience("scim")
        .algorithms([RS256, ES256, EdDSA])
        .keys(keys)
}

fn caller(jwt: &JwtBearer, token: &str) -> Result<Actor, AuthenticationError> {
    let request = Request::builder().header(AUTHORIZATION, format!("Bearer {token}"));
    let (parts, ()) = request.body(()).unwrap().into_parts();
    pollster::block_on(jwt.authenticate(&parts))
}

fn status(outcome: Result<Actor, AuthenticationError>) -> u16 {
    outcome.map_or_else(|error| error.to_scim_error().status().as_u16(), |_| 200)
}

#[test]
fn tokens_of_each_kind_of_key_are_accepted() {
    // Y-001
    let pairs = [Pair::rsa(Algorithm::RS256), Pair::ec("ec", EC), Pair::ed25519()];
    let jwt = builder(StaticKeys::new(jwks(&pairs.each_ref()))).build().unwrap();
    for pair in &pairs {
        let actor = caller(&jwt, &pair.sign(&claims(json!({})))).unwrap();
        assert_eq!((actor.subject(), actor.access()), ("okta", Access::ReadWrite));
    }
}

#[test]
fn a_token_is_for_us_and_for_now() {
    let pair = Pair::ec("ec", EC);
    let jwt = builder(StaticKeys::new(jwks(&[&pair]))).build().unwrap();
    let cases = [
        (json!({}), 200),
        (json!({"aud": ["other", "scim"]}), 200),
        (json!({"aud": "other"}), 401),
        (json!({"aud": null}), 401),
        (json!({"iss": "https://evil.example.com"}), 401),
        (json!({"iss": null}), 401),
        (json!({"sub": null}), 401),
        (json!({"sub": 7}), 401),
        (json!({"exp": null}), 401),
        (json!({"exp": now() - 30}), 200),
        (json!({"exp": now() - 90}), 401),
        (json!({"exp": "tomorrow"}), 401),
        (json!({"nbf": now() + 30}), 200),
        (json!({"nbf": now() + 90}), 401),
    ];
    for (changes, expected) in cases {
        assert_eq!(
            status(caller(&jwt, &pair.sign(&claims(changes.clone())))),
            expected,
            "{changes}"
        );
    }
}

#[test]
fn a_token_cannot_choose_how_it_is_checked() {
    let pair = Pair::rsa(Algorithm::RS256);
    let public = jwks(&[&pair]);
    let jwt = builder(StaticKeys::new(public.clone())).build().unwrap();
    let good = pair.sign(&claims(json!({})));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = head.split_once('.').unwrap();
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());

    // The public key taken for a shared secret.
    let shared = EncodingKey::from_secret(public.as_bytes());
    let mut by_secret = Header::new(Algorithm::HS256);
    by_secret.kid = Some("rsa".to_owned());
    let by_secret = encode(&by_secret, &claims(json!({})), &shared).unwrap();

    let other = Pair { private: EncodingKey::from_ec_der(OTHER_EC), ..Pair::ec("rsa", EC) };
    let refused = [
        ("without algorithm", format!("{}.{payload}.", part(json!({"alg": "none", "kid": "rsa"})))),
        ("without signature", format!("{head}.")),
        ("of two parts", head.to_owned()),
        ("of four parts", format!("{good}.x")),
        ("other claims", format!("{header}.{}.{signature}", part(claims(json!({"sub": "root"}))))),
        ("a shared secret", by_secret),
        ("another algorithm of the same key", Pair::rsa(Algorithm::RS512).sign(&claims(json!({})))),
        ("a key of another kind", other.sign(&claims(json!({})))),
        ("not base64", "a.b.c".to_owned()),
        ("critical extension", {
            let header = json!({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": false});
            format!("{}.{payload}.{signature}", part(header))
        }),
        ("huge", format!("{head}{}.{signature}", "A".repeat(MAX_TOKEN))),
    ];
    assert_eq!(status(caller(&jwt, &good)), 200);
    for (why, token) in refused {
        assert_eq!(status(caller(&jwt, &token)), 401, "{why}");
    }
}

#[test]
fn a_key_is_used_for_what_it_says() {
    let pair = Pair::ec("ec", EC);
    let sign = || pair.sign(&claims(json!({})));
    let accepts = |change: &dyn Fn(&mut Value)| {
        let mut key = pair.public();
        change(&mut key);
        let set = json!({"keys": [key, {"kty": "oct", "k": "AA", "kid": "x"}]}).to_string();
        status(caller(&builder(StaticKeys::new(set)).build().unwrap(), &sign()))
    };
    assert_eq!(accepts(&|_| {}), 200);
    assert_eq!(accepts(&|key| key["use"] = "sig".into()), 200);
    assert_eq!(accepts(&|key| key["use"] = "enc".into()), 401);
    assert_eq!(accepts(&|key| key["alg"] = "ES384".into()), 401);
    assert_eq!(accepts(&|key| key["kid"] = "another".into()), 401);

    // Without a name, the only key that fits; of several, none.
    let unnamed =
        encode(&Header::new(Algorithm::ES256), &claims(json!({})), &pair.private).unwrap();
    let (rsa, other) = (Pair::rsa(Algorithm::RS256), Pair::ec("other", OTHER_EC));
    for (keys, expected) in [(jwks(&[&pair, &rsa]), 200), (jwks(&[&pair, &other]), 401)] {
        assert_eq!(
            status(caller(&builder(StaticKeys::new(keys)).build().unwrap(), &unnamed)),
            expected
        );
    }
}

#[test]
fn keys_that_are_not_understood_are_passed_over() {
    // RFC 7517 §5
    let pair = Pair::ec("ec", EC);
    let strange = [
        json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "new", "pub": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "use": "enc", "kid": "x", "x": "AA"}),
        json!({"kty": "EC", "crv": "secp256k1", "kid": "k", "x": "AA", "y": "AA"}),
        json!({"kty": "RSA", "kid": "half", "e": "AQAB"}),
        json!({"kid": "none"}),
    ];
    for strange in strange {
        let set = json!({"keys": [strange, pair.public()]}).to_string();
        let jwt = builder(StaticKeys::new(set)).build().unwrap();
        assert_eq!(status(caller(&jwt, &pair.sign(&claims(json!({}))))), 200, "{strange}");
    }
}

#[test]
fn scopes_and_tenant_come_from_the_claims() {
    // Y-013, N-003
    let pair = Pair::ec("ec", EC);
    let jwt = builder(StaticKeys::new(jwks(&[&pair])))
        .scopes("scim.read", "scim.write")
        .tenant_claim("tid")
        .actor(|actor, claims| match claims.get("blocked") {
            Some(_) => Err(AuthenticationError::forbidden("blocked")),
            None => Ok(actor.with_extension(claims.len())),
        })
        .build()
        .unwrap();
    let call = |changes| caller(&jwt, &pair.sign(&claims(changes)));
    let actor = call(json!({})).unwrap();
    assert_eq!(actor.tenant(), Some(&Tenant::new("acme")));
    assert_eq!(actor.extensions().get::<usize>(), Some(&6));
    let read = [json!({"scope": "scim.read"}), json!({"scope": null, "scp": ["scim.read"]})];
    for changes in read {
        assert_eq!(call(changes).unwrap().access(), Access::Read);
    }
    for changes in [json!({"scope": "openid"}), json!({"scope": null}), json!({"blocked": 1})] {
        assert_eq!(status(call(changes)), 403);
    }
    for changes in [json!({"tid": null}), json!({"tid": ""}), json!({"tid": 7})] {
        assert_eq!(status(call(changes)), 401);
    }
}

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

#[test]
fn nothing_may_be_left_open() {
    use InvalidJwtBearer::{Algorithm, Audience, Issuer, Keys};
    type Step = (InvalidJwtBearer, fn(JwtBearerBuilder) -> JwtBearerBuilder);
    let steps: [Step; 4] = [
        (Issuer, |builder| builder.issuer("i")),
        (Audience, |builder| builder.audience("a")),
        (Algorithm, |builder| builder.algorithms([JwtAlgorithm::PS256])),
        (Keys, |builder| builder.keys(StaticKeys::new("{}"))),
    ];
    for (left_out, _) in &steps {
        let named = steps.iter().filter(|(name, _)| name != left_out);
        let builder = named.fold(JwtBearer::builder(), |builder, (_, step)| step(builder));
        assert_eq!(builder.build().unwrap_err(), *left_out);
    }
}

#[test]
fn no_token_is_shown() {
    let pair = Pair::ec("ec", EC);
    let jwt = builder(StaticKeys::new(jwks(&[&pair]))).build().unwrap();
    let token = pair.sign(&claims(json!({"aud": "other"})));
    let error = caller(&jwt, &token).unwrap_err();
    let shown = format!("{error:?} {error} {jwt:?}");
    assert!(!token.split('.').any(|part| shown.contains(part)), "{shown}");
}
