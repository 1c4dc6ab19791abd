//! How errors look, of the server and of the routes beside it.

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header, request::Parts},
};
use scim_core::{Presentation, ScimError};
use serde_json::{Value, json};

/// `{"error_code", "description"}` in place of what SCIM says.
#[derive(Debug)]
pub(crate) struct Answers;

impl Presentation for Answers {
    fn error(&self, _: &Parts, error: &ScimError) -> Option<Value> {
        Some(error_body(error))
    }
}

pub(crate) fn refusal(error: &ScimError) -> Response<Body> {
    answer(error.status(), &error_body(error))
}

pub(crate) fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn error_body(error: &ScimError) -> Value {
    json!({"error_code": error.status().as_u16(), "description": error.to_string()})
}

/// 400 of a route beside the server.
pub(crate) fn invalid(detail: &'static str) -> Response<Body> {
    refusal(&ScimError::with_status(StatusCode::BAD_REQUEST, detail))
}

/// 405 of a route beside the server.
pub(crate) fn not_allowed() -> Response<Body> {
    let detail = "the endpoint does not answer this method";
    refusal(&ScimError::with_status(StatusCode::METHOD_NOT_ALLOWED, detail))
}
