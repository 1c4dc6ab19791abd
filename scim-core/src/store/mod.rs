//! The contract between the engine and whatever keeps the resources.
//!
//! A [`Store`] has five methods, and one more for those that can tell how they work. The engine
//! gives it documents, edges and resolved filters and never a PATCH path, an operation name or a
//! client's quirk: every PUT, PATCH and Bulk request arrives as a [`Batch`] of [`Insert`],
//! [`Change`] and [`Delete`]. [`TableStore`] is a store over tables that an application has already.
//!
//! The rules S1 to S21 in the documentation of [`Store`] are what the engine relies on. The
//! `conformance` feature of this crate turns them into tests that run on any store.

mod batch;
mod capabilities;
mod error;
mod explanation;
mod forward;
mod precondition;
mod query;
mod relation_change;
mod served;
mod tables;

use std::{fmt, sync::Arc};

use async_trait::async_trait;

pub use batch::{Batch, Change, Claim, Delete, DocumentChange, Effect, Insert, Write, Written};
pub use capabilities::{Capabilities, Documents, IdSource};
pub use error::{StoreError, StoreErrorKind};
pub use explanation::Explanation;
pub use precondition::Precondition;
pub use query::{
    Edge, EdgePath, Hidden, Page, Position, Projection, Query, Related, RelatedQuery, RelationView,
    Residual, Resource, Start, Total,
};
pub use relation_change::{Delta, RelationChange, Target, UnknownTargets};
pub use served::ServedTypes;
pub use tables::{Database, EdgeRow, Fault, Row, Scan, TableStore, Tables};

use crate::{
    resource::ResourceId,
    schema::{Registry, ResourceType},
};

/// Keeps the resources of all tenants.
///
/// Implementations own their concurrency; the engine calls from any number of tasks and threads
/// and holds no lock. Methods must not depend on a particular async runtime unless the store says
/// so.
///
/// # Rules
///
/// Tenants
/// - **S1** Everything is keyed by the tenant of the [`Scope`], as a value of its own. No method
///   called with one tenant reads, counts, changes or conflicts with anything of another.
///
/// Reading
/// - **S2** `get` answers the resource under exactly this type and id, or `None`. Ids compare
///   case-exactly.
/// - **S3** Document, metadata and projected relations of one answer come from one snapshot.
/// - **S4** The hidden part of a document is loaded when the projection asks for it.
/// - **S5** `query` answers only matches of the filter, or candidates together with the part of
///   the filter it did not check as the residual. It never drops a term.
/// - **S6** Without a residual, the page starts where the query says, holds at most `limit`
///   resources in the order asked for (ties and unsorted queries in a stable order), and the
///   total counts all matches when wanted.
/// - **S7** With a residual, offset and total are left to the engine: candidates come in
///   order from the start or the position given, and `next` leads on until they are exhausted.
/// - **S8** Walking `next` meets every resource that does not change meanwhile exactly once.
/// - **S9** Filters mean what `query::eval` says.
/// - **S21** A query that takes more comparisons than its `budget` ends in `OverBudget`, soon after
///   the last one that it may make; an index may do with fewer, but none takes much more than going
///   through all resources once would. The page, the total and what is read to be kept for later
///   queries may count apart, each with the whole budget; what the engine does about a residual
///   counts there.
///
/// Writing
/// - **S10** A batch is applied whole or not at all, in the order of its entries, and only
///   acknowledged once it is as durable as the store ever makes it.
/// - **S11** A failing entry fails the batch with its index. Entries are checked in order.
/// - **S12** A [`Precondition`] is decided in the same step as the write. A missing resource is
///   `NotFound` whatever the precondition.
/// - **S13** A claimed value that another resource of the type holds is a `Conflict` naming
///   attribute and holder; claims that an earlier entry of the batch released are free.
/// - **S14** Version, and with a document change the revision, change if and only if the write
///   had an effect; `last_modified` then moves forward. An effective insert has
///   `created == last_modified`.
/// - **S15** A deleted resource is gone from every answer and holds no claims, and its id is
///   never given to another resource.
///
/// Relations
/// - **S16** Edges form a set: adding a present edge or removing an absent one has no effect.
/// - **S17** Every target exists in the tenant under a type that the relation accepts at the end
///   of the batch; otherwise `UnknownTarget`, or the edge is skipped and reported where the change
///   says so.
/// - **S18** Deltas apply in order, at a cost that depends on their size and not on the number
///   of edges present.
/// - **S19** Concurrent changes of one relation lose no edge.
/// - **S20** Deleting a resource removes the edges from and to it; the sources that pointed at it
///   get a new version and `last_modified`.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// Meets the resource types that will be stored, before any other call, and says what the
    /// store can do with them.
    ///
    /// Called once by each server that is built over the store; a store that keeps derived data,
    /// such as indexes over attributes, brings it up to date here and may block while it does.
    /// Servers that were built earlier go on: types that only they have are served as before
    /// ([`ServedTypes`]), and of a type that both have, the last definition counts.
    ///
    /// # Errors
    /// When the store cannot serve these resource types.
    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError>;

    /// Reads one resource.
    ///
    /// # Errors
    /// When the store cannot answer; a missing resource is `Ok(None)`.
    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError>;

    /// Reads the resources of one type that match a filter.
    ///
    /// # Errors
    /// When the store cannot answer.
    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError>;

    /// Says how the store would answer a query, without answering it: its filter matters, page and
    /// projection do not.
    ///
    /// The residual is the one that `query` leaves. A store that knows more than that says so
    /// itself; by default all that it does not leave is taken for checked.
    ///
    /// # Errors
    /// When the store cannot answer.
    async fn explain(&self, scope: &Scope, query: &Query) -> Result<Explanation, StoreError> {
        let nothing = Query { filter: query.filter.clone(), ..Query::new(&query.resource_type, 0) };
        let page = self.query(scope, &nothing).await?;
        Ok(Explanation::of_residual(&nothing, page.residual))
    }

    /// Reads the edges of several resources of one type; the answer has one entry for each source
    /// of the query, in order, empty where the source does not exist.
    ///
    /// # Errors
    /// When the store cannot answer.
    async fn related(
        &self,
        scope: &Scope,
        query: &RelatedQuery,
    ) -> Result<Vec<Related>, StoreError>;

    /// Applies a batch whole or not at all and answers with one entry for each of its own.
    ///
    /// # Errors
    /// The kind says what became of the batch: nothing of it was applied, whatever the kind.
    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError>;
}

/// On whose behalf a store is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scope {
    /// The tenant whose resources are meant.
    pub tenant: Tenant,
}

impl Scope {
    /// The scope of one tenant.
    pub fn new(tenant: Tenant) -> Self {
        Self { tenant }
    }
}

/// The name of a tenant; the empty name is that of a server without tenants.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tenant(Arc<str>);

impl Tenant {
    /// Takes the text as a tenant's name.
    pub fn new(name: impl Into<Arc<str>>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Which resource is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its type.
    pub resource_type: Arc<ResourceType>,
    /// Its id.
    pub id: ResourceId,
}

impl Key {
    /// The key of a resource.
    pub fn new(resource_type: &Arc<ResourceType>, id: impl Into<ResourceId>) -> Self {
        Self { resource_type: resource_type.clone(), id: id.into() }
    }
}
