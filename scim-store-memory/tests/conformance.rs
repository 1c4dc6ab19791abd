//! The conformance suite on the store itself, shared, boxed, without indexes, and behind a store
//! that leaves every filter and every order to the engine.

use std::sync::Arc;

use async_trait::async_trait;
use scim_core::{
    conformance::{Proxied, Proxy},
    store::{Explanation, Page, Query, Residual, Scope, Start, Store, StoreError, Total},
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
    scim_core::conformance!(|| super::Proxied(super::Undemanding(super::MemoryStore::new())));
}

/// Answers every filtered or sorted query with candidates in no order.
#[derive(Debug)]
struct Undemanding(MemoryStore);

#[async_trait]
impl Proxy for Undemanding {
    type Store = MemoryStore;

    fn store(&self) -> &MemoryStore {
        &self.0
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

    async fn explain(&self, scope: &Scope, query: &Query) -> Result<Explanation, StoreError> {
        let left = self.query(scope, query).await?.residual;
        Ok(Explanation::of_residual(query, left))
    }
}
