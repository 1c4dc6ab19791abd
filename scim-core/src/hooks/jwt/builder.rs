//! Setting up what tokens are accepted.

use std::{fmt, sync::Arc, time::Duration};

use jsonwebtoken::{Algorithm, Validation, crypto::rust_crypto::DEFAULT_PROVIDER};

use super::{ActorOf, JwtAlgorithm, JwtBearer, Scopes, keys::Keys, source::KeySource};
use crate::{
    hooks::{Actor, AuthenticationError, AuthenticationScheme},
    resource::Object,
};

/// Collects what a [`JwtBearer`] accepts; made by [`JwtBearer::builder`].
#[must_use]
pub struct JwtBearerBuilder {
    issuers: Vec<String>,
    audiences: Vec<String>,
    algorithms: Vec<JwtAlgorithm>,
    keys: Option<Box<dyn KeySource>>,
    key_age: Duration,
    leeway: Duration,
    access: Scopes,
    tenant_claim: Option<Box<str>>,
    actor: Option<ActorOf>,
    scheme: AuthenticationScheme,
}

/// Why tokens could never be checked safely: something has to be named that was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidJwtBearer {
    /// Without an issuer anybody's tokens would do.
    #[error("no issuer is named")]
    Issuer,
    /// Without an audience tokens for other services would do.
    #[error("no audience is named")]
    Audience,
    /// The token must not choose how it is checked.
    #[error("no algorithm is named")]
    Algorithm,
    /// Signatures are checked by keys.
    #[error("no source of keys is named")]
    Keys,
}

impl JwtBearerBuilder {
    pub(super) fn new() -> Self {
        Self {
            issuers: Vec::new(),
            audiences: Vec::new(),
            algorithms: Vec::new(),
            keys: None,
            key_age: Duration::from_secs(3600),
            leeway: Duration::from_secs(60),
            access: Scopes::Unneeded,
            tenant_claim: None,
            actor: None,
            scheme: AuthenticationScheme::bearer(),
        }
    }

    /// Adds an issuer (`iss`) whose tokens are accepted. Its keys must come from the source of
    /// [`keys`](Self::keys); issuers with keys of their own need authenticators of their own.
    pub fn issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuers.push(issuer.into());
        self
    }

    /// Adds an audience (`aud`): a name of this service. A token must be for one of them.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Adds algorithms by which tokens may be signed.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = JwtAlgorithm>) -> Self {
        self.algorithms.extend(algorithms);
        self
    }

    /// Sets where the keys come from.
    pub fn keys(mut self, keys: impl KeySource + 'static) -> Self {
        self.keys = Some(Box::new(keys));
        self
    }

    /// Sets how long keys are used before they are fetched again, an hour by default: so long may
    /// a key that the issuer withdrew still be accepted.
    pub fn key_age(mut self, age: Duration) -> Self {
        self.key_age = age;
        self
    }

    /// Sets how far the clocks may differ, a minute by default.
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Demands a scope for reading and one for reading and writing; without this, every token
    /// for this service may do both.
    pub fn scopes(mut self, read: impl Into<Box<str>>, write: impl Into<Box<str>>) -> Self {
        self.access = Scopes::Needed { read: read.into(), write: write.into() };
        self
    }

    /// Confines callers to the tenant that this claim names; tokens without it are refused.
    pub fn tenant_claim(mut self, name: impl Into<Box<str>>) -> Self {
        self.tenant_claim = Some(name.into());
        self
    }

    /// Lets the host add to a caller what it reads from the claims, or turn it away.
    pub fn actor<F>(mut self, actor: F) -> Self
    where
        F: Fn(Actor, &Object) -> Result<Actor, AuthenticationError> + Send + Sync + 'static,
    {
        self.actor = Some(Arc::new(actor));
        self
    }

    /// Replaces the scheme that discovery and challenges show.
    pub fn scheme(mut self, scheme: AuthenticationScheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Checks that nothing is missing.
    ///
    /// # Errors
    /// When no issuer, audience, algorithm or source of keys is named.
    pub fn build(self) -> Result<JwtBearer, InvalidJwtBearer> {
        let named = [
            (self.issuers.is_empty(), InvalidJwtBearer::Issuer),
            (self.audiences.is_empty(), InvalidJwtBearer::Audience),
            (self.algorithms.is_empty(), InvalidJwtBearer::Algorithm),
        ];
        if let Some((_, missing)) = named.into_iter().find(|(is_missing, _)| *is_missing) {
            return Err(missing);
        }
        let keys = self.keys.ok_or(InvalidJwtBearer::Keys)?;
        // Where the host's tree has two providers, none is chosen and checking would panic; a
        // choice that the host made before stays.
        let _ = DEFAULT_PROVIDER.install_default();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.algorithms =
            self.algorithms.into_iter().map(JwtAlgorithm::to_algorithm).collect();
        validation.leeway = self.leeway.as_secs();
        validation.validate_nbf = true;
        validation.set_issuer(&self.issuers);
        validation.set_audience(&self.audiences);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Ok(JwtBearer {
            validation,
            keys: Keys::new(keys, self.key_age),
            access: self.access,
            tenant_claim: self.tenant_claim,
            actor: self.actor,
            scheme: self.scheme,
        })
    }
}

impl fmt::Debug for JwtBearerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtBearerBuilder")
            .field("issuers", &self.issuers)
            .field("audiences", &self.audiences)
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}
