//! How answers look beyond what SCIM says.

use std::fmt;

use http::{HeaderMap, StatusCode, request::Parts};
use serde_json::Value;

use super::Actor;
use crate::error::ScimError;

/// Changes how answers look: errors of another shape, headers on every answer. All methods have
/// defaults that change nothing.
///
/// ```
/// use http::{HeaderMap, HeaderValue, Request, StatusCode, header, request::Parts};
/// use scim_core::{Actor, BearerTokens, Presentation, ScimError, ScimServer};
/// use serde_json::{Value, json};
/// # use scim_store_memory::MemoryStore;
///
/// /// Errors as the rest of the application shows them, and nothing for caches to keep.
/// #[derive(Debug)]
/// struct House;
///
/// impl Presentation for House {
///     fn error(&self, _: &Parts, error: &ScimError) -> Option<Value> {
///         Some(json!({"error": {"code": error.status().as_u16(), "message": error.to_string()}}))
///     }
///
///     fn headers(
///         &self,
///         _: &Parts,
///         _: Option<&Actor>,
///         _: StatusCode,
///         headers: &mut HeaderMap,
///     ) {
///         headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
///     }
/// }
///
/// # let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
/// let server = ScimServer::builder(MemoryStore::new(), tokens).presentation(House).build()?;
/// let request = Request::get("/scim/v2/Users").body(String::new())?;
/// let response = pollster::block_on(server.handle(request));
/// assert_eq!(response.status(), 401);
/// assert_eq!(response.headers()["cache-control"], "no-store");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub trait Presentation: Send + Sync + fmt::Debug {
    /// The body of an error answer; `None` for the message of RFC 7644 §3.12.
    fn error(&self, _request: &Parts, _error: &ScimError) -> Option<Value> {
        None
    }

    /// Adds headers to an answer, whatever it is. The actor is unknown when nobody was let in.
    fn headers(
        &self,
        _request: &Parts,
        _actor: Option<&Actor>,
        _status: StatusCode,
        _headers: &mut HeaderMap,
    ) {
    }
}

/// As SCIM says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Plain;

impl Presentation for Plain {}
