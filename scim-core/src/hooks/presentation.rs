//! How answers look beyond what SCIM says.

use std::fmt;

use http::{HeaderMap, StatusCode, request::Parts};
use serde_json::Value;

use super::Actor;
use crate::error::ScimError;

/// Changes how answers look: errors of another shape, headers on every answer. All methods have
/// defaults that change nothing.
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
