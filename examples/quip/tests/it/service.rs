//! The service without a socket, asked by HTTP requests, over either store.

use std::sync::Arc;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request},
};
use http_body_util::BodyExt;
use scim_core::store::Store;
use scim_example_quip::{PER_MINUTE, Quip, app};
use scim_store_memory::MemoryStore;
use scim_store_sqlite::SqliteStore;
use serde_json::{Value, json};
use tower_service::Service as _;

pub(crate) const COMPANY: &str = "hello";
pub(crate) const BOTH: [&str; 2] = ["/1", "/2"];

pub(crate) struct Service {
    pub(crate) quip: Arc<Quip>,
    router: Router,
    /// Keeps the file of a SQLite store until the end.
    _directory: Option<tempfile::TempDir>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    /// An error in the form of the documents; what it says.
    #[track_caller]
    pub(crate) fn expect_error(self, status: u16) -> String {
        let body = self.expect(status);
        assert_eq!(body["error_code"], status, "{body}");
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        body["description"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Service {
    pub(crate) fn new() -> Self {
        Self::over(Arc::new(MemoryStore::new()), None)
    }

    /// One over each store.
    pub(crate) fn each() -> [Self; 2] {
        let directory = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(directory.path().join("scim.db")).unwrap();
        [Self::new(), Self::over(Arc::new(store), Some(directory))]
    }

    fn over(store: Arc<dyn Store>, directory: Option<tempfile::TempDir>) -> Self {
        let companies = [("secret", COMPANY), ("another-secret", "other")];
        let quip = Quip::new(&store, &companies, PER_MINUTE).unwrap();
        Self { router: app(quip.clone()), quip, _directory: directory }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().call(request).await.unwrap();
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| panic!("no JSON: {}", String::from_utf8_lossy(&bytes))),
        };
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(crate) async fn request_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Value,
    ) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let request = Request::builder()
            .method(method)
            .uri(path.replace(' ', "+"))
            .header("host", "quip.test")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        self.send(request.body(text.into()).unwrap()).await
    }

    pub(crate) async fn request(&self, method: &str, path: &str, body: Value) -> Answer {
        self.request_as("secret", method, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path, Value::Null).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.request("POST", path, body).await
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Answer {
        self.request("PUT", path, body).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.request("PATCH", path, body).await
    }

    /// A PATCH of a user in 2.0.
    pub(crate) async fn change(&self, id: &str, operations: Value) -> Answer {
        let urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({"schemas": [urn], "Operations": operations});
        self.patch(&format!("/2/Users/{id}"), body).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.request("DELETE", path, Value::Null).await
    }

    /// Adds a user with this address; its id.
    pub(crate) async fn user(&self, email: &str) -> String {
        self.user_named("Test User", email).await
    }

    pub(crate) async fn user_named(&self, name: &str, email: &str) -> String {
        let body = json!({"name": name, "emails": [{"value": email}]});
        id(&self.post("/2/Users", body).await.expect(201))
    }

    /// Adds a user with this address that is disabled; its id.
    pub(crate) async fn disabled(&self, email: &str) -> String {
        let id = self.user(email).await;
        self.change(&id, json!([{"op": "replace", "path": "active", "value": false}]))
            .await
            .expect(200);
        id
    }

    /// The user as 2.0 shows it.
    pub(crate) async fn shown(&self, id: &str) -> Value {
        self.get(&format!("/2/Users/{id}")).await.expect(200)
    }

    /// The ids that a list has.
    pub(crate) async fn listed(&self, path: &str) -> Vec<String> {
        let list = self.get(path).await.expect(200);
        list["Resources"].as_array().unwrap().iter().map(id).collect()
    }
}

pub(crate) fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

pub(crate) fn addresses(user: &Value) -> Vec<&str> {
    let emails = user["emails"].as_array().unwrap().iter();
    emails.map(|email| email["value"].as_str().or(email.as_str()).unwrap()).collect()
}
