//! A [`Store`] that keeps everything in memory.
//!
//! It serves tests, demonstrations and small services whose users live elsewhere, and it is the
//! reference for whoever writes a store: each file does one job, and the whole passes the
//! conformance suite of scim-core.
//!
//! ```
//! use std::sync::Arc;
//!
//! use scim_core::{schema::Registry, store::Store};
//! use scim_store_memory::MemoryStore;
//!
//! let store = MemoryStore::new();
//! store.attach(&Registry::standard()).unwrap();
//! let shared: Arc<dyn Store> = Arc::new(store);
//! # drop(shared);
//! ```
//!
//! # How it works
//!
//! - `state`: all that a tenant has is one immutable value made of persistent maps. A reader takes
//!   a reference to the current one and then needs no lock: what it sees is a snapshot.
//! - `write`: a batch changes a copy, which shares everything that it does not touch, and the copy
//!   becomes the current state when the whole batch has succeeded. A failed batch is a copy thrown
//!   away. Writers of one tenant take turns; writers of different tenants do not meet.
//! - `keys`, `packed`, `search`: the ordered set of keys that indexes are made of. It knows the
//!   rank of each entry, keeps what neighbours begin and end with once, and looks for parts of keys
//!   in one pass.
//! - `row`, `numbered`, `table`, `index`: rows are numbered by a counter that never repeats, which
//!   gives the order of insertion; a table holds the rows of one resource type with their unique
//!   values and its indexes.
//! - `edges`, `reach`: relations. A list of edges can be dropped at once, whatever its length.
//! - `plan`, `read`, `place`, `subject`, `work`: a filter is turned into candidates from the indexes,
//!   then `query::eval` has the last word; nothing is ever left to the engine as a residual.

mod edges;
mod index;
mod keys;
mod numbered;
mod packed;
mod place;
mod plan;
mod reach;
mod read;
mod row;
mod search;
mod state;
mod subject;
mod table;
mod tenant;
mod work;
mod write;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use async_trait::async_trait;
use scim_core::{
    schema::Registry,
    store::{
        Batch, Capabilities, Explanation, Key, Page, Projection, Query, Related, RelatedQuery,
        Resource, Scope, Store, StoreError, Tenant, Written,
    },
};

use crate::{state::State, tenant::TenantState};

/// The attributes that are indexed unless the store is told otherwise.
const DEFAULT_INDEXES: [&str; 5] =
    ["userName", "externalId", "displayName", "emails.value", "meta.lastModified"];

/// A [`Store`] in memory; what it holds is gone with it.
///
/// Documents are kept as text, which is parsed where a filter looks into it: a user of 1 KB takes
/// about 2 KB with its indexes, and a filter without an index some microseconds for each user.
/// Rules S1 to S21 hold without exception; queries never leave a residual. `meta.lastModified` follows
/// the order of writes in a tenant, whatever the clock does: whoever asks for what changed since the
/// latest change that was seen misses none.
pub struct MemoryStore {
    indexed: Box<[Box<str>]>,
    tenants: RwLock<HashMap<Tenant, Arc<TenantState>>>,
    /// Held while a registry is attached, which takes the turns of all tenants.
    attaching: Mutex<()>,
}

impl MemoryStore {
    /// An empty store with indexes over `userName`, `externalId`, `displayName`, `emails.value`
    /// and `meta.lastModified`.
    pub fn new() -> Self {
        Self::indexing(DEFAULT_INDEXES)
    }

    /// An empty store with indexes over the attributes with exactly these paths, in every resource
    /// type that has them; `id` and the edges always have theirs.
    ///
    /// A path names a simple attribute or a sub-attribute, an extension's with its URN as
    /// [`Attribute::path`](scim_core::schema::Attribute::path) gives it. Others are not indexed.
    ///
    /// ```
    /// let store = scim_store_memory::MemoryStore::indexing(["userName", "name.familyName"]);
    /// ```
    pub fn indexing<P: Into<Box<str>>>(paths: impl IntoIterator<Item = P>) -> Self {
        let indexed = paths.into_iter().map(Into::into).collect();
        Self { indexed, tenants: RwLock::default(), attaching: Mutex::default() }
    }

    /// The current state of a tenant; of one that never wrote, nothing.
    fn snapshot(&self, scope: &Scope) -> Arc<State> {
        let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(&scope.tenant).map(|tenant| tenant.snapshot()).unwrap_or_default()
    }

    fn tenant(&self, scope: &Scope) -> Arc<TenantState> {
        let mut tenants = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        tenants.entry(scope.tenant.clone()).or_default().clone()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    /// Shows the indexes; the resources are nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("indexed", &self.indexed).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
        let _attaching = self.attaching.lock().unwrap_or_else(PoisonError::into_inner);
        let tenants: Vec<_> = {
            let tenants = self.tenants.read().unwrap_or_else(PoisonError::into_inner);
            tenants.values().cloned().collect()
        };
        // All tenants or none: what fails for one of them leaves the others as they were.
        let turns: Vec<_> = tenants.iter().map(|tenant| tenant.turn()).collect();
        let redefined = turns.iter().map(|turn| turn.state().redefined(registry, &self.indexed));
        let redefined: Vec<_> = redefined.collect::<Result<_, _>>()?;
        turns.into_iter().zip(redefined).for_each(|(turn, state)| turn.exchange(state));
        Ok(Capabilities::new())
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        Ok(read::get(&self.snapshot(scope), key, projection))
    }

    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
        read::query(&self.snapshot(scope), query)
    }

    async fn explain(&self, scope: &Scope, query: &Query) -> Result<Explanation, StoreError> {
        Ok(read::explain(&self.snapshot(scope), query, &self.indexed))
    }

    async fn related(
        &self,
        scope: &Scope,
        query: &RelatedQuery,
    ) -> Result<Vec<Related>, StoreError> {
        Ok(read::related(&self.snapshot(scope), query))
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        self.tenant(scope).update(|state| write::apply(state, batch, &self.indexed))
    }
}
