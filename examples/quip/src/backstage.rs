//! The accounts as the service itself sees and changes them: a server of its own over the same
//! store, without the rules for clients.

use std::{error::Error, sync::Arc};

use axum::http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use scim_core::{Behaviour, Bulk, DangerouslyUnauthenticated, Limits, ScimServer, store::Store};
use serde_json::{Value, json};

use crate::registry::registry;

/// Reaches every account of every company. Nothing but the service's own code gets hold of it.
#[derive(Clone, Debug)]
pub(crate) struct Backstage(ScimServer);

impl Backstage {
    pub(crate) fn over(store: Arc<dyn Store>) -> Result<Self, Box<dyn Error>> {
        let mut behaviour = Behaviour::default();
        behaviour.bulk = Bulk::Atomic;
        let server = ScimServer::builder(store, DangerouslyUnauthenticated::new())
            .registry(registry()?)
            .base_path("/{tenant}")
            .behaviour(behaviour)
            .limits(limits());
        Ok(Self(server.build()?))
    }

    /// The account of this id, whether or not it is enabled.
    pub(crate) async fn user(&self, company: &str, id: &str) -> Option<Value> {
        self.ask(Method::GET, company, &format!("/Users/{}", encoded(id)), None).await.ok()
    }

    /// The accounts that have this address.
    pub(crate) async fn holders(&self, company: &str, address: &str) -> Vec<Value> {
        self.found(company, "Users", &format!("emails eq {}", Value::from(address))).await
    }

    /// The group folders that a user is a member of.
    pub(crate) async fn folders_of(&self, company: &str, id: &str) -> Vec<Value> {
        self.found(company, "GroupFolders", &format!("members eq {}", Value::from(id))).await
    }

    /// Does all of these operations of a Bulk request or none.
    pub(crate) async fn all_of(&self, company: &str, operations: Vec<Value>) -> Result<(), String> {
        let urn = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
        let request = json!({"schemas": [urn], "Operations": operations});
        let answer = self.ask(Method::POST, company, "/Bulk", Some(request)).await?;
        let outcomes = answer.get("Operations").and_then(Value::as_array).into_iter().flatten();
        let failed = outcomes.filter_map(|it| it.pointer("/response/detail")?.as_str()).next();
        failed.map_or(Ok(()), |detail| Err(detail.to_owned()))
    }

    async fn found(&self, company: &str, endpoint: &str, filter: &str) -> Vec<Value> {
        let path = format!("/{endpoint}?filter={}", encoded(filter));
        let page = self.ask(Method::GET, company, &path, None).await.unwrap_or_default();
        page.get("Resources").and_then(Value::as_array).cloned().unwrap_or_default()
    }

    async fn ask(
        &self,
        method: Method,
        company: &str,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, String> {
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let request = Request::builder().method(method).uri(format!("/{}{path}", encoded(company)));
        let request = request.body(body).map_err(|error| error.to_string())?;
        let (head, body) = self.0.handle(request).await.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        match head.status {
            StatusCode::OK => Ok(body),
            status => Err(format!("the answer was {status}")),
        }
    }
}

/// A list without a count has all that there is.
pub(crate) fn limits() -> Limits {
    let mut limits = Limits::default();
    (limits.default_page, limits.max_page) = (1_000_000, 1_000_000);
    limits
}

/// The path of a resource in a Bulk request.
pub(crate) fn path(endpoint: &str, id: &str) -> String {
    format!("/{endpoint}/{}", encoded(id))
}

fn encoded(text: &str) -> impl std::fmt::Display + '_ {
    utf8_percent_encode(text, NON_ALPHANUMERIC)
}
