//! What an audit log can keep of each change.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::HeaderName;
use scim_core::{
    Caller, Committed, Observer, Policy, ScimError, SecretKeeper, schema::Attribute, store::Key,
};
use serde_json::{Value, json};

use crate::endpoint::{ENTERPRISE, Endpoint, USER};

/// Keeps the records as JSON.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<Value>>>);

impl Log {
    fn last(&self) -> Value {
        self.0.lock().unwrap().last().cloned().unwrap()
    }
}

impl Observer for Log {
    fn committed(&self, change: &Committed<'_>) {
        self.0.lock().unwrap().push(serde_json::to_value(change.record()).unwrap());
    }
}

/// Stores passwords as they are, which nobody should.
#[derive(Debug)]
struct Careless;

#[async_trait]
impl SecretKeeper for Careless {
    async fn keep(
        &self,
        _: &Caller<'_>,
        _: &Key,
        _: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        Ok(Some(value))
    }
}

/// Asks for the values of what is deleted.
#[derive(Debug)]
struct Curious;

impl Policy for Curious {
    fn before_image(&self, _: &scim_core::schema::ResourceType) -> scim_core::BeforeImage {
        scim_core::BeforeImage::Needed
    }
}

fn scim(log: &Log) -> Endpoint {
    Endpoint::with(|builder| {
        let header = HeaderName::from_static("x-request-id");
        builder.request_id_header(header).observer(log.clone()).secret_keeper(Careless)
    })
}

/// Takes what differs from run to run out of a record.
fn steady(mut record: Value) -> Value {
    let fields = record.as_object_mut().unwrap();
    for name in ["lastModified", "requestId", "id"] {
        assert!(fields.remove(name).is_some_and(|it| it.as_str().unwrap().len() > 5), "{name}");
    }
    record
}

#[test]
fn each_change_is_recorded_with_what_differs() {
    //
    let log = Log::default();
    let scim = scim(&log);
    let body = json!({
        "schemas": [USER, ENTERPRISE], "userName": "bjensen", "password": "t1meMa$heen",
        "name": {"givenName": "Barbara"}, ENTERPRISE: {"department": "Tours"},
    });
    let id = scim.post("/Users", body).expect(201).id();
    let department = format!("{ENTERPRISE}:department");
    let expected = json!({
        "sequence": 1, "actor": "idp", "tenant": "", "action": "create", "resourceType": "User",
        "versionAfter": "1", "relations": [],
        "attributes": [
            {"attribute": "userName", "after": "bjensen"},
            {"attribute": "name.givenName", "after": "Barbara"},
            {"attribute": "password", "after": "***"},
            {"attribute": department, "after": "Tours"},
        ],
    });
    assert_eq!(steady(log.last()), expected);

    let path = format!("/Users/{id}");
    let change = json!([
        {"op": "replace", "path": "password", "value": "GR@ndMa$heen"},
        {"op": "replace", "path": "name.givenName", "value": "Babs"},
        {"op": "remove", "path": department},
    ]);
    scim.patch(&path, change).expect(200);
    let expected = json!({
        "sequence": 2, "actor": "idp", "tenant": "", "action": "change", "resourceType": "User",
        "versionBefore": "1", "versionAfter": "2", "relations": [],
        "attributes": [
            {"attribute": "name.givenName", "before": "Barbara", "after": "Babs"},
            {"attribute": "password", "before": "***", "after": "***"},
            {"attribute": department, "before": "Tours"},
        ],
    });
    assert_eq!(steady(log.last()), expected);
    assert!(!format!("{log:?}").contains("a$heen"));

    let group = scim.group("Guides", &[]);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
    scim.patch(&format!("/Groups/{group}"), add.clone()).expect(204);
    let record = log.last();
    assert_eq!(record["versionBefore"], "1");
    let members = json!([{"attribute": "members", "action": "add", "values": [id]}]);
    assert_eq!((&record["relations"], &record["attributes"]), (&members, &json!([])));
    scim.patch(&format!("/Groups/{group}"), add).expect(204);
    assert_eq!(log.0.lock().unwrap().len(), 4, "what changes nothing is no change");

    scim.delete(&path).expect(204);
    let record = log.last();
    let versions = (&record["action"], &record["versionBefore"], record.get("versionAfter"));
    assert_eq!(versions, (&json!("delete"), &json!("2"), None));
    assert_eq!(record["attributes"], json!([]));
}

#[test]
fn a_deletion_shows_what_was_lost_where_the_host_asks() {
    let log = Log::default();
    let scim = Endpoint::with(|builder| builder.observer(log.clone()).policy(Curious));
    scim.delete(&format!("/Users/{}", scim.user("bjensen"))).expect(204);
    let lost = json!([{"attribute": "userName", "before": "bjensen"}]);
    assert_eq!(log.last()["attributes"], lost);
}
