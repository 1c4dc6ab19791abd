//! A store on which things go wrong when a test wants them to.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use scim_core::{
    schema::Registry,
    store::{
        Batch, Capabilities, Key, Page, Projection, Query, Related, RelatedQuery, Resource, Scope,
        Store, StoreError, StoreErrorKind, Written,
    },
};
use scim_store_memory::MemoryStore;

#[derive(Debug, Default)]
pub(crate) struct Faulty {
    store: MemoryStore,
    /// How many of the next writes come too late for the document they change.
    pub(crate) lost_races: AtomicUsize,
    /// Whether writes are made and never answered.
    pub(crate) is_silent: AtomicBool,
}

#[async_trait]
impl Store for Faulty {
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
        let left = self.lost_races.load(Ordering::Relaxed);
        if left > 0 {
            self.lost_races.store(left - 1, Ordering::Relaxed);
            return Err(StoreError::at(0, StoreErrorKind::Stale));
        }
        let written = self.store.write(scope, batch).await;
        if self.is_silent.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
        written
    }
}
