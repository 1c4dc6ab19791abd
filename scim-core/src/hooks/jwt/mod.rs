//! Callers who bring a signed token of an issuer the host trusts (RFC 7519, RFC 7644 §2).

mod bell;
mod builder;
mod keys;
mod source;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use http::request::Parts;
use jsonwebtoken::{Algorithm, Header, Validation, decode, decode_header};

pub use builder::{InvalidJwtBearer, JwtBearerBuilder};
pub use source::{KeySource, KeySourceError, StaticKeys};

use self::keys::Keys;
use super::{
    Access, Actor, AuthenticationError, AuthenticationScheme, Authenticator,
    bearer_tokens::bearer_token,
};
use crate::{resource::Object, store::Tenant};

/// Longer tokens are refused unread.
const MAX_TOKEN: usize = 16 * 1024;

/// Knows callers by JSON Web Tokens (RFC 7519) that an authorization server signed for us.
///
/// A token is good when one of the issuer's keys signed it by an algorithm that the host admits,
/// when issuer and audience are the ones expected, and while it has not expired. All of these must
/// be in the token. Algorithms with a shared secret and `none` do not exist here (RFC 8725 §3.1).
///
/// ```
/// use scim_core::{JwtAlgorithm, JwtBearer, StaticKeys};
///
/// # let jwks = r#"{"keys": []}"#;
/// let authenticator = JwtBearer::builder()
///     .issuer("https://login.example.com")
///     .audience("https://app.example.com/scim")
///     .algorithms([JwtAlgorithm::RS256])
///     .keys(StaticKeys::new(jwks))
///     .scopes("scim.read", "scim.write")
///     .tenant_claim("tid")
///     .build()?;
/// # let _: Box<dyn scim_core::Authenticator> = Box::new(authenticator);
/// # Ok::<_, scim_core::InvalidJwtBearer>(())
/// ```
pub struct JwtBearer {
    validation: Validation,
    keys: Keys,
    access: Scopes,
    tenant_claim: Option<Box<str>>,
    actor: Option<ActorOf>,
    scheme: AuthenticationScheme,
}

/// What the host makes of a token's claims and the caller read off them.
type ActorOf = Arc<dyn Fn(Actor, &Object) -> Result<Actor, AuthenticationError> + Send + Sync>;

/// What a caller may do by the scopes of the token (RFC 6749 §3.3).
#[derive(Clone, Debug)]
enum Scopes {
    /// A token for us is enough.
    Unneeded,
    Needed {
        read: Box<str>,
        write: Box<str>,
    },
}

/// How a token may be signed (RFC 7518 §3.1, RFC 8037): by a key of which only the issuer has the
/// private half. Closed: there is no algorithm with a shared secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum JwtAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256: what most issuers use.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// ECDSA on the curve of 256 bits with SHA-256.
    ES256,
    /// ECDSA on the curve of 384 bits with SHA-384.
    ES384,
    /// Ed25519.
    EdDSA,
}

impl JwtAlgorithm {
    fn to_algorithm(self) -> Algorithm {
        match self {
            Self::RS256 => Algorithm::RS256,
            Self::RS384 => Algorithm::RS384,
            Self::RS512 => Algorithm::RS512,
            Self::PS256 => Algorithm::PS256,
            Self::ES256 => Algorithm::ES256,
            Self::ES384 => Algorithm::ES384,
            Self::EdDSA => Algorithm::EdDSA,
        }
    }
}

impl JwtBearer {
    /// Starts with nothing: issuer, audience, algorithms and keys have to be named.
    pub fn builder() -> JwtBearerBuilder {
        JwtBearerBuilder::new()
    }

    async fn claims(&self, token: &[u8]) -> Result<Object, AuthenticationError> {
        let header = self.header(token)?;
        let key = self.keys.find(header.kid.as_deref(), header.alg).await?;
        let mut validation = self.validation.clone();
        // The key must fit each of these, and it is one key.
        validation.algorithms = vec![header.alg];
        let decoded = decode(token, &key, &validation);
        Ok(decoded.map_err(|_| AuthenticationError::invalid())?.claims)
    }

    fn header(&self, token: &[u8]) -> Result<Header, AuthenticationError> {
        let header = Some(token).filter(|token| token.len() <= MAX_TOKEN).map(decode_header);
        let Some(Ok(header)) = header else { return Err(AuthenticationError::invalid()) };
        // RFC 7515 §4.1.11: what is critical must be understood, and we know no extension.
        let is_plain = header.crit.is_none() && header.enc.is_none();
        match is_plain && self.validation.algorithms.contains(&header.alg) {
            true => Ok(header),
            false => Err(AuthenticationError::invalid()),
        }
    }

    fn actor(&self, claims: &Object) -> Result<Actor, AuthenticationError> {
        let text = |name: &str| claims.get(name).and_then(|it| it.as_str());
        let subject = text("sub").ok_or_else(AuthenticationError::invalid)?;
        let mut actor = Actor::new(subject).with_access(self.access.of(claims)?);
        if let Some(name) = &self.tenant_claim {
            let tenant = text(name).filter(|tenant| !tenant.is_empty());
            actor = actor.in_tenant(Tenant::new(tenant.ok_or_else(AuthenticationError::invalid)?));
        }
        match &self.actor {
            Some(actor_of) => actor_of(actor, claims),
            None => Ok(actor),
        }
    }
}

impl Scopes {
    /// `scope` is a text with spaces (RFC 8693 §4.2) or, as some issuers have it, a list; `scp` is
    /// another name for it.
    fn of(&self, claims: &Object) -> Result<Access, AuthenticationError> {
        let Self::Needed { read, write } = self else { return Ok(Access::default()) };
        let granted: Vec<&str> = ["scope", "scp"]
            .iter()
            .filter_map(|name| claims.get(*name))
            .flat_map(|value| match value.as_array() {
                Some(list) => list.iter().filter_map(|it| it.as_str()).collect(),
                None => value.as_str().unwrap_or_default().split(' ').collect::<Vec<_>>(),
            })
            .collect();
        if granted.contains(&&**write) {
            Ok(Access::ReadWrite)
        } else if granted.contains(&&**read) {
            Ok(Access::Read)
        } else {
            Err(AuthenticationError::forbidden("the token has no scope for this service"))
        }
    }
}

#[async_trait]
impl Authenticator for JwtBearer {
    async fn authenticate(&self, request: &Parts) -> Result<Actor, AuthenticationError> {
        let claims = self.claims(bearer_token(&request.headers, &self.scheme.http_scheme)?).await?;
        self.actor(&claims)
    }

    fn schemes(&self) -> Vec<AuthenticationScheme> {
        vec![self.scheme.clone()]
    }
}

impl fmt::Debug for JwtBearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBearer")
            .field("issuer", &self.validation.iss)
            .field("audience", &self.validation.aud)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}
