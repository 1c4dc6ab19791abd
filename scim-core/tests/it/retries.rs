//! Writes that lose a race for a document and are tried again.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use scim_core::{
    Actor, Notes, Observer,
    schema::Registry,
    store::{
        Batch, Capabilities, Key, Page, Projection, Query, Related, RelatedQuery, Resource, Scope,
        Store, StoreError, StoreErrorKind, Written,
    },
};
use scim_store_memory::MemoryStore;
use serde_json::json;

use crate::endpoint::{Endpoint, USER};

/// Loses the next races.
#[derive(Debug, Default)]
struct Unlucky {
    store: MemoryStore,
    races: AtomicUsize,
}

#[async_trait]
impl Store for Unlucky {
    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
        self.store.attach(registry)
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        self.store.get(scope, key, projection).await
    }

    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
        self.store.query(scope, query).await
    }

    async fn related(
        &self,
        scope: &Scope,
        query: &RelatedQuery,
    ) -> Result<Vec<Related>, StoreError> {
        self.store.related(scope, query).await
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        let left = self.races.load(Ordering::Relaxed);
        if left > 0 {
            self.races.store(left - 1, Ordering::Relaxed);
            return Err(StoreError::at(0, StoreErrorKind::Stale));
        }
        self.store.write(scope, batch).await
    }
}

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
    let (store, noted) = (Arc::new(Unlucky::default()), Noted::default());
    let scim = Endpoint::over(store.clone(), |builder| builder.observer(noted.clone()));
    let path = format!("/Users/{}", scim.user("bjensen"));
    let expected = ["UnknownAttribute color", "SecretDiscarded password"];

    store.races.store(3, Ordering::Relaxed);
    let body = json!({"schemas": [USER], "userName": "b", "color": 1, "password": "t1meMa$heen"});
    scim.put(&path, body).expect(200);
    assert_eq!(*noted.0.lock().unwrap(), expected);

    store.races.store(3, Ordering::Relaxed);
    let value = json!({"color": 1, "password": "t1meMa$heen", "nickName": "Babs"});
    scim.patch(&path, json!([{"op": "add", "value": value}])).expect(200);
    assert_eq!(*noted.0.lock().unwrap(), expected);
}

#[test]
fn a_race_that_is_always_lost_is_to_be_tried_later() {
    let store = Arc::new(Unlucky::default());
    let scim = Endpoint::over(store.clone(), |builder| builder);
    let path = format!("/Users/{}", scim.user("bjensen"));
    store.races.store(usize::MAX, Ordering::Relaxed);
    let answer = scim.put(&path, json!({"schemas": [USER], "userName": "b"}));
    answer.expect_error(503, "");
    assert_eq!(answer.header("retry-after"), "1");
}
