//! A store that is watched while it answers, and that may leave work to the engine; callers who
//! say themselves who they are.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::request::Parts;
use scim_core::{
    Actor, AuthenticationError, AuthenticationScheme, Authenticator, ScimServer, ScimServerBuilder,
    conformance::{Proxied, Proxy},
    store::{Explanation, Page, Query, Residual, Scope, Start, Store, StoreError, Tenant, Total},
};
use scim_store_memory::MemoryStore;

use crate::endpoint::Endpoint;

/// What a store leaves to the engine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Leaves {
    Nothing,
    Filter,
    FilterAndSort,
}

pub(crate) const ALL: [Leaves; 3] = [Leaves::Nothing, Leaves::Filter, Leaves::FilterAndSort];

/// The memory store, with a record of which types were queried and how many rows that gave.
#[derive(Debug)]
pub(crate) struct Watched {
    inner: MemoryStore,
    leaves: Leaves,
    answered: Mutex<Vec<(String, usize)>>,
}

impl Watched {
    pub(crate) fn new(leaves: Leaves) -> Arc<Proxied<Self>> {
        let inner = MemoryStore::new();
        Arc::new(Proxied(Self { inner, leaves, answered: Mutex::default() }))
    }

    /// What was answered since it was last asked: type and number of rows of each page.
    pub(crate) fn answered(&self) -> Vec<(String, usize)> {
        std::mem::take(&mut self.answered.lock().unwrap())
    }

    /// Number of rows answered since it was last asked.
    pub(crate) fn rows(&self) -> usize {
        self.answered().iter().map(|(_, rows)| rows).sum()
    }
}

#[async_trait]
impl Proxy for Watched {
    type Store = MemoryStore;

    fn store(&self) -> &MemoryStore {
        &self.inner
    }

    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
        let mut asked = query.clone();
        let mut residual = Residual::default();
        if self.leaves != Leaves::Nothing {
            residual.filter = asked.filter.take();
        }
        if self.leaves == Leaves::FilterAndSort {
            residual.sort = std::mem::take(&mut asked.sort);
        }
        if !residual.is_empty() {
            asked.total = Total::Skip;
            if let Start::Index(_) = asked.start {
                asked.start = Start::Index(0);
            }
        }
        let mut page = self.inner.query(scope, &asked).await?;
        page.residual = residual;
        let answered = (query.resource_type.name().to_owned(), page.resources.len());
        self.answered.lock().unwrap().push(answered);
        Ok(page)
    }

    async fn explain(&self, scope: &Scope, query: &Query) -> Result<Explanation, StoreError> {
        let left = self.query(scope, query).await?.residual;
        Ok(Explanation::of_residual(query, left))
    }
}

/// A service provider whose callers say themselves who they are.
pub(crate) fn trusting(
    store: impl Store + 'static,
    change: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder,
) -> Endpoint {
    Endpoint::of(trusting_server(store, change))
}

pub(crate) fn trusting_server(
    store: impl Store + 'static,
    change: impl FnOnce(ScimServerBuilder) -> ScimServerBuilder,
) -> ScimServer {
    change(ScimServer::builder(store, Trusting)).build().unwrap()
}

/// Believes the headers `x-subject`, `x-tenant` and `x-user`, the id of the caller's own user.
#[derive(Debug)]
struct Trusting;

#[async_trait]
impl Authenticator for Trusting {
    async fn authenticate(&self, request: &Parts) -> Result<Actor, AuthenticationError> {
        let header = |name| request.headers.get(name).map(|it| it.to_str().unwrap());
        let mut actor = Actor::new(header("x-subject").unwrap_or("idp"));
        if let Some(tenant) = header("x-tenant") {
            actor = actor.in_tenant(Tenant::new(tenant));
        }
        if let Some(id) = header("x-user") {
            actor = actor.with_resource("User", id);
        }
        Ok(actor)
    }

    fn schemes(&self) -> Vec<AuthenticationScheme> {
        vec![AuthenticationScheme::bearer()]
    }
}
