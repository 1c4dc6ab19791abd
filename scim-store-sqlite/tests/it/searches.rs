//! Searches inside of values that are kept in memory.

use std::thread;

use pollster::block_on;
use scim_core::{
    ResourceId,
    query::{Comparison, Operator, Predicate},
    store::{Batch, Key, Query, Scope, Start, Store, StoreErrorKind, Total, Write},
};
use scim_store_sqlite::SqliteStore;
use serde_json::json;

use crate::{
    cache::{assert_found, changed, equal},
    fixture::Fixture,
};

/// A filter that looks inside of the names of users.
fn looking(fixture: &Fixture, path: &str, operator: Operator, text: &str) -> Predicate {
    match equal(fixture, path, &json!(text)) {
        Predicate::Compare(comparison) => Predicate::Compare(Comparison { operator, ..comparison }),
        other => other,
    }
}

#[test]
fn every_way_to_change_what_is_found_inside_of_values_is_seen_by_the_next_search() {
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let insert = |name: &str, shown: &str| {
        let values = json!({"userName": name, "displayName": shown, "password": "p"});
        fixture.insert(fixture.user(&values)).unwrap().id
    };
    let one = insert("one", "Ada Lovelace");
    let contains = looking(&fixture, "displayName", Operator::Contains, "a love");
    let ends = looking(&fixture, "displayName", Operator::EndsWith, "lace");
    let nobody = looking(&fixture, "displayName", Operator::EndsWith, "love");
    let all = |expected: &[&ResourceId], why| {
        for _ in 0..2 {
            assert_found(&fixture, &contains, expected, why);
            assert_found(&fixture, &ends, expected, why);
            assert_found(&fixture, &nobody, &[], why);
        }
    };
    all(&[&one], "read, and then in memory");
    let two = insert("two", "Augusta Lovelace");
    all(&[&one, &two], "a new user");
    let three = insert("three", "Augusta Lovelace");
    all(&[&one, &two, &three], "the same name again");
    let key = |id: &ResourceId| Key::new(fixture.users(), id);
    let rename = |id, name: &str| {
        fixture.write(changed(&key(id), &json!({"userName": "n", "displayName": name}))).unwrap();
    };
    rename(&two, "Grace Hopper");
    all(&[&one, &three], "renamed");
    rename(&two, "Ada Lovelace");
    all(&[&one, &two, &three], "and renamed again");
    fixture.delete(fixture.users(), &one);
    all(&[&two, &three], "deleted");
    let either = Predicate::Or(vec![
        equal(&fixture, "userName", &json!("three")),
        Predicate::Not(Box::new(contains.clone())),
    ]);
    rename(&two, "Grace Hopper");
    assert_found(&fixture, &either, &[&two, &three], "among others");
}

#[test]
fn an_acknowledged_value_is_found_by_every_later_search() {
    let directory = tempfile::tempdir().unwrap();
    for bytes in [0, 2_000, 1 << 20] {
        let path = directory.path().join(format!("{bytes}.db"));
        let options = SqliteStore::options().search_cache(bytes);
        let options = options.synchronous(scim_store_sqlite::Synchronous::Normal);
        let fixture = Fixture::new(options.open(path).unwrap());
        thread::scope(|scope| {
            for writer in 0..4 {
                let fixture = &fixture;
                scope.spawn(move || {
                    for number in 0..60 {
                        let name = format!("user-{writer}-{number}-end");
                        let user = fixture.user(&json!({"userName": name}));
                        let id = fixture.insert(user).unwrap().id;
                        let part = format!("-{writer}-{number}-");
                        let filter = looking(fixture, "userName", Operator::Contains, &part);
                        assert_found(fixture, &filter, &[&id], &part);
                        let end = format!("{writer}-{number}-end");
                        let filter = looking(fixture, "userName", Operator::EndsWith, &end);
                        assert_found(fixture, &filter, &[&id], &end);
                    }
                });
            }
        });
    }
}

/// A thousand users with numbered names.
fn numbered() -> Fixture {
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let user = |number| fixture.user(&json!({"userName": format!("user-{number}")}));
    let inserts = (0..1_000).map(|number| Write::Insert(user(number))).collect();
    block_on(fixture.store.write(&Scope::default(), Batch::new(inserts))).unwrap();
    fixture
}

/// How many resources are on the page.
fn found(fixture: &Fixture, query: &Query, budget: u64) -> Result<usize, StoreErrorKind> {
    let mut query = query.clone();
    query.budget = budget;
    let page = block_on(fixture.store.query(&Scope::default(), &query));
    page.map(|page| page.resources.len()).map_err(|error| error.kind().clone())
}

#[test]
fn reading_values_into_memory_is_part_of_the_first_search() {
    // S21
    let fixture = numbered();
    let mut query = Query::new(fixture.users(), 10);
    query.filter = Some(looking(&fixture, "userName", Operator::EndsWith, "-777"));
    let found = |budget| found(&fixture, &query, budget);
    assert_eq!(found(900), Err(StoreErrorKind::OverBudget));
    assert_eq!(found(900), Err(StoreErrorKind::OverBudget), "half of them is of no use");
    assert_eq!(found(1_000), Ok(1));
    assert_eq!(found(900), Err(StoreErrorKind::OverBudget), "it is not tried again at once");
    assert!((0..40).all(|_| found(1_000) == Ok(1)));
    assert_eq!(found(900), Ok(1), "they are in memory now");
    assert_eq!(found(100), Err(StoreErrorKind::OverBudget), "and are looked through all the same");
}

#[test]
fn a_search_among_few_takes_no_more_than_these() {
    // S21
    let fixture = numbered();
    let name = |number| equal(&fixture, "userName", &json!(format!("user-{number}")));
    let few =
        [Predicate::Or(vec![name(777), name(778)]), Predicate::Or((770..780).map(name).collect())];
    for (few, text) in few.iter().flat_map(|few| [(few, "-777"), (few, "-778")]) {
        let ends = looking(&fixture, "userName", Operator::EndsWith, text);
        let mut query = Query::new(fixture.users(), 2_000);
        query.filter = Some(Predicate::And(vec![few.clone(), ends]));
        query.total = Total::Count;
        assert_eq!(found(&fixture, &query, 900), Ok(1), "{text} among {few:?}");
        query.start = Start::Index(1_000);
        assert_eq!(found(&fixture, &query, 900), Ok(0), "{text} among {few:?}");
    }
}

#[test]
fn a_small_query_takes_as_little_each_time() {
    // S21: the steps of earlier queries are theirs.
    let fixture = numbered();
    let mut query = Query::new(fixture.users(), 2);
    query.filter = Some(looking(&fixture, "userName", Operator::StartsWith, "user-777"));
    query.total = Total::Count;
    assert!((0..1_000).all(|_| found(&fixture, &query, 10) == Ok(1)));
}
