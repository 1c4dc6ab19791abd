//! SCIM 1.1 beside SCIM 2.0. `docs/scim11.md` numbers its rules and names the test of each.

mod bulk;
mod crossing;
mod discovery;
mod documented;
mod filters;
mod hosts;
mod lists;
mod patch;
mod resources;
mod routing;
mod writes;

use http::{Method, Request};
use scim_core::{ScimServerBuilder, scim11::Scim11};
use serde_json::{Value, json};

use crate::endpoint::{Answer, Endpoint};

const CORE: &str = "urn:scim:schemas:core:1.0";
const ENTERPRISE: &str = "urn:scim:schemas:extension:enterprise:1.0";
const BASE: &str = "http://scim.test/scim/v1";

/// A service provider of both versions, asked in 1.1; `two` asks in 2.0.
struct One {
    two: Endpoint,
}

impl One {
    fn new() -> Self {
        Self::at(|it| it)
    }

    fn at(change: impl FnOnce(Scim11) -> Scim11) -> Self {
        Self::with(change, |builder| builder)
    }

    fn with(
        change: impl FnOnce(Scim11) -> Scim11,
        build: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder,
    ) -> Self {
        let scim11 = change(Scim11::at("/scim/v1"));
        Self { two: Endpoint::with(|builder| build(builder.scim11(scim11))) }
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl ToString,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/scim/v1{path}"))
            .header("host", "scim.test")
            .header("authorization", "Bearer secret");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.two.send(request.body(body.to_string()).unwrap())
    }

    fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, &[], "")
    }

    fn filter(&self, path: &str, filter: &str) -> Answer {
        let encoded: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        self.get(&format!("{path}?filter={encoded}"))
    }

    fn post(&self, path: &str, body: Value) -> Answer {
        self.request(Method::POST, path, &[], body)
    }

    fn put(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PUT, path, &[], body)
    }

    fn patch(&self, path: &str, body: Value) -> Answer {
        self.request(Method::PATCH, path, &[], body)
    }

    fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path, &[], "")
    }

    /// Adds a user of this name with further values and answers its id.
    fn user(&self, user_name: &str, mut further: Value) -> String {
        further["userName"] = user_name.into();
        self.post("/Users", further).expect(201).id()
    }

    fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<_> = members.iter().map(|id| json!({ "value": id })).collect();
        self.post("/Groups", json!({"displayName": name, "members": members})).expect(201).id()
    }
}

/// Checks status and shape of an error, and answers its description.
#[track_caller]
fn expect_error(answer: &Answer, status: u16) -> String {
    let body = answer.json();
    assert_eq!(answer.status, status, "{body}");
    assert_eq!(answer.header("content-type"), "application/json");
    let members: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["Errors"], "{body}");
    assert_eq!(body["Errors"][0]["code"], status.to_string());
    body["Errors"][0]["description"].as_str().unwrap().to_owned()
}

/// The body of a user as far as a client can have written it.
fn written(mut body: Value) -> Value {
    let members = body.as_object_mut().unwrap();
    members.retain(|name, _| !["id", "meta", "schemas", "groups"].contains(&name.as_str()));
    body
}
