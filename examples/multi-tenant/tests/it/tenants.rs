//! A server with the tenants `acme` and `globex` on a SQLite file, and short words to ask it.

use std::sync::Arc;

use axum::{Router, body::Body};
use http::{HeaderMap, Request};
use http_body_util::BodyExt;
use scim_example_multi_tenant::{Tenants, app, server};
use scim_store_sqlite::SqliteStore;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower_service::Service;

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const ROLE: &str = "urn:example:params:scim:schemas:2.0:Role";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(crate) struct Server {
    app: Router,
    pub(crate) store: Arc<SqliteStore>,
    _directory: TempDir,
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
}

impl Server {
    pub(crate) fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(directory.path().join("tenants.db")).unwrap());
        let tenants = Tenants::read("acme token-of-acme\n\nglobex token-of-globex\n").unwrap();
        let app = app(server(store.clone(), &tenants).unwrap());
        Self { app, store, _directory: directory }
    }

    /// A request of a tenant to its own endpoint.
    pub(crate) async fn ask(&self, tenant: &str, line: &str, body: Value) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let request = Request::builder()
            .method(method)
            .uri(format!("/tenants/{tenant}/scim/v2{path}"))
            .header("host", "scim.test")
            .header("authorization", format!("Bearer token-of-{tenant}"));
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let (head, body) = self.app.clone().call(request).await.unwrap().into_parts();
        let text = body.collect().await.unwrap().to_bytes();
        let body =
            if text.is_empty() { Value::Null } else { serde_json::from_slice(&text).unwrap() };
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// Adds a user and answers its id.
    pub(crate) async fn user(&self, tenant: &str, user_name: &str) -> String {
        let body = json!({"schemas": [USER], "userName": user_name});
        id(&self.ask(tenant, "POST /Users", body).await.expect(201))
    }
}

pub(crate) fn id(resource: &Value) -> String {
    resource["id"].as_str().unwrap().to_owned()
}

pub(crate) fn patch(operation: Value) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]})
}
