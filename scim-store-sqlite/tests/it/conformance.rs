//! The conformance suite.

mod on_a_file {
    use scim_core::conformance::{Proxied, Proxy};
    use scim_store_sqlite::SqliteStore;
    use tempfile::TempDir;

    /// A store whose file goes with it.
    #[derive(Debug)]
    struct Temporary {
        store: SqliteStore,
        _directory: TempDir,
    }

    impl Temporary {
        fn new() -> Proxied<Self> {
            let directory = tempfile::tempdir().unwrap();
            let store = SqliteStore::open(directory.path().join("scim.db")).unwrap();
            Proxied(Self { store, _directory: directory })
        }
    }

    impl Proxy for Temporary {
        type Store = SqliteStore;

        fn store(&self) -> &SqliteStore {
            &self.store
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
