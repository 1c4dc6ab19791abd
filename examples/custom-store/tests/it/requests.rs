//! The application's accounts and teams as users and groups.

use std::sync::{Arc, Mutex};

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt;
use rusqlite::Connection;
use scim_core::{
    Actor, BearerTokens, Committed, If, Observer, ScimServer, patch::PatchRequest, store::Tenant,
    typed::User,
};
use scim_example_custom_store::{STAFF, registry, store};
use serde_json::{Value, json};

use crate::application::database;

struct Service {
    scim: ScimServer,
    database: Arc<Mutex<Connection>>,
}

impl Service {
    fn new() -> Self {
        let actor = Actor::new("idp").in_tenant(Tenant::new("acme"));
        let tokens = BearerTokens::builder().token("secret", actor).build().unwrap();
        let database = database();
        let scim =
            ScimServer::builder(store(database.clone()), tokens).registry(registry().unwrap());
        Self { scim: scim.build().unwrap(), database }
    }

    /// What the application does to its rows without us.
    fn application(&self, sql: &str) {
        self.database.lock().unwrap().execute_batch(sql).unwrap();
    }

    /// A number that the application reads from its rows.
    fn number(&self, sql: &str) -> i64 {
        self.database.lock().unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[track_caller]
    fn send(&self, method: Method, path: &str, body: &Value, status: StatusCode) -> Value {
        let request = Request::builder()
            .method(method)
            .uri(format!("https://scim.test/scim/v2{path}"))
            .header("authorization", "Bearer secret")
            .body(body.to_string())
            .unwrap();
        pollster::block_on(async {
            let response = self.scim.handle(request).await;
            let (head, body) = response.into_parts();
            let text = body.collect().await.unwrap().to_bytes();
            assert_eq!(head.status, status, "{}", String::from_utf8_lossy(&text));
            serde_json::from_slice(&text).unwrap_or_default()
        })
    }

    #[track_caller]
    fn get(&self, path: &str) -> Value {
        self.send(Method::GET, path, &Value::Null, StatusCode::OK)
    }

    #[track_caller]
    fn post(&self, path: &str, body: Value) -> Value {
        self.send(Method::POST, path, &body, StatusCode::CREATED)
    }

    #[track_caller]
    fn patch(&self, path: &str, operation: Value, status: StatusCode) -> Value {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        let body = json!({ "schemas": schemas, "Operations": [operation] });
        self.send(Method::PATCH, path, &body, status)
    }

    fn found(&self, filter: &str) -> Vec<String> {
        let filter: String = filter.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let list = self.get(&format!("/Users?filter={filter}"));
        let resources = list["Resources"].as_array().unwrap();
        assert_eq!(list["totalResults"], resources.len());
        resources.iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn an_account_is_created_with_the_id_and_the_defaults_of_the_application() {
    let service = Service::new();
    let user = service.post("/Users", json!({"userName": "Babs", STAFF: {"badge": "701984"}}));
    assert_eq!(user["id"], "u1");
    assert_eq!(user["active"], true, "a default of the application is in the first answer");
    assert_eq!(user[STAFF]["badge"], "701984");
    assert_eq!(user["meta"]["location"], "https://scim.test/scim/v2/Users/u1");
    assert_eq!(user["meta"]["created"], user["meta"]["lastModified"]);
    assert_eq!(service.get("/Users/u1"), user);
    assert_eq!(service.number("SELECT count(*) FROM badges WHERE number = '701984'"), 1);
    let long = json!({"userName": "joe", STAFF: {"badge": "0123456789012"}});
    let refused = service.send(Method::POST, "/Users", &long, StatusCode::BAD_REQUEST);
    assert_eq!(refused["scimType"], "invalidValue");
    assert_eq!(refused["detail"], format!("`{STAFF}:badge`: a badge has at most 12 characters"));
    let again = json!({"userName": "bABS"});
    service.send(Method::POST, "/Users", &again, StatusCode::CONFLICT);
    service.send(Method::GET, "/Users/u01", &Value::Null, StatusCode::NOT_FOUND);
}

#[test]
fn accounts_are_found_by_what_the_database_and_what_the_engine_compares() {
    let service = Service::new();
    service.post("/Users", json!({"userName": "Babs", "externalId": "7", "title": "Guide"}));
    service.post("/Users", json!({"userName": "Ｊoe", "externalId": "8", "title": "Guide"}));
    service.application("INSERT INTO accounts (company, login) VALUES ('globex', 'babs')");
    for (filter, expected) in [
        (r#"userName eq "bABS""#, &["u1"][..]),
        (r#"userName eq "joe""#, &["u2"]),
        (r#"externalId eq "8""#, &["u2"]),
        (r#"id eq "u1" and title eq "guide""#, &["u1"]),
        (r#"userName eq "babs" and title eq "driver""#, &[]),
        (r#"title eq "guide""#, &["u1", "u2"]),
        (r#"not (title co "driver")"#, &["u1", "u2"]),
        (r#"userName eq "babs" or id eq "u3""#, &["u1"]),
    ] {
        assert_eq!(service.found(filter), expected, "{filter}");
    }
}

#[test]
fn changes_land_in_the_columns_of_the_application() {
    let service = Service::new();
    let created = service.post("/Users", json!({"userName": "babs", STAFF: {"badge": "1"}}));
    let replace = |path, value| json!({"op": "replace", "path": path, "value": value});
    let badge = format!("{STAFF}:badge");
    let operations = [replace("active", json!(false)), replace(badge.as_str(), json!("2"))];
    for operation in operations {
        service.patch("/Users/u1", operation, StatusCode::OK);
    }
    assert_eq!(service.number("SELECT locked FROM accounts"), 1);
    assert_eq!(service.number("SELECT CAST(number AS INTEGER) FROM badges"), 2);
    let body = json!({"userName": "barbara", "displayName": "Barbara Jensen", "title": "Guide"});
    let replaced = service.send(Method::PUT, "/Users/u1", &body, StatusCode::OK);
    assert_eq!(replaced["displayName"], "Barbara Jensen");
    assert_eq!(replaced["active"], true);
    assert!(replaced.get(STAFF).is_none());
    assert_ne!(replaced["meta"]["version"], created["meta"]["version"]);
    assert_eq!(service.number("SELECT count(*) FROM badges"), 0);
    let sql = "SELECT count(*) FROM accounts WHERE full_name = 'Barbara Jensen' AND locked = 0";
    assert_eq!(service.number(sql), 1);
}

#[test]
fn members_are_rows_of_the_join_table() {
    let service = Service::new();
    service.post("/Users", json!({"userName": "babs"}));
    service.post("/Users", json!({"userName": "joe"}));
    let team = json!({"displayName": "Guides", "members": [{"value": "u1"}]});
    let team = service.post("/Groups", team);
    assert_eq!((&team["id"], &team["members"][0]["value"]), (&json!("t1"), &json!("u1")));
    let add = |id| json!({"op": "add", "path": "members", "value": [{"value": id}]});
    service.patch("/Groups/t1", add("u2"), StatusCode::NO_CONTENT);
    assert_eq!(service.number("SELECT count(*) FROM team_members WHERE kind = 'u'"), 2);
    assert_eq!(service.get("/Users/u2")["groups"][0]["display"], "Guides");
    let remove = json!({"op": "remove", "path": "members[value eq \"u1\"]"});
    service.patch("/Groups/t1", remove, StatusCode::NO_CONTENT);
    assert_eq!(service.number("SELECT id FROM team_members"), 2);
    service.patch("/Groups/t1", add("u9"), StatusCode::BAD_REQUEST);
}

#[test]
fn a_deleted_account_stays_in_its_table() {
    let service = Service::new();
    service.post("/Users", json!({"userName": "babs"}));
    let team = json!({"displayName": "Guides", "members": [{"value": "u1"}]});
    let before = service.post("/Groups", team);
    service.send(Method::DELETE, "/Users/u1", &Value::Null, StatusCode::NO_CONTENT);
    service.send(Method::GET, "/Users/u1", &Value::Null, StatusCode::NOT_FOUND);
    assert!(service.found(r#"userName eq "babs""#).is_empty());
    assert_eq!(service.number("SELECT count(*) FROM accounts WHERE deleted_at IS NOT NULL"), 1);
    let after = service.get("/Groups/t1");
    assert_eq!(after["members"], json!([]));
    assert_ne!(after["meta"]["version"], before["meta"]["version"]);
    assert_eq!(service.post("/Users", json!({"userName": "babs"}))["id"], "u2");
}

#[test]
fn what_the_application_changes_moves_versions() {
    let service = Service::new();
    service.post("/Users", json!({"userName": "babs"}));
    service.post("/Groups", json!({"displayName": "Guides"}));
    for (path, sql) in [
        ("/Users/u1", "UPDATE accounts SET full_name = 'Barbara'"),
        ("/Users/u1", "INSERT INTO badges VALUES (1, '5')"),
        ("/Users/u1", "UPDATE badges SET number = '6'"),
        ("/Users/u1", "DELETE FROM badges"),
        ("/Groups/t1", "UPDATE teams SET title = 'Drivers'"),
        ("/Groups/t1", "INSERT INTO team_members VALUES (1, 'u', 1)"),
        ("/Groups/t1", "DELETE FROM team_members"),
    ] {
        let before = service.get(path);
        service.application(sql);
        let after = service.get(path);
        assert_ne!(after["meta"]["version"], before["meta"]["version"], "{sql}");
        let time = |it: &Value| it["meta"]["lastModified"].as_str().unwrap().to_owned();
        assert!(time(&after) > time(&before), "{sql}");
    }
    // What the application adds is there as if a client had.
    service.application("INSERT INTO accounts (company, login) VALUES ('acme', 'joe')");
    assert_eq!(service.found(r#"userName eq "joe""#), ["u2"]);
    assert_eq!(service.get("/Users/u2")["schemas"].as_array().unwrap().len(), 1);
}

/// Keeps the versions before and after each change.
#[derive(Clone, Debug, Default)]
struct Versions(Arc<Mutex<Vec<[Option<String>; 2]>>>);

impl Observer for Versions {
    fn committed(&self, change: &Committed<'_>) {
        let record = change.record();
        let versions = [record.version_before, record.version_after];
        self.0.lock().unwrap().push(versions.map(|it| it.map(str::to_owned)));
    }
}

#[test]
fn an_audit_knows_both_versions() {
    let tokens = BearerTokens::builder().token("secret", Actor::new("idp")).build().unwrap();
    let versions = Versions::default();
    let server = ScimServer::builder(store(database()), tokens).registry(registry().unwrap());
    let server = server.observer(versions.clone()).build().unwrap();
    let users = server.as_actor(Actor::new("hr").in_tenant(Tenant::new("acme"))).users();
    pollster::block_on(async {
        let added = users.create(&User::new("babs")).await.unwrap();
        let rename = PatchRequest::new().replace("displayName", "Babs");
        let renamed = users.patch(&added.id, rename, &added).await.unwrap().unwrap();
        users.delete(&added.id, If::Exists).await.unwrap();
        let [first, second] = [added, renamed].map(|it| Some(it.version.to_string()));
        let expected = [[None, first.clone()], [first, second.clone()], [second, None]];
        assert_eq!(*versions.0.lock().unwrap(), expected);
    });
}
