//! The conformance suite.

mod on_a_file {
    use std::sync::Arc;

    use async_trait::async_trait;
    use scim_core::{
        schema::Registry,
        store::{
            Batch, Capabilities, Key, Page, Projection, Query, Related, RelatedQuery, Resource,
            Scope, Store, StoreError, Written,
        },
    };
    use scim_store_sqlite::SqliteStore;
    use tempfile::TempDir;

    /// A store whose file goes with it.
    #[derive(Debug)]
    struct Temporary {
        store: SqliteStore,
        _directory: TempDir,
    }

    impl Temporary {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(directory.path().join("scim.db")).unwrap();
            Self { store, _directory: directory }
        }
    }

    #[async_trait]
    impl Store for Temporary {
        fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
            self.store.attach(registry)
        }

        async fn get(
            &self,
            scope: &Scope,
            key: &Key,
            projection: &Projection,
        ) -> Result<Option<Resource>, StoreError> {
            self.store.get(scope, key, projection).await
        }

        async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
            self.store.query(scope, query).await
        }

        async fn related(
            &self,
            scope: &Scope,
            query: &RelatedQuery,
        ) -> Result<Vec<Related>, StoreError> {
            self.store.related(scope, query).await
        }

        async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
            self.store.write(scope, batch).await
        }
    }

    scim_core::conformance!(Temporary::new);
}

mod in_memory {
    use scim_store_sqlite::SqliteStore;

    scim_core::conformance!(|| SqliteStore::in_memory().unwrap());
}

mod with_every_index {
    use scim_store_sqlite::SqliteStore;

    fn store() -> SqliteStore {
        let paths = ["title", "active", "name.familyName", "emails.type", "emails.primary"];
        let options = SqliteStore::options();
        paths
            .into_iter()
            .fold(options, |options, path| options.index(path))
            .open_in_memory()
            .unwrap()
    }

    scim_core::conformance!(store);
}
