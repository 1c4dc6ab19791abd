//! Stores that tests put before another one.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{
    schema::Registry,
    store::{
        Batch, Capabilities, Explanation, Key, Page, Projection, Query, Related, RelatedQuery,
        Resource, Scope, Store, StoreError, Written,
    },
};

/// Stands between the engine and a store, and says only where it differs from that: every method
/// passes its call on by default. [`Proxied`] makes a [`Store`] of it.
///
/// ```
/// use scim_core::{
///     async_trait,
///     conformance::{Proxied, Proxy},
///     store::{Batch, Scope, Store, StoreError, StoreErrorKind, Written},
/// };
///
/// #[derive(Debug)]
/// struct Full<S>(S);
///
/// #[async_trait]
/// impl<S: Store> Proxy for Full<S> {
///     type Store = S;
///
///     fn store(&self) -> &S {
///         &self.0
///     }
///
///     async fn write(&self, _: &Scope, _: Batch) -> Result<Vec<Written>, StoreError> {
///         Err(StoreError::new(StoreErrorKind::StorageFull))
///     }
/// }
///
/// fn full(store: impl Store) -> impl Store {
///     Proxied(Full(store))
/// }
/// ```
#[async_trait]
pub trait Proxy: Send + Sync + fmt::Debug {
    /// What calls are passed on to.
    type Store: Store;

    /// The store that calls are passed on to.
    fn store(&self) -> &Self::Store;

    /// In place of [`Store::attach`].
    ///
    /// # Errors
    /// As there.
    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
        self.store().attach(registry)
    }

    /// In place of [`Store::get`].
    ///
    /// # Errors
    /// As there.
    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        self.store().get(scope, key, projection).await
    }

    /// In place of [`Store::query`].
    ///
    /// # Errors
    /// As there.
    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
        self.store().query(scope, query).await
    }

    /// In place of [`Store::explain`]. Whoever leaves more to the engine in
    /// [`query`](Self::query) than the store does has to say so here.
    ///
    /// # Errors
    /// As there.
    async fn explain(&self, scope: &Scope, query: &Query) -> Result<Explanation, StoreError> {
        self.store().explain(scope, query).await
    }

    /// In place of [`Store::related`].
    ///
    /// # Errors
    /// As there.
    async fn related(
        &self,
        scope: &Scope,
        query: &RelatedQuery,
    ) -> Result<Vec<Related>, StoreError> {
        self.store().related(scope, query).await
    }

    /// In place of [`Store::write`].
    ///
    /// # Errors
    /// As there.
    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        self.store().write(scope, batch).await
    }
}

/// A [`Proxy`] as a store.
#[derive(Debug, Default)]
pub struct Proxied<P>(pub P);

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl<P: Proxy> Store for Proxied<P> {
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
        self.0.query(scope, query).await
    }

    async fn explain(&self, scope: &Scope, query: &Query) -> Result<Explanation, StoreError> {
        self.0.explain(scope, query).await
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
