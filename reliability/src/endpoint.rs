//! A server in this process, asked without a socket.

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use scim_core::{DangerouslyUnauthenticated, ScimServer, store::Store};
use serde_json::{Value, json};

use crate::Violation;

/// A server that lets everybody in.
pub struct Endpoint(ScimServer);

/// What it answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The JSON of the body, or null.
    pub body: Value,
    /// The entity tag, or nothing.
    pub tag: String,
}

impl Endpoint {
    /// A server over a store.
    ///
    /// # Errors
    /// When the store cannot be attached.
    pub fn new(store: impl Store + 'static) -> Result<Self, Violation> {
        Ok(Self(ScimServer::builder(store, DangerouslyUnauthenticated::new()).build()?))
    }

    /// Sends a request and waits for the answer; an empty tag is no `If-Match`, and a null body none.
    ///
    /// # Errors
    /// When the answer is not JSON.
    pub fn ask(
        &self,
        method: Method,
        path: &str,
        if_match: &str,
        body: &Value,
    ) -> Result<Answer, Violation> {
        let content = if body.is_null() { String::new() } else { body.to_string() };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("host", "scim.test")
            .header("content-type", "application/scim+json");
        if !if_match.is_empty() {
            request = request.header("if-match", if_match);
        }
        let request = request.body(Full::new(Bytes::from(content)))?;
        let (head, body) = pollster::block_on(async {
            let (head, body) = self.0.handle(request).await.into_parts();
            body.collect().await.map(|body| (head, body.to_bytes()))
        })?;
        Ok(Answer {
            status: head.status.as_u16(),
            body: if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? },
            tag: match head.headers.get("etag") {
                Some(tag) => tag.to_str()?.to_owned(),
                None => String::new(),
            },
        })
    }

    /// Sends one PATCH operation.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub fn patch(
        &self,
        path: &str,
        if_match: &str,
        operation: &Value,
    ) -> Result<Answer, Violation> {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [operation],
        });
        self.ask(Method::PATCH, path, if_match, &body)
    }
}

impl Answer {
    /// An attribute that is text, or nothing.
    pub fn text(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}
