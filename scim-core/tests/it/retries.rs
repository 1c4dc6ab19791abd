//! Writes that lose a race for a document and are tried again.

use std::sync::{Arc, Mutex, atomic::Ordering};

use scim_core::{Actor, Notes, Observer, store::Scope};
use serde_json::json;

use crate::{
    endpoint::{Endpoint, GROUP, USER},
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

#[test]
fn a_change_whose_answer_cannot_be_read_is_no_error() {
    let store = Faulty::new();
    let scim = Endpoint::over(store.clone(), |builder| builder);
    let path = format!("/Groups/{}", scim.group("guides", &[]));
    let rename = |name: &str| json!([{"op": "replace", "path": "displayName", "value": name}]);
    scim.patch(&path, rename("Guides")).expect(200);
    store.0.is_blind.store(true, Ordering::Relaxed);
    scim.patch(&path, rename("Tour Guides")).expect(204);
    assert_eq!(scim.get(&path).json()["displayName"], "Tour Guides");
    scim.put(&path, json!({"schemas": [GROUP], "displayName": "Rangers"})).expect(204);
    assert_eq!(scim.get(&path).json()["displayName"], "Rangers");
}
