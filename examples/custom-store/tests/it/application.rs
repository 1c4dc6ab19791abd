//! The application: its database, and what it does to its rows without us.

use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use scim_core::store::TableStore;
use scim_example_custom_store::Application;

/// An empty database with the application's tables and what it added for SCIM.
pub(crate) fn database() -> Arc<Mutex<Connection>> {
    let database = Connection::open_in_memory().unwrap();
    database.execute_batch(include_str!("../../src/application.sql")).unwrap();
    database.execute_batch(include_str!("../../src/scim.sql")).unwrap();
    Arc::new(Mutex::new(database))
}

pub(crate) fn store() -> TableStore<Application> {
    scim_example_custom_store::store(database())
}
