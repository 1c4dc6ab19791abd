//! A service provider over the memory store, asked by HTTP requests without a socket.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use scim_core::{
    Actor, BearerTokens, Behaviour, ClientProfile, Rules, ScimServer, ScimServerBuilder,
    store::Store,
};
use scim_store_memory::MemoryStore;
use serde_json::Value;

pub(crate) const BASE: &str = "http://scim.test/scim/v2";

pub(crate) struct Endpoint(ScimServer);

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks status and `scimType` of an error, and that the body is a SCIM error.
    #[track_caller]
    pub(crate) fn expect_error(&self, status: u16, scim_type: &str) -> String {
        let body = self.json();
        assert_eq!(self.status, status, "{body}");
        assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert_eq!(body["status"], status.to_string());
        assert_eq!(body["scimType"].as_str().unwrap_or_default(), scim_type, "{body}");
        body["detail"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }
}

impl Endpoint {
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(crate) fn with(change: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder) -> Self {
        Self::over(MemoryStore::new(), change)
    }

    /// A service provider over a store that others may use too.
    pub(crate) fn over(
        store: impl Store + 'static,
        change: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder,
    ) -> Self {
        let tokens = BearerTokens::builder().token("secret", Actor::new("idp")).build().unwrap();
        Self(change(ScimServer::builder(store, tokens)).build().unwrap())
    }

    pub(crate) fn of(server: ScimServer) -> Self {
        Self(server)
    }

    pub(crate) fn server(&self) -> &ScimServer {
        &self.0
    }

    /// With these rules about bodies.
    pub(crate) fn ruled(rules: Rules) -> Self {
        let mut behaviour = Behaviour::default();
        behaviour.rules = rules;
        Self::with(|builder| builder.behaviour(behaviour))
    }

    /// With nothing but what the RFCs say.
    pub(crate) fn strict() -> Self {
        Self::with(|builder| builder.profile(&ClientProfile::strict()))
    }

    pub(crate) fn send(&self, request: Request<String>) -> Answer {
        self.send_body(request.map(String::into_bytes))
    }

    pub(crate) fn send_body(&self, request: Request<Vec<u8>>) -> Answer {
        let request = request.map(|body| Full::new(Bytes::from(body)));
        pollster::block_on(async {
            let response = self.0.handle(request).await;
            let (head, body) = response.into_parts();
            let bytes = body.collect().await.unwrap().to_bytes();
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            Answer { status: head.status, headers: head.headers, text }
        })
    }

    /// A POST of a body that may be no text.
    pub(crate) fn send_bytes(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = Request::post(format!("/scim/v2{path}"))
            .header("host", "scim.test")
            .header("authorization", "Bearer secret");
        self.send_body(request.body(body).unwrap())
    }

    /// A POST of a body as it is written.
    pub(crate) fn request_text(&self, path: &str, body: &str) -> Answer {
        self.request(Method::POST, path, &[], body)
    }

    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl ToString,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("host", "scim.test");
        if !headers.iter().any(|(name, _)| *name == "authorization") {
            request = request.header("authorization", "Bearer secret");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.to_string()).unwrap())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, &[], "")
    }

    /// A query; the filter is encoded as a client would.
    pub(crate) fn filter(&self, path: &str, filter: &str) -> Answer {
        let encoded: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        self.get(&format!("{path}?filter={encoded}"))
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path, &[], body)
    }

    pub(crate) fn put(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PUT, path, &[], body)
    }

    pub(crate) fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = serde_json::json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.request(Method::PATCH, path, &[], body)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path, &[], "")
    }

    /// Adds a user of this name and answers its id.
    pub(crate) fn user(&self, user_name: &str) -> String {
        let body = serde_json::json!({"schemas": [USER], "userName": user_name});
        self.post("/Users", body).expect(201).id()
    }

    /// Adds a group of these members and answers its id.
    pub(crate) fn group(&self, display_name: &str, members: &[&str]) -> String {
        let members: Vec<_> = members.iter().map(|id| serde_json::json!({ "value": id })).collect();
        let body = serde_json::json!({
            "schemas": [GROUP], "displayName": display_name, "members": members
        });
        self.post("/Groups", body).expect(201).id()
    }
}

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The body of a user of this name, with further values.
pub(crate) fn user(user_name: &str, further: Value) -> Value {
    let mut body = further;
    body["schemas"] = serde_json::json!([USER]);
    body["userName"] = user_name.into();
    body
}
