//! A registry or index that is another than the last time.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use pollster::block_on;
use rusqlite::Connection;
use scim_core::{
    Document, ResourceId,
    query::{Comparison, Operator, Predicate, SortKey, SortOrder, prepare},
    schema::{
        AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, Returned,
        SchemaDefinition, Uniqueness, builtin,
    },
    store::{Claim, Insert, Key, Query, Scope, Store, StoreErrorKind},
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
fn a_type_that_is_absent_for_one_start_loses_no_claim() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let serial = || AttributeDefinition::new("serial", AttributeType::String);
    let registry = |serial: AttributeDefinition| {
        let name = AttributeDefinition::new("name", AttributeType::String);
        let device = ResourceTypeDefinition::new("Device", "urn:example:Device");
        let schema = SchemaDefinition::new("urn:example:Device", [serial, name]);
        Registry::builder().standard().schema(schema).resource_type(device).build().unwrap()
    };
    let open = |registry: &Arc<Registry>| {
        let (store, registry) = (SqliteStore::open(&path).unwrap(), registry.clone());
        store.attach(&registry).unwrap();
        Fixture { store, registry }
    };
    let insert = |fixture: &Fixture, claimed: &str, value: &str| {
        let devices = fixture.registry.resource_type("Device").unwrap();
        let values = json!({ claimed: value });
        let document = Document::new(devices, values.as_object().unwrap().clone());
        let mut insert = Insert::new(Key::new(devices, ResourceId::fresh()), document);
        let attribute = devices.attribute_at(claimed).unwrap().clone();
        let value = prepare(&attribute, &json!(value)).unwrap();
        insert.claims.push(Claim { attribute, value });
        fixture.insert(insert)
    };
    let unique = registry(serial().unique(Uniqueness::Server));
    // By the schema, and beyond it.
    let claims = ["serial", "name"];
    let fixture = open(&unique);
    claims.iter().for_each(|path| drop(insert(&fixture, path, "one").unwrap()));
    drop(fixture);
    drop(open(&Registry::standard()));
    let fixture = open(&unique);
    for path in claims {
        let error = insert(&fixture, path, "ONE").unwrap_err();
        assert!(matches!(error.kind(), StoreErrorKind::Conflict { .. }), "{path}: {error}");
    }
    drop(fixture);
    drop(open(&Registry::standard()));
    // What is no longer unique when it is back is nobody's.
    let fixture = open(&registry(serial()));
    insert(&fixture, "serial", "one").unwrap();
    assert!(insert(&fixture, "name", "one").is_err());
}

#[test]
fn how_many_values_an_attribute_has_makes_another_index() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let with_many = || {
        let mut user = builtin::user();
        user.attribute_mut("displayName").unwrap().multi_valued = true;
        Registry::builder().standard().replace_schema(user).build().unwrap()
    };
    let open = |registry: Arc<Registry>| {
        let store = SqliteStore::open(&path).unwrap();
        store.attach(&registry).unwrap();
        Fixture { store, registry }
    };
    let insert = |fixture: &Fixture, names: &serde_json::Value| {
        let values = json!({"userName": names.to_string(), "displayName": names});
        fixture.insert(fixture.user(&values)).unwrap().id
    };
    let sorted = |fixture: &Fixture| {
        let mut query = Query::new(fixture.users(), 10);
        let attribute = fixture.users().attribute("displayName").unwrap().clone();
        query.sort = vec![SortKey { attribute, order: SortOrder::Ascending }];
        let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
        page.resources.into_iter().map(|it| it.id).collect::<Vec<_>>()
    };
    let fixture = open(with_many());
    let many = insert(&fixture, &json!(["b", "d"]));
    let none = insert(&fixture, &json!([]));
    drop(fixture);
    let fixture = open(Registry::standard());
    let one = insert(&fixture, &json!("a"));
    let between = insert(&fixture, &json!("c"));
    assert_eq!(sorted(&fixture), [&one, &many, &between, &none].map(Clone::clone), "each once");
    assert_eq!(["a", "b", "c", "d"].map(|it| found(&fixture, "displayName", it)), [1, 1, 1, 0]);
    drop(fixture);
    let fixture = open(with_many());
    assert_eq!(["a", "b", "c", "d"].map(|it| found(&fixture, "displayName", it)), [1, 1, 1, 1]);
}

#[test]
fn what_a_reference_points_at_makes_another_key() {
    // The version in the URL of a resource does not count, that in another URL does.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let open = |target: &str| {
        let mut user = builtin::user();
        user.attribute_mut("profileUrl").unwrap().reference_types = vec![target.to_owned()];
        let registry = Registry::builder().standard().replace_schema(user).build().unwrap();
        let store = SqliteStore::options().index("profileUrl").open(&path).unwrap();
        store.attach(&registry).unwrap();
        Fixture { store, registry }
    };
    let urls = ["v1", "v2"].map(|it| format!("https://example.com/scim/{it}/Users/1"));
    let fixture = open("external");
    fixture.insert(fixture.user(&json!({"userName": "u", "profileUrl": urls[0]}))).unwrap();
    let founds = |fixture: &Fixture| urls.each_ref().map(|url| found(fixture, "profileUrl", url));
    assert_eq!(founds(&fixture), [1, 0]);
    drop(fixture);
    let fixture = open("User");
    assert_eq!(founds(&fixture), [1, 1]);
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
fn a_query_beside_another_registry_is_planned_by_one_of_them() {
    // S9
    let directory = tempfile::tempdir().unwrap();
    let registry = Registry::standard();
    // The same types in another order: the indexes have other numbers.
    let other = Registry::builder()
        .schema(builtin::user())
        .schema(builtin::group())
        .resource_type(builtin::group_type())
        .resource_type(ResourceTypeDefinition::new("User", builtin::user().id))
        .build()
        .unwrap();
    let shared = Arc::new(OnceLock::<SqliteStore>::new());
    let is_due = Arc::new(AtomicBool::new(false));
    let (store, due) = (shared.clone(), is_due.clone());
    let observe = move |text: &str| {
        if text.contains("FROM value v") && due.swap(false, Ordering::SeqCst) {
            store.get().unwrap().attach(&other).unwrap();
        }
    };
    let options = SqliteStore::options().observe_statements(observe);
    let store = options.open(directory.path().join("scim.db")).unwrap();
    store.attach(&registry).unwrap();
    let fixture = Fixture { store, registry };
    let insert = fixture.user(&json!({"userName": "u", "displayName": "Babs"}));
    fixture.insert(insert).unwrap();
    let Fixture { store, registry } = fixture;
    let store = shared.get_or_init(|| store);
    let users = registry.resource_type("User").unwrap();
    for operator in [Operator::StartsWith, Operator::Contains, Operator::Equal] {
        let attribute = users.attribute("displayName").unwrap().clone();
        let operand = prepare(&attribute, &json!("babs")).unwrap();
        let mut query = Query::new(users, 10);
        query.filter = Some(Predicate::Compare(Comparison { attribute, operator, operand }));
        store.attach(&registry).unwrap();
        is_due.store(true, Ordering::SeqCst);
        let page = block_on(store.query(&Scope::default(), &query)).unwrap();
        assert!(!is_due.load(Ordering::SeqCst), "nothing happened beside {operator:?}");
        assert_eq!(page.resources.len(), 1, "{operator:?}");
    }
}

#[test]
fn a_document_that_cannot_be_read_is_in_nobodys_way() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    let insert = |fixture: &Fixture, name: &str| {
        let values = json!({"userName": name, "displayName": name, "title": "t"});
        fixture.insert(fixture.user(&values)).map(|written| written.id)
    };
    let (damaged, sound) =
        (insert(&fixture, "damaged").unwrap(), insert(&fixture, "sound").unwrap());
    drop(fixture);
    let damage = |id: &ResourceId| {
        let sql = Connection::open(&path).unwrap();
        let damage = "UPDATE resource SET visible = '{\"userName' WHERE id = ?1";
        assert_eq!(sql.execute(damage, [id.as_str()]), Ok(1));
    };
    let count = |what: &str| {
        let sql = Connection::open(&path).unwrap();
        sql.query_row(what, [], |it| it.get::<_, i64>(0)).unwrap()
    };
    damage(&damaged);
    let fixture = Fixture::new(SqliteStore::options().index("title").open(&path).unwrap());
    assert_eq!(found(&fixture, "title", "t"), 1, "what can be read is found");
    assert!(insert(&fixture, "DAMAGED").is_err(), "what it claimed is claimed");
    fixture.delete(fixture.users(), &damaged);
    let damaged = insert(&fixture, "damaged").unwrap();
    drop(fixture);
    let of_nobody = "SELECT count(*) FROM value WHERE row NOT IN (SELECT row FROM resource)";
    let contradictions = || {
        let counted =
            count("SELECT count(*) FROM value WHERE attribute IN (SELECT attribute FROM anchor)");
        (count(of_nobody), counted - count("SELECT sum(count) FROM anchor"))
    };
    assert_eq!(contradictions(), (0, 0));
    // Without a rebuild its entries are those of what it was.
    damage(&damaged);
    let fixture = Fixture::new(SqliteStore::options().index("title").open(&path).unwrap());
    fixture.delete(fixture.users(), &damaged);
    assert_eq!(found(&fixture, "userName", "sound"), 1);
    assert!(fixture.get(&Key::new(fixture.users(), sound)).is_some());
    drop(fixture);
    assert_eq!(contradictions(), (0, 0));
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
