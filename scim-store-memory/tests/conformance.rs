//! The conformance suite on the store itself, shared, boxed, without indexes, and behind a store
//! that leaves every filter and every order to the engine.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    schema::Registry,
    store::{
        Batch, Capabilities, Key, Page, Projection, Query, Related, RelatedQuery, Residual,
        Resource, Scope, Start, Store, StoreError, Total, Written,
    },
};
use scim_store_memory::MemoryStore;

mod plain {
    scim_core::conformance!(super::MemoryStore::new);
}

mod without_indexes {
    scim_core::conformance!(|| super::MemoryStore::indexing([""; 0]));
}

mod shared {
    scim_core::conformance!(|| super::Arc::new(super::MemoryStore::new()));
}

mod boxed {
    scim_core::conformance!(|| Box::new(super::MemoryStore::new()));
}

mod behind_residuals {
    scim_core::conformance!(|| super::Undemanding(super::MemoryStore::new()));
}

/// Answers every filtered or sorted query with candidates in no order.
#[derive(Debug)]
struct Undemanding(MemoryStore);

#[async_trait]
impl Store for Undemanding {
    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
        self.0.attach(registry)
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        self.0.get(scope, key, projection).await
    }

    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
        let mut simple = query.clone();
        let residual = Residual { filter: simple.filter.take(), sort: simple.sort.split_off(0) };
        if !residual.is_empty() {
            simple.total = Total::Skip;
            if let Start::Index(_) = simple.start {
                simple.start = Start::Index(0);
            }
        }
        let mut page = self.0.query(scope, &simple).await?;
        page.residual = residual;
        Ok(page)
    }

    async fn related(
        &self,
        scope: &Scope,
        query: &RelatedQuery,
    ) -> Result<Vec<Related>, StoreError> {
        self.0.related(scope, query).await
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        self.0.write(scope, batch).await
    }
}
