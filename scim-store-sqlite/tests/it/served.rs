//! A service provider over the store, asked by HTTP requests without a socket.

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use pollster::block_on;
use scim_core::{Actor, BearerTokens, Limits, ScimServer, store::Store};
use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// Members of a group beyond which it is streamed.
pub(crate) const EDGES: usize = 100;

pub(crate) struct Served(ScimServer);

impl Served {
    pub(crate) fn over(store: impl Store + 'static) -> Self {
        let tokens = BearerTokens::builder().token("secret", Actor::new("idp")).build().unwrap();
        let mut limits = Limits::default();
        limits.edges = EDGES;
        Self(ScimServer::builder(store, tokens).limits(limits).build().unwrap())
    }

    /// Sends a request and reads the answer to its end; no body where it is null.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> (StatusCode, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder()
            .method(method)
            .uri(format!("http://scim.test/scim/v2{path}"))
            .header("authorization", "Bearer secret")
            .header("content-type", "application/scim+json")
            .body(Full::new(Bytes::from(text)))
            .unwrap();
        let response = block_on(self.0.handle(request));
        let status = response.status();
        let body = block_on(response.into_body().collect()).unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", path, &Value::Null);
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    #[track_caller]
    pub(crate) fn create(&self, path: &str, body: &Value) -> String {
        let (status, body) = self.send("POST", path, body);
        assert_eq!(status, 201, "{path}: {body}");
        body["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn user(&self, name: &str) -> String {
        let body = json!({
            "schemas": [USER], "userName": name, "displayName": format!("Display {name}"),
            "externalId": format!("ext-{name}"), "active": true,
            "emails": [{"value": format!("{name}@example.com"), "type": "work"}],
        });
        self.create("/Users", &body)
    }

    pub(crate) fn group(&self, name: &str, members: &[String]) -> String {
        let body = json!({"schemas": [GROUP], "displayName": name, "members": values(members)});
        self.create("/Groups?excludedAttributes=members", &body)
    }

    #[track_caller]
    pub(crate) fn patch(&self, path: &str, operations: &Value) {
        let body = json!({"schemas": [PATCH], "Operations": operations});
        let (status, body) = self.send("PATCH", path, &body);
        assert!(status.is_success(), "{path}: {body}");
    }

    pub(crate) fn put_group(&self, id: &str, name: &str, members: &[String]) {
        let body = json!({"schemas": [GROUP], "displayName": name, "members": values(members)});
        let path = format!("/Groups/{id}?excludedAttributes=members");
        assert_eq!(self.send("PUT", &path, &body).0, 200);
    }

    #[track_caller]
    pub(crate) fn delete(&self, path: &str) {
        assert_eq!(self.send("DELETE", path, &Value::Null).0, 204, "{path}");
    }
}

/// The ids as values of `members`.
pub(crate) fn values(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({ "value": id })).collect()
}
