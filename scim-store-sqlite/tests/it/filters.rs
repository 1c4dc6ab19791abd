//! Filters beyond those of the conformance suite.

use pollster::block_on;
use scim_core::{
    ResourceId,
    query::{Comparison, Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side, prepare},
    store::{Position, Query, Scope, Start, Store, StoreErrorKind, Total},
};
use scim_store_sqlite::SqliteStore;
use serde_json::json;

use crate::fixture::Fixture;

fn name(fixture: &Fixture, value: &str) -> Predicate {
    let attribute = fixture.users().attribute("userName").unwrap().clone();
    let operand = prepare(&attribute, &json!(value)).unwrap();
    Predicate::Compare(Comparison { attribute, operator: Operator::Equal, operand })
}

fn count(fixture: &Fixture, filter: Predicate) -> u64 {
    let mut query = Query::new(fixture.users(), 0);
    query.filter = Some(filter);
    query.total = Total::Count;
    block_on(fixture.store.query(&Scope::default(), &query)).unwrap().total.unwrap()
}

/// A store with the users u0 to u9, of whom u0 to u4 are in a group.
fn filled() -> (Fixture, ResourceId) {
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    let users: Vec<_> = (0..10)
        .map(|number| {
            let values = json!({"userName": format!("u{number}")});
            fixture.insert(fixture.user(&values)).unwrap().id
        })
        .collect();
    let (members, _) = users.split_at(5);
    let group = fixture.insert(fixture.group("g", members)).unwrap().id;
    (fixture, group)
}

#[test]
fn very_many_alternatives_are_fine() {
    // Each is a term that an index could look up.
    let (fixture, group) = filled();
    for terms in [6, 99, 101, 20_000] {
        let names: Vec<_> = (5..5 + terms).map(|it| name(&fixture, &format!("u{it}"))).collect();
        assert_eq!(count(&fixture, Predicate::Or(names.clone())), 5, "{terms}");
        assert_eq!(count(&fixture, Predicate::Not(Box::new(Predicate::Or(names.clone())))), 5);
        let member = Predicate::Related(RelatedTerm {
            relation: fixture.members(),
            side: Side::Sources,
            reach: Reach::Direct,
            test: RelatedTest::Id(group.clone()),
        });
        let mut parts = names;
        parts.push(member);
        assert_eq!(count(&fixture, Predicate::Or(parts.clone())), 10, "{terms}");
        assert_eq!(count(&fixture, Predicate::And(parts)), 0, "{terms}");
    }
}

#[test]
fn more_than_a_statement_takes_is_evaluated_but_for_edges() {
    // S9
    let (fixture, group) = filled();
    let start = |number| {
        let attribute = fixture.users().attribute("userName").unwrap().clone();
        let operand = prepare(&attribute, &json!(format!("u{number}"))).unwrap();
        Predicate::Compare(Comparison { attribute, operator: Operator::StartsWith, operand })
    };
    let many = Predicate::Or((5..5_000).map(start).collect());
    assert_eq!(count(&fixture, many.clone()), 5);
    let member = |group: &ResourceId| {
        Predicate::Related(RelatedTerm {
            relation: fixture.members(),
            side: Side::Sources,
            reach: Reach::Direct,
            test: RelatedTest::Id(group.clone()),
        })
    };
    let not = |part| Predicate::Not(Box::new(part));
    let is_member = || member(&group);
    assert_eq!(count(&fixture, Predicate::Or(vec![many.clone(), is_member()])), 10);
    assert_eq!(count(&fixture, Predicate::And(vec![many.clone(), is_member()])), 0);
    assert_eq!(count(&fixture, Predicate::And(vec![not(many.clone()), is_member()])), 5);
    assert_eq!(count(&fixture, Predicate::And(vec![many, not(is_member())])), 5);
    let mut query = Query::new(fixture.users(), 10);
    query.filter = Some(Predicate::Or((0..6_000).map(|_| is_member()).collect()));
    let error = block_on(fixture.store.query(&Scope::default(), &query)).unwrap_err();
    assert_eq!(*error.kind(), StoreErrorKind::OverBudget);
}

#[test]
fn the_empty_text_is_part_of_every_text() {
    // F-009
    let fixture = Fixture::new(SqliteStore::in_memory().unwrap());
    for values in [json!({"userName": "a", "displayName": ""}), json!({"userName": "b"})] {
        fixture.insert(fixture.user(&values)).unwrap();
    }
    for operator in [Operator::Contains, Operator::StartsWith, Operator::EndsWith] {
        for (path, matches) in [("displayName", 1), ("userName", 2)] {
            let attribute = fixture.users().attribute_at(path).unwrap().clone();
            let operand = prepare(&attribute, &json!(""));
            let Some(operand) = operand else { continue };
            let filter = Predicate::Compare(Comparison { attribute, operator, operand });
            assert_eq!(count(&fixture, filter), matches, "{path} {operator:?}");
        }
    }
}

#[test]
fn deep_filters_are_fine() {
    let (fixture, _) = filled();
    let mut filter = name(&fixture, "u3");
    for _ in 0..50 {
        filter = Predicate::And(vec![Predicate::Not(Box::new(Predicate::Not(Box::new(filter))))]);
    }
    assert_eq!(count(&fixture, filter), 1);
}

#[test]
fn a_position_of_another_query_is_refused() {
    let (fixture, _) = filled();
    let mut query = Query::new(fixture.users(), 3);
    query.start = Start::After(Position(b"nonsense".to_vec().into()));
    let error = block_on(fixture.store.query(&Scope::default(), &query)).unwrap_err();
    assert!(matches!(error.kind(), StoreErrorKind::Unsupported(_)), "{error:?}");
}
