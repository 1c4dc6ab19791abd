//! Shared and boxed stores are stores.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Batch, Capabilities, Explanation, Key, Page, Projection, Query, Related, RelatedQuery,
    Resource, Scope, Store, StoreError, Written,
};
use crate::schema::Registry;

macro_rules! forward {
    ($pointer:ident) => {
        #[async_trait]
        #[deny(clippy::missing_trait_methods)]
        impl<S: Store + ?Sized> Store for $pointer<S> {
            fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
                (**self).attach(registry)
            }

            async fn get(
                &self,
                scope: &Scope,
                key: &Key,
                projection: &Projection,
            ) -> Result<Option<Resource>, StoreError> {
                (**self).get(scope, key, projection).await
            }

            async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
                (**self).query(scope, query).await
            }

            async fn explain(
                &self,
                scope: &Scope,
                query: &Query,
            ) -> Result<Explanation, StoreError> {
                (**self).explain(scope, query).await
            }

            async fn related(
                &self,
                scope: &Scope,
                query: &RelatedQuery,
            ) -> Result<Vec<Related>, StoreError> {
                (**self).related(scope, query).await
            }

            async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
                (**self).write(scope, batch).await
            }
        }
    };
}

forward!(Arc);
forward!(Box);
