//! A service provider, asked without a socket.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{Arc, LazyLock},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use scim_core::{DangerouslyUnauthenticated, ScimServer, schema::Registry, store::Store};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::answer::check;

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Compiled once: it takes longer than most requests.
pub(crate) static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(Registry::standard);

/// A service provider that lets everybody in.
pub(crate) struct Endpoint {
    server: ScimServer,
    /// What it was asked and answered, where somebody wants to know.
    exchanges: Option<RefCell<Vec<Exchange>>>,
}

/// A request without its body, and what it came to.
pub(crate) struct Exchange {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) answer: Answer,
}

/// What it answered; it has been checked to be SCIM.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// What the body says; `null` where there is none.
    json: Rc<Value>,
}

impl Endpoint {
    /// A service provider over the memory store.
    pub(crate) fn new() -> Self {
        Self::over(MemoryStore::new())
    }

    /// One that remembers what it was asked.
    pub(crate) fn recording(store: impl Store + 'static) -> Self {
        Self { exchanges: Some(RefCell::default()), ..Self::over(store) }
    }

    fn over(store: impl Store + 'static) -> Self {
        let builder = ScimServer::builder(store, DangerouslyUnauthenticated::new());
        let server = builder.registry(REGISTRY.clone()).build().expect("a server");
        Self { server, exchanges: None }
    }

    /// What it was asked and answered since the last time.
    pub(crate) fn exchanges(&self) -> Vec<Exchange> {
        self.exchanges.as_ref().map(RefCell::take).unwrap_or_default()
    }

    pub(crate) fn send(&self, request: Request<Bytes>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().to_string());
        let answer = pollster::block_on(async {
            let response = self.server.handle(request.map(Full::new)).await;
            let (head, body) = response.into_parts();
            let body = body.collect().await.expect("a whole body").to_bytes();
            Answer::new(head.status, head.headers, body)
        });
        check(&method, &answer);
        if let Some(exchanges) = &self.exchanges {
            exchanges.borrow_mut().push(Exchange { method, path, answer: answer.clone() });
        }
        answer
    }

    pub(crate) fn ask(&self, method: Method, path: &str, body: &[u8]) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("host", "scim.test")
            .body(Bytes::copy_from_slice(body));
        self.send(request.expect("a request"))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, b"")
    }

    pub(crate) fn json(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.ask(method, path, body.to_string().as_bytes())
    }

    pub(crate) fn patch(&self, path: &str, operations: &Value) -> Answer {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.json(Method::PATCH, path, &body)
    }

    /// A page of those that match the filter.
    pub(crate) fn search(&self, path: &str, filter: &str) -> Answer {
        let encoded: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        self.get(&format!("{path}?filter={encoded}&count=1000"))
    }

    pub(crate) fn user(&self, user_name: &str) -> String {
        let body = json!({"schemas": [USER], "userName": user_name, "active": true});
        self.json(Method::POST, "/Users", &body).expect(201).id()
    }
}

impl Answer {
    fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        let json = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body).unwrap_or_else(|error| {
                panic!("{status}: {error}: {}", String::from_utf8_lossy(&body))
            }),
        };
        Self { status, headers, body, json: Rc::new(json) }
    }

    pub(crate) fn json(&self) -> &Value {
        &self.json
    }

    pub(crate) fn id(&self) -> String {
        self.json()["id"].as_str().expect("an id").to_owned()
    }

    pub(crate) fn version(&self) -> &[u8] {
        self.headers.get("etag").map_or(b"", |tag| tag.as_bytes())
    }

    /// The matches of a list that fits on its page.
    pub(crate) fn resources(&self) -> &[Value] {
        let list = self.json();
        let resources = list["Resources"].as_array().expect("resources");
        assert_eq!(list["totalResults"], resources.len(), "all on one page");
        resources
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
