//! Tokens and keys to test with. The keys in `tests/keys` are good for nothing else.

mod checking;
mod fetching;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use http::{Request, header::AUTHORIZATION};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use serde_json::{Value, json};

use super::*;

const RSA: &[u8] = include_bytes!("../../../../tests/keys/rsa.der");
const EC: &[u8] = include_bytes!("../../../../tests/keys/ec-first.der");
const OTHER_EC: &[u8] = include_bytes!("../../../../tests/keys/ec-second.der");
const ED25519: &[u8] = include_bytes!("../../../../tests/keys/ed25519.der");

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
