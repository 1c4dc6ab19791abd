//! A registry or index that is another than the last time.

use pollster::block_on;
use rusqlite::Connection;
use scim_core::{
    query::{Comparison, Operator, Predicate, prepare},
    schema::{Registry, Returned, builtin},
    store::{Claim, Key, Query, Scope, Store, StoreErrorKind},
};
use scim_store_sqlite::{SqliteOptions, SqliteStore};
use serde_json::json;

use crate::fixture::Fixture;

fn found(fixture: &Fixture, path: &str, value: &str) -> usize {
    let users = fixture.users();
    let attribute = users.attribute_at(path).unwrap().clone();
    let operand = prepare(&attribute, &json!(value)).unwrap();
    let mut query = Query::new(users, 10);
    query.filter =
        Some(Predicate::Compare(Comparison { attribute, operator: Operator::Equal, operand }));
    block_on(fixture.store.query(&Scope::default(), &query)).unwrap().resources.len()
}

#[test]
fn a_new_index_finds_old_rows() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let values = json!({"userName": "u", "name": {"familyName": "Jensen"}});
    fixture.insert(fixture.user(&values)).unwrap();
    drop(fixture);
    let options = SqliteStore::options().index("name.familyName");
    let fixture = Fixture::new(options.open(&path).unwrap());
    assert_eq!(found(&fixture, "name.familyName", "jensen"), 1);
    assert_eq!(found(&fixture, "userName", "U"), 1);
    assert!(fixture.insert(fixture.user(&json!({"userName": "U"}))).is_err(), "claims are rebuilt");
    drop(fixture);
    let keys = |path| -> i64 {
        let sql = Connection::open(path).unwrap();
        sql.query_row("SELECT count(*) FROM value WHERE key = x'6a656e73656e'", [], |it| it.get(0))
            .unwrap()
    };
    assert_eq!(keys(&path), 1);
    // Without the index its entries go.
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    assert_eq!(found(&fixture, "name.familyName", "jensen"), 1);
    drop(fixture);
    assert_eq!(keys(&path), 0);
}

#[test]
fn a_rebuild_keeps_claims_that_no_schema_asks_for() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let open = |options: SqliteOptions| Fixture::new(options.open(&path).unwrap());
    let named = |fixture: &Fixture, name: &str| {
        let groups = fixture.groups();
        let mut group = fixture.group(name, &[]);
        let attribute = groups.attribute_at("displayName").unwrap().clone();
        let value = prepare(&attribute, &json!(name)).unwrap();
        group.claims.push(Claim { attribute, value });
        fixture.insert(group)
    };
    named(&open(SqliteStore::options()), "Guides").unwrap();
    // Twice: what was kept must not be taken for the schema's own.
    for index in ["name.familyName", "title"] {
        let fixture = open(SqliteStore::options().index(index));
        let error = named(&fixture, "GUIDES").unwrap_err();
        assert!(matches!(error.kind(), StoreErrorKind::Conflict { .. }), "{error}");
    }
}

#[test]
fn what_becomes_hidden_moves_out_of_sight() {
    //
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let values = json!({"userName": "u", "nickName": "Babs"});
    let id = fixture.insert(fixture.user(&values)).unwrap().id;
    drop(fixture);
    let mut user = builtin::user();
    user.attribute_mut("nickName").unwrap().returned = Returned::Never;
    let registry = Registry::builder().standard().replace_schema(user).build().unwrap();
    let store = SqliteStore::open(&path).unwrap();
    store.attach(&registry).unwrap();
    let fixture = Fixture { store, registry };
    let document = fixture.get(&Key::new(fixture.users(), id)).unwrap().document;
    assert!(!String::from_utf8_lossy(document.visible()).contains("Babs"));
    assert_eq!(document.values().unwrap().get("nickName"), Some(&json!("Babs")));
}

#[test]
fn an_index_over_nothing_is_an_error() {
    let store = SqliteStore::options().index("name.nosuch").open_in_memory().unwrap();
    let error = store.attach(&Registry::standard()).unwrap_err();
    assert_eq!(*error.kind(), StoreErrorKind::Internal);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("name.nosuch"));
}

#[test]
fn a_store_without_a_registry_says_so() {
    let store = SqliteStore::in_memory().unwrap();
    let query = Query::new(Registry::standard().resource_type("User").unwrap(), 1);
    let error = block_on(store.query(&Scope::default(), &query)).unwrap_err();
    assert!(matches!(error.kind(), StoreErrorKind::Unsupported(_)));
}
