//! Pages far behind the first are where counting one by one would find them.

use pollster::block_on;
use rusqlite::Connection;
use scim_core::{
    Document, ResourceId,
    query::{SortKey, SortOrder},
    store::{
        Batch, Change, Delete, DocumentChange, Key, Precondition, Query, Scope, Start, Store,
        Tenant, Total, Write,
    },
};
use scim_store_sqlite::SqliteStore;
use serde_json::json;

use crate::fixture::Fixture;

/// The ids of a page.
fn page(fixture: &Fixture, sort: &[SortKey], skipped: usize) -> Vec<ResourceId> {
    let mut query = Query::new(fixture.users(), 7);
    query.sort = sort.to_vec();
    query.start = Start::Index(skipped as u64);
    query.total = Total::Count;
    let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
    page.resources.into_iter().map(|it| it.id).collect()
}

/// All ids in order, as the first page and those after each other have them.
fn walk(fixture: &Fixture, sort: &[SortKey]) -> Vec<ResourceId> {
    let mut query = Query::new(fixture.users(), 500);
    query.sort = sort.to_vec();
    let mut ids = Vec::new();
    loop {
        let page = block_on(fixture.store.query(&Scope::default(), &query)).unwrap();
        ids.extend(page.resources.into_iter().map(|it| it.id));
        match page.next {
            Some(next) => query.start = Start::After(next),
            None => return ids,
        }
    }
}

fn check(fixture: &Fixture) {
    let attribute = |path| fixture.users().attribute(path).unwrap().clone();
    let sorts = ["userName", "displayName"].into_iter().flat_map(|path| {
        let key = |order| vec![SortKey { attribute: attribute(path), order }];
        [key(SortOrder::Ascending), key(SortOrder::Descending)]
    });
    for sort in sorts.chain([Vec::new()]) {
        let all = walk(fixture, &sort);
        let last = all.len();
        for skipped in
            [0, 63, 64, 65, 1_023, 1_024, 2_000, 2_500, last - 8, last - 1, last, last + 9]
        {
            let expected: Vec<_> = all.iter().skip(skipped).take(7).cloned().collect();
            assert_eq!(page(fixture, &sort, skipped), expected, "{sort:?} {skipped}");
        }
    }
}

fn write(fixture: &Fixture, entries: Vec<Write>) {
    block_on(fixture.store.write(&Scope::default(), Batch::new(entries))).unwrap();
}

#[test]
fn pages_by_index_follow_every_change() {
    // S6
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let mut ids = Vec::new();
    // Names in no order; every third user has no other name.
    let inserts = (0..5_000_u64).map(|number| {
        let mixed = number.wrapping_mul(2_654_435_761) % 1_000_003;
        let mut values = json!({"userName": format!("u{mixed:07}")});
        if number % 3 > 0 {
            values["displayName"] = format!("d{}", mixed % 97).into();
        }
        let insert = fixture.user(&values);
        ids.push(insert.key.id.clone());
        Write::Insert(insert)
    });
    let inserts = inserts.collect();
    write(&fixture, inserts);
    // Another tenant's users count for nothing.
    let others = (0..100)
        .map(|number| Write::Insert(fixture.user(&json!({"userName": format!("u{number}")}))));
    let scope = Scope::new(Tenant::new("other"));
    block_on(fixture.store.write(&scope, Batch::new(others.collect()))).unwrap();
    check(&fixture);
    let key = |id: &ResourceId| Key::new(fixture.users(), id.clone());
    let rename = |(number, id): (usize, &ResourceId)| {
        let values = json!({"userName": format!("renamed{number}"), "displayName": "same"});
        let document = Document::new(fixture.users(), values.as_object().unwrap().clone());
        let changed = ["userName", "displayName"]
            .map(|path| fixture.users().attribute(path).unwrap().clone());
        let mut change = Change::new(key(id), Precondition::Exists);
        change.document = Some(DocumentChange::new(document, changed.to_vec()));
        Write::Change(change)
    };
    write(&fixture, ids[..400].iter().enumerate().map(rename).collect());
    let delete = |id: &ResourceId| {
        Write::Delete(Delete { key: key(id), precondition: Precondition::Exists })
    };
    write(&fixture, ids[1_000..2_400].iter().map(delete).collect());
    check(&fixture);
    write(&fixture, ids[..1_000].iter().chain(&ids[2_400..4_000]).map(delete).collect());
    let left = walk(&fixture, &[]);
    assert_eq!(page(&fixture, &[], 900), left[900..907]);
}

/// A store in this file with these many users, and their keys.
fn with_users(path: &std::path::Path, users: usize) -> (Fixture, Vec<Key>) {
    let fixture = Fixture::new(SqliteStore::open(path).unwrap());
    let insert = |number| fixture.user(&json!({"userName": format!("u{number:05}")}));
    let inserts: Vec<_> = (0..users).map(insert).collect();
    let keys = inserts.iter().map(|insert| insert.key.clone()).collect();
    write(&fixture, inserts.into_iter().map(Write::Insert).collect());
    (fixture, keys)
}

fn deletion(key: &Key) -> Write {
    Write::Delete(Delete { key: key.clone(), precondition: Precondition::Exists })
}

#[test]
fn a_stretch_without_rows_is_forgotten() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let (fixture, keys) = with_users(&path, 3_000);
    write(&fixture, keys[..2_500].iter().map(deletion).collect());
    // Made and deleted in one batch.
    let passing = fixture.user(&json!({"userName": "passing"}));
    let gone = deletion(&passing.key);
    write(&fixture, vec![Write::Insert(passing), gone]);
    assert_eq!(page(&fixture, &[], 100), walk(&fixture, &[])[100..107]);
    drop(fixture);
    let sql = Connection::open(&path).unwrap();
    let count = |what| sql.query_row(what, [], |it| it.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM stretch WHERE count < 1"), 0);
    assert_eq!(count("SELECT sum(count) FROM stretch"), 500);
    assert_eq!(count("SELECT count FROM tally"), 500);
}

#[test]
fn only_what_comes_and_goes_is_counted() {
    // An entry that is gone already, and one that is there already, as after a repair by hand.
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("scim.db");
    let (fixture, keys) = with_users(&path, 10);
    drop(fixture);
    let sql = Connection::open(&path).unwrap();
    let names = "attribute = 0 AND absent = 0";
    for statement in [
        &format!("DELETE FROM value WHERE {names} AND row = 3"),
        &format!(
            "INSERT INTO value SELECT tenant, attribute, 0, x'78', 11 FROM value WHERE {names} AND row = 1"
        ),
    ] {
        assert_eq!(sql.execute(statement, []), Ok(1), "{statement}");
    }
    let counted = || {
        let counted = "SELECT sum(count) FROM anchor WHERE attribute = 0";
        sql.query_row(counted, [], |it| it.get::<_, i64>(0)).unwrap()
    };
    let fixture = Fixture::new(SqliteStore::open(&path).unwrap());
    assert_eq!(counted(), 10);
    write(&fixture, vec![deletion(&keys[2])]);
    assert_eq!(counted(), 10);
    write(&fixture, vec![Write::Insert(fixture.user(&json!({"userName": "x"})))]);
    assert_eq!(counted(), 10);
}
