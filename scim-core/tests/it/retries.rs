//! Writes that lose a race for a document and are tried again.

use std::sync::{Arc, Mutex, atomic::Ordering};

use scim_core::{Actor, Notes, Observer, store::Scope};
use serde_json::json;

use crate::{
    endpoint::{Endpoint, USER},
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
    let (store, noted) = (Arc::new(Faulty::default()), Noted::default());
    let scim = Endpoint::over(store.clone(), |builder| builder.observer(noted.clone()));
    let path = format!("/Users/{}", scim.user("bjensen"));
    let expected = ["UnknownAttribute color", "SecretDiscarded password"];

    store.lost_races.store(3, Ordering::Relaxed);
    let body = json!({"schemas": [USER], "userName": "b", "color": 1, "password": "t1meMa$heen"});
    scim.put(&path, body).expect(200);
    assert_eq!(*noted.0.lock().unwrap(), expected);

    store.lost_races.store(3, Ordering::Relaxed);
    let value = json!({"color": 1, "password": "t1meMa$heen", "nickName": "Babs"});
    scim.patch(&path, json!([{"op": "add", "value": value}])).expect(200);
    assert_eq!(*noted.0.lock().unwrap(), expected);
}

#[test]
fn a_race_that_is_always_lost_is_to_be_tried_later() {
    let store = Arc::new(Faulty::default());
    let scim = Endpoint::over(store.clone(), |builder| builder);
    let path = format!("/Users/{}", scim.user("bjensen"));
    store.lost_races.store(usize::MAX, Ordering::Relaxed);
    let answer = scim.put(&path, json!({"schemas": [USER], "userName": "b"}));
    answer.expect_error(503, "");
    assert_eq!(answer.header("retry-after"), "1");
}
