//! S12, S13, S19: what clients are answered at once could have been answered one after the other.

use scim_core::store::Store;
use scim_reliability::{Broken, Endpoint, Promise, history, race};
use scim_store_memory::MemoryStore;
use scim_store_sqlite::SqliteStore;

use crate::{Tested, seed};

const ROUNDS: usize = 15;

fn holds(store: impl Store + 'static) -> Tested {
    let endpoint = Endpoint::new(store)?;
    let checked = history::check(&endpoint, ROUNDS, seed()?)?;
    assert_eq!(checked.histories, 4 * ROUNDS);
    race(&endpoint, 10)
}

#[test]
fn histories_over_memory_have_an_order() -> Tested {
    holds(MemoryStore::new())
}

#[test]
fn histories_over_sqlite_have_an_order() -> Tested {
    let directory = tempfile::tempdir()?;
    holds(SqliteStore::open(directory.path().join("scim.db"))?)
}

#[test]
fn histories_over_sqlite_in_memory_have_an_order() -> Tested {
    holds(SqliteStore::in_memory()?)
}

/// The checks see what they are there for: a store that breaks one of its promises.
#[test]
fn broken_promises_are_noticed() -> Tested {
    for promise in Promise::ALL {
        let endpoint = Endpoint::new(Broken::new(MemoryStore::new(), promise))?;
        let noticed = history::check(&endpoint, 400, seed()?);
        assert!(noticed.is_err(), "{promise:?}: {noticed:?}");
    }
    Ok(())
}

#[test]
fn races_notice_broken_promises() -> Tested {
    for promise in [Promise::Preconditions, Promise::Claims, Promise::Edges] {
        let endpoint = Endpoint::new(Broken::new(MemoryStore::new(), promise))?;
        assert!(race(&endpoint, 400).is_err(), "{promise:?}");
    }
    Ok(())
}
