//! S21: what one query may compare.

use serde_json::json;

use super::{fixture::Fixture, wait::wait};
use crate::{
    query::{Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side, SortKey, SortOrder},
    store::{Key, Page, Query, StoreErrorKind, Total, Write},
};

pub(super) fn a_query_ends_at_its_budget(on: &Fixture) {
    for number in 0..40 {
        on.insert(on.user_with(json!({
            "userName": format!("user{number}"), "nickName": format!("Guide {number}"),
        })));
    }
    let nick = |operand: String| on.compare("nickName", Operator::Contains, json!(operand));
    let terms = |count| Predicate::Or((0..count).map(|it| nick(format!("no {it}"))).collect());
    let emails = on.attribute(&on.users, "emails");
    let address = on.compare("emails.value", Operator::EndsWith, json!("@x.test"));
    let addresses = Predicate::Or(vec![address; 100]);
    for (filter, budget, is_enough) in [
        (nick("guide".to_owned()), 10_000, true),
        (nick("guide".to_owned()), 10, false),
        (terms(100), 1_000, false),
        (Predicate::Not(Box::new(terms(100))), 1_000, false),
        (Predicate::And(vec![nick("guide".to_owned()), terms(100)]), 1_000, false),
        (Predicate::Element(emails, Box::new(Predicate::Not(Box::new(addresses)))), 1_000, false),
        (terms(100), u64::MAX, true),
    ] {
        let mut query = Query::new(&on.users, 100);
        (query.filter, query.budget) = (Some(filter.clone()), budget);
        match wait(on.store.query(&on.scope, &query)) {
            Ok(page) => {
                let is_left = page.residual.filter.is_some();
                assert!(is_left || is_enough, "{budget} for {filter:?}");
            }
            Err(error) => {
                assert_eq!(*error.kind(), StoreErrorKind::OverBudget, "{filter:?}");
                assert!(!is_enough, "{budget} for {filter:?}");
            }
        }
    }
    assert_eq!(on.users_where(nick("guide".to_owned())).len(), 40, "the next query has its own");
}

/// Values of a list count one by one, and a long text as often as a short one goes into it.
pub(super) fn a_query_counts_all_values(on: &Fixture) {
    let email = |number| json!({"value": format!("{number}@x.test"), "display": "Babs"});
    let emails: Vec<_> = (0..500).map(email).collect();
    let names = json!({"userName": "babs", "emails": emails, "nickName": "B".repeat(32_000)});
    on.insert(on.user_with(names));
    let ten = |path: &str| {
        let term = on.compare(path, Operator::Contains, json!("x"));
        Predicate::Or(vec![term; 10])
    };
    let emails = on.attribute(&on.users, "emails");
    for filter in [
        ten("emails.display"),
        Predicate::Element(emails, Box::new(ten("emails.display"))),
        ten("nickName"),
    ] {
        let mut query = Query::new(&on.users, 10);
        query.filter = Some(filter);
        assert_ne!(is_enough(on, &query, 1_000), Some(true), "{query:?}");
        assert_ne!(is_enough(on, &query, 10_000), Some(false), "{query:?}");
    }
}

/// What a budget has to be for a query depends on the query and on how many resources there are,
/// not on the store: a host chooses its limit once.
pub(super) fn a_budget_is_as_large_in_every_store(on: &Fixture) {
    const USERS: u64 = 2_000;
    insert_guides(on, USERS);
    let nick = |part: &str| on.compare("nickName", Operator::Contains, json!(part));
    let terms = |count| Predicate::Or((0..count).map(|it| nick(&format!("no {it}"))).collect());
    let users = |filter: Option<Predicate>, sort: Option<&str>| {
        let key = |path| {
            let attribute = on.attribute(&on.users, path);
            SortKey { attribute, order: SortOrder::Ascending }
        };
        let mut query = Query::new(&on.users, 10);
        query.filter = filter;
        query.sort = sort.map(key).into_iter().collect();
        query.total = Total::Count;
        query
    };
    for (query, comparisons) in [
        (users(Some(nick("no")), None), USERS),
        (users(Some(nick("guide")), None), USERS),
        (users(Some(terms(10)), None), USERS * 10),
        (users(Some(nick("guide")), Some("nickName")), USERS * 2),
        (users(Some(nick("guide")), Some("userName")), USERS * 2),
        (users(None, Some("nickName")), USERS),
        (groups_by_members(on), USERS * 3),
    ] {
        let (most, least) = (comparisons * 5 / 4, comparisons / 4);
        assert_ne!(is_enough(on, &query, most), Some(false), "{most} for {query:?}");
        assert_ne!(is_enough(on, &query, least), Some(true), "{least} for {query:?}");
    }
    // Where an index helps, it may do with less.
    let by_name = on.compare("userName", Operator::EndsWith, json!("7"));
    let is_enough = is_enough(on, &users(Some(by_name), None), USERS * 5 / 2);
    assert_ne!(is_enough, Some(false));
}

/// Users that are all alike, and a group of them.
fn insert_guides(on: &Fixture, count: u64) {
    let user = |number| {
        let name = format!("user{number}");
        on.user_with(json!({ "userName": name, "nickName": format!("Guide {number}") }))
    };
    let inserts = (0..count).map(|number| Write::Insert(user(number))).collect();
    let written = on.write(inserts).expect("users are inserted");
    let members: Vec<_> = written.into_iter().map(|user| Key::new(&on.users, user.id)).collect();
    on.insert(on.group("Guides", &members.iter().collect::<Vec<_>>()));
}

/// A query that looks at each member of each group three times.
fn groups_by_members(on: &Fixture) -> Query {
    let display = on.compare_in(&on.groups, "members.display", Operator::Contains, json!("no"));
    let mut query = Query::new(&on.groups, 10);
    query.filter = Some(Predicate::Related(RelatedTerm {
        relation: on.members.clone(),
        side: Side::Targets,
        reach: Reach::Direct,
        test: RelatedTest::Matches(Box::new(Predicate::Or(vec![display; 3]))),
    }));
    query
}

/// Whether a query is answered within a budget; nothing where a part is left to the engine, which
/// counts it there.
fn is_enough(on: &Fixture, query: &Query, budget: u64) -> Option<bool> {
    let query = Query { budget, ..query.clone() };
    let is_whole = |page: Page| page.residual.filter.is_none() && page.residual.sort.is_empty();
    match wait(on.store.query(&on.scope, &query)) {
        Ok(page) => is_whole(page).then_some(true),
        Err(error) => {
            assert_eq!(*error.kind(), StoreErrorKind::OverBudget);
            Some(false)
        }
    }
}
