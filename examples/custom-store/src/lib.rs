//! A [`Store`] over tables that an application already has: accounts and teams under integer
//! keys, rows that are never deleted but marked, and a join table of members. The application goes
//! on to change its rows itself; triggers see to it that versions move all the same.
//!
//! What is worth copying:
//!
//! - Two views of one shape put the rows into SCIM's terms; all reading goes through them.
//! - What clients send and the application has no column for is kept beside it as JSON.
//! - [`as_lookup`](scim_core::query::Predicate::as_lookup) narrows the candidates by an index, and
//!   the engine does the rest of the filter.

mod edge;
mod error;
mod find;
mod row;
mod write;

use std::{
    fmt,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use async_trait::async_trait;
use rusqlite::{Connection, Transaction};
use scim_core::{
    ResourceId,
    schema::{
        AttributeDefinition, AttributeType, Registry, ResourceType, ResourceTypeDefinition,
        SchemaDefinition, SchemaError,
    },
    store::{
        Batch, Capabilities, Documents, IdSource, Key, Page, Position, Projection, Query, Related,
        RelatedQuery, RelationView, Resource, Scope, Store, StoreError, StoreErrorKind, Written,
    },
};

use crate::{error::Failure, row::Found};

/// URN of the extension with the attribute of the application's own, the number of a badge.
pub const STAFF: &str = "urn:example:params:scim:schemas:extension:staff:2.0:User";

/// Users with the number of their badge, and groups.
///
/// # Errors
/// None, as the tests show.
pub fn registry() -> Result<Arc<Registry>, SchemaError> {
    let badge = AttributeDefinition::new("badge", AttributeType::String);
    let standard = Registry::builder().standard();
    let user = ResourceTypeDefinition::new("User", "urn:ietf:params:scim:schemas:core:2.0:User");
    standard
        .schema(SchemaDefinition::new(STAFF, [badge]))
        .replace_resource_type(user.extension(STAFF))
        .build()
}

/// The application's tables as a store.
pub struct ApplicationStore {
    database: Arc<Mutex<Connection>>,
    registry: OnceLock<Arc<Registry>>,
}

impl ApplicationStore {
    /// Serves the tables of a database that the application goes on to use.
    pub fn new(database: Arc<Mutex<Connection>>) -> Self {
        Self { database, registry: OnceLock::new() }
    }

    /// Runs all statements of one call in one transaction.
    fn transaction<T, E: From<Failure>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        // A panic elsewhere left no open transaction: it was rolled back when it was dropped.
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = database.transaction().map_err(Failure::from)?;
        let done = work(&transaction)?;
        transaction.commit().map_err(Failure::from)?;
        Ok(done)
    }

    fn edges(
        &self,
        database: &Connection,
        scope: &Scope,
        id: &ResourceId,
        (view, after): (&RelationView, Option<&Position>),
    ) -> Result<Related, Failure> {
        let registry = self.registry.get().ok_or(StoreErrorKind::Internal)?;
        edge::related(database, (scope, registry), id, view, after)
    }

    /// The resource that a row is, with the edges that are asked for.
    fn shown(
        &self,
        database: &Connection,
        scope: &Scope,
        found: Found,
        (resource_type, projection): (&Arc<ResourceType>, &Projection),
    ) -> Result<Resource, StoreError> {
        let mut resource = found.into_resource(resource_type, projection.hidden)?;
        for view in &projection.relations {
            resource.relations.push(self.edges(database, scope, &resource.id, (view, None))?);
        }
        Ok(resource)
    }
}

#[async_trait]
impl Store for ApplicationStore {
    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
        let has_table = |it: &Arc<ResourceType>| matches!(it.name(), "User" | "Group");
        if !registry.resource_types().iter().all(has_table) {
            return Err(StoreErrorKind::Unsupported("there are accounts and teams only").into());
        }
        self.registry.get_or_init(|| registry.clone());
        Ok(Capabilities::new().ids(IdSource::Store).documents(Documents::Derived))
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        self.transaction(|database| {
            let Some(found) = Found::find(database, scope, key)? else { return Ok(None) };
            self.shown(database, scope, found, (&key.resource_type, projection)).map(Some)
        })
    }

    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
        self.transaction(|database| {
            let (found, mut page) = find::page(database, scope, query)?;
            for found in found {
                let asked = (&query.resource_type, &query.projection);
                page.resources.push(self.shown(database, scope, found, asked)?);
            }
            Ok(page)
        })
    }

    async fn related(
        &self,
        scope: &Scope,
        query: &RelatedQuery,
    ) -> Result<Vec<Related>, StoreError> {
        let asked = (&query.view, query.after.as_ref());
        self.transaction(|database| {
            let ids = query.ids.iter();
            ids.map(|id| Ok(self.edges(database, scope, id, asked)?)).collect()
        })
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        self.transaction(|database| write::apply(database, scope, batch))
    }
}

impl fmt::Debug for ApplicationStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationStore").finish_non_exhaustive()
    }
}
