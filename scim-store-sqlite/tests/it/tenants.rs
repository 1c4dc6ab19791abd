//! Tenants in one file.

use std::sync::Arc;

use scim_store_sqlite::SqliteStore;

use crate::isolation::tenants_are_isolated;

#[test]
fn nothing_that_tenants_do_reaches_another() {
    // N-001, N-005 to N-008, Y-015
    tenants_are_isolated(25, || Arc::new(SqliteStore::in_memory().unwrap()));
}
