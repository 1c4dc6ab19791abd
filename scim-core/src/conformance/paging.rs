//! S6, S8: pages by index and by position.

use serde_json::json;

use super::{
    answer::{assert_once, ids_of},
    fixture::{Fixture, sorted},
};
use crate::{
    query::{Operator, Predicate, SortKey, SortOrder},
    resource::ResourceId,
    store::{Key, Query, Start, Total},
};

fn insert_many(on: &Fixture, count: usize) -> Vec<Key> {
    (0..count)
        .map(|number| {
            on.insert(on.user_with(json!({
                "userName": format!("user{number:03}"),
                "title": if number % 3 == 0 { "Guide" } else { "Driver" },
            })))
        })
        .collect()
}

fn guides(on: &Fixture) -> Predicate {
    on.compare("title", Operator::Equal, json!("guide"))
}

fn all_ids(keys: &[Key]) -> Vec<ResourceId> {
    sorted(keys.iter().map(|key| key.id.clone()).collect())
}

pub(super) fn pages_by_index_cover_all(on: &Fixture) {
    let users = insert_many(on, 23);
    for filter in [None, Some(Predicate::Constant(true))] {
        let mut met = Vec::new();
        for start in (0..30).step_by(5) {
            let mut query = Query::new(&on.users, 5);
            query.filter = filter.clone();
            query.start = Start::Index(start);
            query.total = Total::Count;
            let answer = on.answer(&query);
            assert_eq!(answer.total, Some(23));
            assert_eq!(answer.resources.len(), 23_usize.saturating_sub(start as usize).min(5));
            met.extend(answer.ids());
        }
        assert_once(&met);
        assert_eq!(sorted(met), all_ids(&users));
    }
}

pub(super) fn a_limit_of_zero_counts(on: &Fixture) {
    insert_many(on, 7);
    for (filter, expected) in [(None, 7), (Some(guides(on)), 3)] {
        let mut query = Query::new(&on.users, 0);
        query.filter = filter;
        query.total = Total::Count;
        let answer = on.answer(&query);
        assert_eq!((answer.resources.len(), answer.total), (0, Some(expected)));
    }
}

pub(super) fn beyond_the_end_is_nothing(on: &Fixture) {
    insert_many(on, 7);
    for start in [7, 8, 1_000_000, u64::MAX] {
        for (filter, expected) in [(None, 7), (Some(guides(on)), 3)] {
            let mut query = Query::new(&on.users, 5);
            query.filter = filter;
            query.start = Start::Index(start);
            query.total = Total::Count;
            let page = on.page(&query);
            if page.residual.is_empty() {
                assert!(page.next.is_none());
            }
            let answer = on.answer(&query);
            assert_eq!((answer.resources.len(), answer.total), (0, Some(expected)), "{start}");
        }
    }
}

pub(super) fn the_total_counts_matches(on: &Fixture) {
    insert_many(on, 10);
    let mut query = Query::new(&on.users, 2);
    query.filter = Some(guides(on));
    query.total = Total::Count;
    for start in 0..4 {
        query.start = Start::Index(start);
        assert_eq!(on.answer(&query).total, Some(4));
    }
    query.total = Total::Skip;
    assert_eq!(on.answer(&query).total, None);
}

pub(super) fn a_page_after_a_position_counts_all_matches(on: &Fixture) {
    insert_many(on, 10);
    for filter in [None, Some(guides(on))] {
        let mut query = Query::new(&on.users, 100);
        query.filter = filter;
        let all = on.answer(&query).ids();
        query.limit = 3;
        query.total = Total::Count;
        let first = on.page(&query);
        if !first.residual.is_empty() {
            continue;
        }
        query.start = Start::After(first.next.expect("there are more"));
        let second = on.answer(&query);
        assert_eq!(second.total, Some(all.len() as u64));
        let expected: Vec<_> = all.into_iter().skip(3).take(3).collect();
        assert_eq!(second.ids(), expected);
    }
}

pub(super) fn the_order_stays(on: &Fixture) {
    insert_many(on, 12);
    let query = Query::new(&on.users, 100);
    let first = on.answer(&query).ids();
    assert_eq!(on.answer(&query).ids(), first);
    on.insert_user("another");
    let mut later = on.answer(&query).ids();
    later.retain(|id| first.contains(id));
    assert_eq!(later, first);
}

pub(super) fn a_walk_meets_each_resource_once(on: &Fixture) {
    let users = insert_many(on, 23);
    for limit in [1, 2, 5, 22, 23, 24] {
        let met = ids_of(&on.walk(&Query::new(&on.users, limit)));
        assert_once(&met);
        assert_eq!(sorted(met), all_ids(&users), "{limit}");
    }
    let mut from_the_middle = Query::new(&on.users, 4);
    from_the_middle.start = Start::Index(10);
    assert_eq!(on.walk(&from_the_middle).len(), 13);
    let mut exact = Query::new(&on.users, 23);
    assert_eq!(on.next(&exact), None, "there is no more");
    exact.limit = 22;
    assert!(on.next(&exact).is_some(), "there is one more");
}

/// Walks while others are inserted and deleted, and checks that those that stay are met once.
fn walk_among_changes(on: &Fixture, query: &Query) {
    let users = insert_many(on, 20);
    let mut gone = Vec::new();
    let met = on.walk_while(query, |number| {
        if number > 4 {
            return;
        }
        for victim in [&users[number * 2], &users[19 - number]] {
            on.delete(victim);
            gone.push(victim.id.clone());
        }
        on.insert_user(&format!("a{number}"));
        on.insert_user(&format!("z{number}"));
    });
    let met = ids_of(&met);
    assert_once(&met);
    for user in users.iter().filter(|user| !gone.contains(&user.id)) {
        assert!(met.contains(&user.id), "a resource that stayed was not met");
    }
}

pub(super) fn a_walk_survives_inserts_and_deletes(on: &Fixture) {
    walk_among_changes(on, &Query::new(&on.users, 3));
}

pub(super) fn a_sorted_walk_survives_inserts_and_deletes(on: &Fixture) {
    for (tenant, order) in [("up", SortOrder::Ascending), ("down", SortOrder::Descending)] {
        for path in ["userName", "title"] {
            let on = on.as_tenant(&format!("{tenant} {path}"));
            let mut query = Query::new(&on.users, 3);
            query.sort = vec![SortKey { attribute: on.attribute(&on.users, path), order }];
            walk_among_changes(&on, &query);
        }
    }
}

pub(super) fn a_filtered_walk_meets_each_match_once(on: &Fixture) {
    let users = insert_many(on, 20);
    let since = on.meta(&users[0]).last_modified.to_string();
    let since = on.compare("meta.lastModified", Operator::GreaterOrEqual, json!(since));
    // However a store goes about the parts, the position of a page leads to the next.
    let since_and = |operator, part: &str| {
        Predicate::And(vec![since.clone(), on.compare("userName", operator, json!(part))])
    };
    for (filter, matches) in [
        (guides(on), 7),
        (since_and(Operator::Contains, "r01"), 10),
        (since_and(Operator::EndsWith, "5"), 2),
        (since_and(Operator::StartsWith, "user01"), 10),
    ] {
        for limit in [1, 2, 6, 7, 8] {
            let mut query = Query::new(&on.users, limit);
            query.filter = Some(filter.clone());
            let met = ids_of(&on.walk(&query));
            assert_once(&met);
            assert_eq!(met.len(), matches, "{limit} of {filter:?}");
        }
    }
}
