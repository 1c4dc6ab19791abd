//! Requests have ids, by which logs and records are put together.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{HeaderName, Method, request::Parts};
use scim_core::{Caller, Committed, Observer, Policy, RequestId, ScimError};
use serde_json::json;

use crate::endpoint::{Endpoint, user};

const HEADER: &str = "x-request-id";

/// Writes down what each hook knows of the request.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Vec<String>>>);

impl Seen {
    fn note(&self, place: &str, id: Option<&RequestId>) {
        let id = id.map_or("none", RequestId::as_str);
        self.0.lock().unwrap().push(format!("{place} {id}"));
    }
}

#[async_trait]
impl Policy for Seen {
    async fn admit(&self, caller: &Caller<'_>, request: &Parts) -> Result<(), ScimError> {
        assert_eq!(caller.request_id, request.extensions.get());
        self.note("admitted", caller.request_id);
        Ok(())
    }
}

impl Observer for Seen {
    fn committed(&self, change: &Committed<'_>) {
        self.note("committed", change.request_id);
    }
}

fn scim(seen: &Seen) -> Endpoint {
    Endpoint::with(|it| {
        let named = it.request_id_header(HeaderName::from_static(HEADER));
        named.policy(seen.clone()).observer(seen.clone())
    })
}

#[test]
fn an_id_is_echoed_and_known_to_hooks() {
    let seen = Seen::default();
    let scim = scim(&seen);
    let body = user("bjensen", json!({}));
    let created = scim.request(Method::POST, "/Users", &[(HEADER, "7f/3a")], body).expect(201);
    assert_eq!(created.header(HEADER), "7f/3a");
    assert_eq!(*seen.0.lock().unwrap(), ["admitted 7f/3a", "committed 7f/3a"]);
}

#[test]
fn every_answer_has_one() {
    let scim = scim(&Seen::default());
    let given = &[(HEADER, "x")][..];
    let stranger = &[(HEADER, "x"), ("authorization", "Bearer guessed")][..];
    for (path, headers, status) in
        [("/Users", given, 200), ("/Nothing", given, 404), ("/Users", stranger, 401)]
    {
        let answer = scim.request(Method::GET, path, headers, "");
        assert_eq!((answer.status.as_u16(), answer.header(HEADER)), (status, "x"), "{path}");
    }
}

#[test]
fn ids_that_are_missing_or_unfit_for_logs_are_made() {
    let scim = scim(&Seen::default());
    let long = "x".repeat(129);
    for unfit in ["", "two words", "a\"b", "a\\b", "it's", "\u{fc}", &long] {
        let id =
            scim.request(Method::GET, "/Users", &[(HEADER, unfit)], "").header(HEADER).to_owned();
        assert_eq!(id.len(), 36, "{unfit}: {id}");
    }
    let (one, other) = (scim.get("/Users"), scim.get("/Users"));
    assert_ne!(one.header(HEADER), other.header(HEADER));
    let longest = "x".repeat(128);
    let answer = scim.request(Method::GET, "/Users", &[(HEADER, &longest)], "");
    assert_eq!(answer.header(HEADER), longest);
}

#[test]
fn all_operations_of_a_bulk_request_have_the_same() {
    let seen = Seen::default();
    let operation = |name: &str| json!({"method": "POST", "path": "/Users", "bulkId": name, "data": user(name, json!({}))});
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "Operations": [operation("a"), operation("b")],
    });
    scim(&seen).request(Method::POST, "/Bulk", &[(HEADER, "x")], body).expect(200);
    let seen = seen.0.lock().unwrap();
    let committed = seen.iter().filter(|it| *it == "committed x");
    assert_eq!(committed.count(), 2, "{seen:?}");
}

#[test]
fn without_a_header_there_are_none() {
    let seen = Seen::default();
    let scim = Endpoint::with(|it| it.policy(seen.clone()));
    let answer = scim.request(Method::GET, "/Users", &[(HEADER, "x")], "").expect(200);
    assert!(!answer.headers.contains_key(HEADER));
    assert_eq!(*seen.0.lock().unwrap(), ["admitted none"]);
}
