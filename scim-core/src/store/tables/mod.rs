//! A store over tables that an application already has.
//!
//! An application says how its rows are read and written, in the terms of its own database:
//! [`Tables`]. What every store has to do beside that, [`TableStore`] does once: the answers to
//! queries, claims, preconditions, targets of edges, ids within a batch.

mod answer;
mod write;

use std::{
    error::Error,
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;

use super::{
    Batch, Capabilities, Delta, EdgePath, IdSource, Key, Page, Projection, Query, Related,
    RelatedQuery, RelationView, Resource, Scope, ServedTypes, Store, StoreError, StoreErrorKind,
    Written,
};
use crate::{
    query::Lookup,
    resource::{Document, Meta, Object, ResourceId, Timestamp},
    schema::{Registry, Relation, ResourceType},
};

/// Why a call failed: an error of the database, a [`StoreErrorKind`] or a [`StoreError`].
pub type Fault = Box<dyn Error + Send + Sync>;

/// A database with an application's tables.
///
/// Its calls block: a database behind a network is better served by a [`Store`] of its own.
pub trait Database: Send + Sync + fmt::Debug + 'static {
    /// As [`Store::attach`].
    ///
    /// # Errors
    /// When there are no tables for these resource types.
    fn attach(&self, registry: &Registry) -> Result<Capabilities, StoreError>;

    /// Runs all of one call in one transaction, which is committed if the work succeeds.
    ///
    /// # Errors
    /// What the work or the database fails with.
    fn transaction<T>(
        &self,
        work: impl FnOnce(&dyn Tables) -> Result<T, Fault>,
    ) -> Result<T, Fault>;

    /// What an error of the database means to clients. [`Internal`](StoreErrorKind::Internal)
    /// unless it is known better.
    fn kind_of(&self, _fault: &Fault) -> StoreErrorKind {
        StoreErrorKind::Internal
    }
}

/// The tables within a transaction. Nothing here sees or changes rows of other tenants than that of
/// the scope, of which others may have the same ids.
///
/// # Errors
/// All methods fail with errors of the database; others are named where they apply.
#[expect(clippy::missing_errors_doc, reason = "said once for all methods")]
pub trait Tables {
    /// The row of a resource.
    fn find(&self, scope: &Scope, key: &Key) -> Result<Option<Row>, Fault>;

    /// Rows of a type in the order of their ids, whatever that is.
    fn scan(&self, scope: &Scope, scan: &Scan<'_>) -> Result<Vec<Row>, Fault>;

    /// How many rows of a type there are.
    fn count(&self, scope: &Scope, resource_type: &ResourceType) -> Result<u64, Fault>;

    /// The far ends of a resource's edges, in an order that stays: no more than the view's limit,
    /// after this one.
    fn edges(
        &self,
        scope: &Scope,
        id: &ResourceId,
        view: &RelationView,
        after: Option<&ResourceId>,
    ) -> Result<Vec<EdgeRow>, Fault>;

    /// The id of the new row of a type that has so many new ones before it in the batch. It is
    /// asked for where [`IdSource::Store`] says so, and never given again.
    fn new_id(&self, _resource_type: &ResourceType, _before: i64) -> Result<ResourceId, Fault> {
        Err(StoreErrorKind::Unsupported("the tables have ids of their own").into())
    }

    /// Adds a row; its claims were checked.
    fn insert(
        &self,
        scope: &Scope,
        key: &Key,
        document: &Document,
        now: Timestamp,
    ) -> Result<(), Fault>;

    /// Puts the values of a document where the application keeps them.
    fn update(&self, scope: &Scope, key: &Key, document: &Document) -> Result<(), Fault>;

    /// Takes a row away, with the edges from and to it.
    fn delete(&self, scope: &Scope, key: &Key, now: Timestamp) -> Result<(), Fault>;

    /// Changes edges; `targets` are those that the delta adds and that exist. Says whether any
    /// changed.
    fn relate(
        &self,
        scope: &Scope,
        key: &Key,
        relation: &Relation,
        delta: &Delta,
        targets: &[ResourceId],
    ) -> Result<bool, Fault>;

    /// Called when a new row and its edges are there, so that what triggers moved meanwhile can be
    /// set back: a new resource was changed when it was created (rule S14 of [`Store`]).
    fn inserted(&self, _scope: &Scope, _key: &Key) -> Result<(), Fault> {
        Ok(())
    }
}

/// A row in SCIM's terms.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id.
    pub id: ResourceId,
    /// Its metadata.
    pub meta: Meta,
    /// Its values without `schemas`.
    pub values: Object,
}

/// Which rows are wanted.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Scan<'a> {
    /// Their type.
    pub resource_type: &'a ResourceType,
    /// What they have in common. An index may narrow by it; rows without it do no harm.
    pub lookup: Option<Lookup<'a>>,
    /// After which row.
    pub after: Option<&'a ResourceId>,
    /// How many to pass over then.
    pub offset: u64,
    /// How many at the most.
    pub limit: usize,
}

/// The far end of an edge, as a row.
#[derive(Clone, Debug)]
pub struct EdgeRow {
    /// Id of the resource there.
    pub id: ResourceId,
    /// Name of its type.
    pub resource_type: &'static str,
    /// The text that represents it.
    pub label: Option<Box<str>>,
    /// Whether it is reached over one edge.
    pub path: EdgePath,
}

/// A [`Store`] over an application's tables. Filters are done by the engine, but for what
/// [`Tables::scan`] narrows; so is sorting. A call blocks the thread that polls it while the database
/// answers, so this is for databases in the process.
pub struct TableStore<D> {
    database: D,
    attached: RwLock<Option<Arc<Attached>>>,
}

/// What a store was attached to, and what its tables can do with it.
struct Attached {
    types: ServedTypes,
    ids: IdSource,
}

impl<D: Database> TableStore<D> {
    /// Serves the tables of a database.
    pub fn new(database: D) -> Self {
        Self { database, attached: RwLock::default() }
    }

    fn call<T>(
        &self,
        work: impl FnOnce(&dyn Tables, &Attached) -> Result<T, Fault>,
    ) -> Result<T, StoreError> {
        let attached = self.attached.read().unwrap_or_else(PoisonError::into_inner).clone();
        let none = StoreErrorKind::Unsupported("a store without a registry");
        let attached = attached.ok_or(none)?;
        let done = self.database.transaction(|tables| work(tables, &attached));
        done.map_err(|fault| self.store_error(fault))
    }

    fn store_error(&self, fault: Fault) -> StoreError {
        let fault = match fault.downcast::<StoreError>() {
            Ok(error) => return *error,
            Err(fault) => fault,
        };
        match fault.downcast::<StoreErrorKind>() {
            Ok(kind) => (*kind).into(),
            Err(fault) => StoreError::new(self.database.kind_of(&fault)).caused_by(fault),
        }
    }
}

#[async_trait]
impl<D: Database> Store for TableStore<D> {
    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
        let capabilities = self.database.attach(registry)?;
        let mut attached = self.attached.write().unwrap_or_else(PoisonError::into_inner);
        let before = attached.as_ref().map(|it| it.types.clone()).unwrap_or_default();
        *attached = Some(Arc::new(Attached { types: before.and(registry), ids: capabilities.ids }));
        Ok(capabilities)
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        self.call(|tables, it| answer::get(tables, &it.types, scope, key, projection))
    }

    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
        self.call(|tables, it| answer::page(tables, &it.types, scope, query))
    }

    async fn related(
        &self,
        scope: &Scope,
        query: &RelatedQuery,
    ) -> Result<Vec<Related>, StoreError> {
        self.call(|tables, it| {
            let after = query.after.as_ref();
            let related = |id| answer::related(tables, &it.types, scope, id, (&query.view, after));
            query.ids.iter().map(related).collect()
        })
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        self.call(|tables, it| {
            let fail = |fault, entry| self.store_error(fault).in_entry(entry);
            write::apply(tables, &it.types, scope, batch, it.ids, fail)
        })
    }
}

impl<D: Database> fmt::Debug for TableStore<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TableStore").field(&self.database).finish()
    }
}
