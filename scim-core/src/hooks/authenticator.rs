//! Finding out who calls.

use std::{borrow::Cow, fmt, time::Duration};

use async_trait::async_trait;
use http::{StatusCode, request::Parts};

use super::{Actor, AuthenticationScheme};
use crate::error::ScimError;

/// Finds out who calls, before anything of the request's body is read.
///
/// It sees method, URI, headers and the extensions that outer layers attached, so a host that
/// authenticates in a layer of its own only passes its result on:
///
/// ```
/// use scim_core::{Actor, AuthenticationError, AuthenticationScheme, Authenticator};
///
/// #[derive(Clone)]
/// struct Account(String);
///
/// #[derive(Debug)]
/// struct ByLayer;
///
/// #[scim_core::async_trait]
/// impl Authenticator for ByLayer {
///     async fn authenticate(
///         &self,
///         request: &http::request::Parts,
///     ) -> Result<Actor, AuthenticationError> {
///         let account = request.extensions.get::<Account>();
///         let account = account.ok_or_else(AuthenticationError::missing)?;
///         Ok(Actor::new(account.0.as_str()))
///     }
///
///     fn schemes(&self) -> Vec<AuthenticationScheme> {
///         vec![AuthenticationScheme::bearer()]
///     }
/// }
/// ```
#[async_trait]
pub trait Authenticator: Send + Sync + fmt::Debug {
    /// Who calls.
    ///
    /// # Errors
    /// When the caller is unknown or unwelcome, or cannot be looked up for now.
    async fn authenticate(&self, request: &Parts) -> Result<Actor, AuthenticationError>;

    /// How callers may authenticate: what `/ServiceProviderConfig` lists (RFC 7643 §5) and what
    /// a 401 asks for (RFC 7644 §2). Only a server that turns nobody away has none.
    fn schemes(&self) -> Vec<AuthenticationScheme>;
}

/// Why a caller is turned away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct AuthenticationError {
    kind: Kind,
    detail: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Missing,
    Invalid,
    Forbidden,
    Unavailable(Duration),
}

impl AuthenticationError {
    /// The request has no credentials, or none of a kind that is understood. 401.
    pub fn missing() -> Self {
        Self { kind: Kind::Missing, detail: "credentials are missing".into() }
    }

    /// The credentials are malformed, unknown, expired or revoked. 401; which of these it is
    /// stays untold.
    pub fn invalid() -> Self {
        Self { kind: Kind::Invalid, detail: "the credentials are not valid".into() }
    }

    /// The caller is known and may not do this; the detail is shown to the client. 403.
    pub fn forbidden(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Forbidden, detail: detail.into() }
    }

    /// The credentials cannot be checked for now. 503.
    pub fn unavailable(retry_after: Duration) -> Self {
        let detail = "credentials cannot be checked for now".into();
        Self { kind: Kind::Unavailable(retry_after), detail }
    }

    /// Whether credentials were given and are wrong.
    pub(crate) fn is_invalid(&self) -> bool {
        self.kind == Kind::Invalid
    }

    /// Whether the client should be told how to authenticate.
    pub(crate) fn asks_for_credentials(&self) -> bool {
        matches!(self.kind, Kind::Missing | Kind::Invalid)
    }

    /// How long the client should wait before it tries again.
    pub(crate) fn retry_delay(&self) -> Option<Duration> {
        match self.kind {
            Kind::Unavailable(delay) => Some(delay),
            _ => None,
        }
    }

    /// What the client gets to see.
    pub(crate) fn to_scim_error(&self) -> ScimError {
        let status = match self.kind {
            Kind::Missing | Kind::Invalid => StatusCode::UNAUTHORIZED,
            Kind::Forbidden => StatusCode::FORBIDDEN,
            Kind::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        };
        ScimError::with_status(status, self.detail.clone())
    }
}
