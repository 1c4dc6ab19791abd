//! An error with the headers that go with it.

use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::{
    error::ScimError,
    hooks::{AuthenticationError, AuthenticationScheme},
    ops::Failure,
};

/// URN of the error message (RFC 7644 §3.12).
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A SCIM error with the headers that its status asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ErrorResponse {
    pub(super) error: ScimError,
    pub(super) headers: Box<HeaderMap>,
    /// The host's own body in place of the message of RFC 7644 §3.12.
    shown: Option<Box<Value>>,
}

impl ErrorResponse {
    pub(crate) fn error(&self) -> &ScimError {
        &self.error
    }

    /// Shows a body of the host's own, if there is one.
    pub(crate) fn shown_as(mut self, body: Option<Value>) -> Self {
        self.shown = body.map(Box::new);
        self
    }

    /// Says which methods are known, as a 405 must (RFC 9110 §15.5.6).
    pub(crate) fn allowing(mut self, methods: &str) -> Self {
        if let Ok(methods) = HeaderValue::from_str(methods) {
            self.headers.insert(header::ALLOW, methods);
        }
        self
    }

    /// Says when to try again, as a 503 or 429 should: in whole seconds, at least one, since
    /// clients obey nothing else.
    pub(crate) fn retry_after(mut self, delay: Duration) -> Self {
        let seconds = delay.as_secs().saturating_add(u64::from(delay.subsec_nanos() > 0)).max(1);
        self.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        self
    }

    /// A refused caller: 401 with one challenge for each scheme (Y-001), 403 or 503.
    pub(crate) fn refused(refusal: &AuthenticationError, schemes: &[AuthenticationScheme]) -> Self {
        let mut response = Self::from(refusal.to_scim_error());
        for challenge in schemes.iter().filter_map(|scheme| scheme.challenge(refusal)) {
            response.headers.append(header::WWW_AUTHENTICATE, challenge);
        }
        match refusal.retry_delay() {
            Some(delay) => response.retry_after(delay),
            None => response,
        }
    }

    /// The host's own body, if it has one.
    #[cfg(feature = "scim11")]
    pub(super) fn shown(&self) -> Option<&Value> {
        self.shown.as_deref()
    }
}

impl Serialize for ErrorResponse {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(shown) = &self.shown {
            return shown.serialize(serializer);
        }
        let status = self.error.status();
        let message = ErrorMessage {
            schemas: [ERROR],
            status: status.as_str(),
            scim_type: self.error.scim_type().map(|scim_type| scim_type.as_str()),
            detail: self.error.to_string(),
        };
        message.serialize(serializer)
    }
}

impl From<ScimError> for ErrorResponse {
    fn from(error: ScimError) -> Self {
        Self { error, headers: Box::default(), shown: None }
    }
}

/// What a client is told of a failure; the cause of it is for the host's log alone.
impl From<Failure> for ErrorResponse {
    fn from(failure: Failure) -> Self {
        failure.log();
        match failure.retry_after {
            Some(delay) => Self::from(failure.error).retry_after(delay),
            None => failure.error.into(),
        }
    }
}

/// The error message (RFC 7644 §3.12).
#[derive(Serialize)]
struct ErrorMessage<'a> {
    schemas: [&'static str; 1],
    /// A string, as the RFC wants it (E-001).
    status: &'a str,
    #[serde(rename = "scimType", skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'static str>,
    detail: String,
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use serde_json::{Value, json};

    use super::*;
    use crate::http::dialect::{Dialect, Two};
    use crate::{error::ScimType, hooks::AuthenticationKind};

    #[test]
    fn the_message_says_status_kind_and_place() {
        // E-001, E-002, E-004
        let not_found = ScimError::with_status(StatusCode::NOT_FOUND, "no such resource");
        let taken =
            ScimError::new(ScimType::Uniqueness, "\"taken\"").at("userName").in_operation(1);
        let cases = [
            (not_found, json!({"schemas": [ERROR], "status": "404", "detail": "no such resource"})),
            (
                taken,
                json!({
                    "schemas": [ERROR],
                    "status": "409",
                    "scimType": "uniqueness",
                    "detail": "operation 2: `userName`: \"taken\"",
                }),
            ),
        ];
        for (error, expected) in cases {
            let body: Value =
                serde_json::from_slice(&Two.error(&ErrorResponse::from(error))).unwrap();
            assert_eq!(body, expected);
        }
    }

    #[test]
    fn delays_are_whole_seconds() {
        let cases = [(0, "1"), (1, "1"), (999, "1"), (1000, "1"), (1001, "2"), (90_000, "90")];
        for (milliseconds, expected) in cases {
            let busy = ScimError::with_status(StatusCode::SERVICE_UNAVAILABLE, "busy");
            let delay = Duration::from_millis(milliseconds);
            let response = ErrorResponse::from(busy).retry_after(delay);
            assert_eq!(response.headers[header::RETRY_AFTER], expected, "{milliseconds}");
        }
    }

    #[test]
    fn refused_callers_learn_how_to_authenticate() {
        // Y-001, E-006
        let basic = AuthenticationScheme::new(AuthenticationKind::HttpBasic);
        let schemes = [AuthenticationScheme::bearer(), basic];
        let both = vec![r#"Bearer realm="scim""#, r#"Basic realm="scim""#];
        let busy = AuthenticationError::unavailable(Duration::from_secs(9));
        let cases = [
            (AuthenticationError::missing(), 401, both, None),
            (AuthenticationError::forbidden("no"), 403, vec![], None),
            (busy, 503, vec![], Some("9")),
        ];
        for (refusal, status, challenges, delay) in cases {
            let response = ErrorResponse::refused(&refusal, &schemes);
            assert_eq!(response.error.status(), status);
            let sent = response.headers.get_all(header::WWW_AUTHENTICATE);
            assert_eq!(sent.iter().collect::<Vec<_>>(), challenges);
            let after = response.headers.get(header::RETRY_AFTER);
            assert_eq!(after.map(|value| value.to_str().unwrap()), delay);
        }
    }
}
