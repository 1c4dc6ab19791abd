//! Writes that lose a race for a document and are tried again.

use std::sync::{Arc, Mutex, atomic::Ordering};

use http::Method;
use scim_core::{Actor, Notes, Observer, store::Scope};
use serde_json::json;

use crate::{
    endpoint::{Answer, BASE, Endpoint, GROUP, USER},
    faulty::Faulty,
};

/// Remembers the notes of the last request.
#[derive(Clone, Debug, Default)]
struct Noted(Arc<Mutex<Vec<String>>>);

impl Observer for Noted {
    fn noted(&self, _: &Actor, _: &Scope, notes: &Notes) {
        let notes = notes.iter().map(|note| format!("{:?} {}", note.rule, note.path));
        *self.0.lock().unwrap() = notes.collect();
    }
}

#[test]
fn each_thing_is_noted_once_however_often_a_write_is_tried() {
    let (store, noted) = (Faulty::new(), Noted::default());
    let scim = Endpoint::over(store.clone(), |builder| builder.observer(noted.clone()));
    let path = format!("/Users/{}", scim.user("bjensen"));
    let expected = ["UnknownAttribute color", "SecretDiscarded password"];

    store.0.lost_races.store(3, Ordering::Relaxed);
    let body = json!({"schemas": [USER], "userName": "b", "color": 1, "password": "t1meMa$heen"});
    scim.put(&path, body).expect(200);
    assert_eq!(*noted.0.lock().unwrap(), expected);

    store.0.lost_races.store(3, Ordering::Relaxed);
    let value = json!({"color": 1, "password": "t1meMa$heen", "nickName": "Babs"});
    scim.patch(&path, json!([{"op": "add", "value": value}])).expect(200);
    assert_eq!(*noted.0.lock().unwrap(), expected);
}

#[test]
fn a_race_that_is_always_lost_is_to_be_tried_later() {
    let store = Faulty::new();
    let scim = Endpoint::over(store.clone(), |builder| builder);
    let path = format!("/Users/{}", scim.user("bjensen"));
    store.0.lost_races.store(usize::MAX, Ordering::Relaxed);
    let answer = scim.put(&path, json!({"schemas": [USER], "userName": "b"}));
    answer.expect_error(503, "");
    assert_eq!(answer.header("retry-after"), "1");
}

#[test]
fn what_was_written_is_no_failure_though_it_cannot_be_read_back() {
    // C-004
    let store = Faulty::new();
    let scim = Endpoint::over(store.clone(), |builder| builder);
    let id = scim.user("bjensen");
    let (user, group) = (format!("/Users/{id}"), format!("/Groups/{}", scim.group("Guides", &[])));
    let members = json!({
        "schemas": [GROUP], "displayName": "Sales", "members": [{"value": id}],
    });
    let put = json!({"schemas": [USER], "userName": "b"});
    let rename = json!([{"op": "replace", "path": "displayName", "value": "Marketing"}]);
    let after = |write: &dyn Fn() -> Answer| {
        let answer = write();
        store.0.is_broken.store(false, Ordering::Relaxed);
        assert_eq!(answer.text, "");
        answer
    };
    store.0.breaks_after_write.store(true, Ordering::Relaxed);
    for answer in [
        after(&|| scim.put(&user, put.clone()).expect(204)),
        after(&|| scim.patch(&group, rename.clone()).expect(204)),
    ] {
        assert!(answer.header("etag").starts_with("W/"));
    }
    let created = after(&|| scim.post("/Groups", members.clone()).expect(201));
    store.0.breaks_after_write.store(false, Ordering::Relaxed);
    let found = scim.get(created.header("location").strip_prefix(BASE).unwrap()).expect(200);
    assert_eq!(found.header("etag"), created.header("etag"));
    assert_eq!(found.json()["displayName"], "Sales");
    assert_eq!(scim.get(&group).json()["displayName"], "Marketing");

    store.0.is_deleted.store(true, Ordering::Relaxed);
    let deleted = scim.post("/Groups", members).expect(201);
    assert_eq!(deleted.text, "");
    scim.get(deleted.header("location").strip_prefix(BASE).unwrap()).expect_error(404, "");
    scim.put(&user, put).expect(204);
}

#[test]
fn a_stale_condition_is_told_before_what_is_wrong_with_the_content() {
    // V-008, RFC 9110 §13.2.1
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("bjensen"));
    let content = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "remove", "path": "userName"}],
    });
    let patch = |tag: &str| {
        scim.request(Method::PATCH, &path, &[("if-match", tag)], &content).status.as_u16()
    };
    assert_eq!((patch("W/\"9\""), patch("*")), (412, 400));
    assert_eq!(patch(scim.get(&path).header("etag")), 400);
}

#[test]
fn a_write_may_ask_for_nothing_to_be_there() {
    // RFC 9110 §13.1.2
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("bjensen"));
    let body = json!({"schemas": [USER], "userName": "b"});
    let send = |method, path: &str, tag: &str| {
        let headers = [("if-none-match", tag)];
        scim.request(method, path, &headers, &body).status.as_u16()
    };
    assert_eq!(send(Method::PUT, &path, "*"), 412);
    assert_eq!(send(Method::DELETE, &path, "*"), 412);
    assert_eq!(send(Method::PUT, "/Users/nobody", "*"), 404);
    assert_eq!(send(Method::POST, "/Users", "*"), 201);
    // Only a read looks at tags.
    assert_eq!(send(Method::PUT, &path, "mal\"formed"), 409);
    assert_eq!(send(Method::GET, "/Users", "mal\"formed"), 200);
    assert_eq!(send(Method::GET, &path, "mal\"formed"), 400);
    assert_eq!(send(Method::DELETE, &path, "mal\"formed"), 204);
}

#[test]
fn an_answer_shows_what_was_written_and_not_what_came_after() {
    // V-005
    let store = Faulty::new();
    let scim = Endpoint::over(store.clone(), |builder| builder);
    let (path, body) = (
        format!("/Users/{}", scim.user("bjensen")),
        |name: &str| json!({"schemas": [USER], "userName": name, "nickName": "Babs"}),
    );
    store.0.is_overtaken.store(true, Ordering::Relaxed);
    let nick_name = json!([{"op": "add", "path": "nickName", "value": "Babs"}]);
    let answers = [
        scim.patch(&path, nick_name).expect(200),
        scim.put(&path, body("bjensen")).expect(200),
        scim.post("/Users", body("other")).expect(201),
    ];
    for answer in answers {
        let shown = answer.json();
        assert_eq!((&shown["nickName"], shown.get("title")), (&json!("Babs"), None));
        assert_eq!(shown["meta"]["version"], answer.header("etag"));
        let path = format!("/Users/{}", shown["id"].as_str().unwrap());
        let now = scim.get(&path).expect(200);
        assert_ne!(now.header("etag"), answer.header("etag"));
    }
    assert_eq!(scim.get(&path).json()["title"], "of another");
}
