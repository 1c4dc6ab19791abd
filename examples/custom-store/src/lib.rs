//! A [store](TableStore) over tables that an application already has: accounts and teams under
//! integer keys, rows that are never deleted but marked, and a join table of members. The
//! application goes on to change its rows itself; triggers see to it that versions move all the
//! same.
//!
//! What is worth copying:
//!
//! - Two views of one shape put the rows into SCIM's terms; all reading goes through them.
//! - What clients send and the application has no column for is kept beside it as JSON.
//! - [`Tables::scan`] narrows the candidates by an index, and the engine does the rest of the
//!   filter.

mod row;
mod tables;

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, ErrorCode};
use scim_core::{
    schema::{
        AttributeDefinition, AttributeType, Registry, ResourceType, ResourceTypeDefinition,
        SchemaDefinition, SchemaError,
    },
    store::{
        Capabilities, Database, Documents, Fault, IdSource, StoreError, StoreErrorKind, TableStore,
        Tables,
    },
};

use crate::tables::Rows;

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

/// A store over the tables of a database that the application goes on to use.
pub fn store(database: Arc<Mutex<Connection>>) -> TableStore<Application> {
    TableStore::new(Application(database))
}

/// The application's database.
pub struct Application(Arc<Mutex<Connection>>);

impl Database for Application {
    fn attach(&self, registry: &Registry) -> Result<Capabilities, StoreError> {
        let has_table = |it: &Arc<ResourceType>| matches!(it.name(), "User" | "Group");
        if !registry.resource_types().iter().all(has_table) {
            return Err(StoreErrorKind::Unsupported("there are accounts and teams only").into());
        }
        Ok(Capabilities::new().ids(IdSource::Store).documents(Documents::Derived))
    }

    fn transaction<T>(
        &self,
        work: impl FnOnce(&dyn Tables) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        // A panic elsewhere left no open transaction: it was rolled back when it was dropped.
        let mut database = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction = database.transaction()?;
        let done = work(&Rows(&transaction))?;
        transaction.commit()?;
        Ok(done)
    }

    fn kind_of(&self, fault: &Fault) -> StoreErrorKind {
        let error = fault.downcast_ref::<rusqlite::Error>();
        match error.and_then(rusqlite::Error::sqlite_error_code) {
            Some(ErrorCode::DiskFull) => StoreErrorKind::StorageFull,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                StoreErrorKind::Unavailable
            }
            _ => StoreErrorKind::Internal,
        }
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application").finish_non_exhaustive()
    }
}
