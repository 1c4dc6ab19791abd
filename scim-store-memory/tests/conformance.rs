//! The conformance suite on the store itself, shared, boxed, and without indexes.

use std::sync::Arc;

use scim_store_memory::MemoryStore;

mod plain {
    scim_core::conformance!(super::MemoryStore::new);
}

mod without_indexes {
    scim_core::conformance!(|| super::MemoryStore::indexing([""; 0]));
}

mod shared {
    scim_core::conformance!(|| super::Arc::new(super::MemoryStore::new()));
}

mod boxed {
    scim_core::conformance!(|| Box::new(super::MemoryStore::new()));
}
