//! S6: the order of answers.

use serde_json::{Value, json};

use super::fixture::{Fixture, ids};
use crate::{
    query::{Operator, SortKey, SortOrder},
    resource::ResourceId,
    store::{Key, Precondition, Query, Start},
};

fn by(on: &Fixture, keys: &[(&str, SortOrder)]) -> Query {
    let mut query = Query::new(&on.users, 100);
    let key = |(path, order): &(&str, SortOrder)| SortKey {
        attribute: on.attribute(&on.users, path),
        order: *order,
    };
    query.sort = keys.iter().map(key).collect();
    query
}

fn insert(on: &Fixture, name: &str, more: Value) -> Key {
    let mut values = json!({ "userName": name });
    if let (Some(values), Value::Object(more)) = (values.as_object_mut(), more) {
        values.extend(more);
    }
    on.insert(on.user_with(values))
}

fn sorted_by(on: &Fixture, keys: &[(&str, SortOrder)]) -> Vec<ResourceId> {
    on.answer(&by(on, keys)).ids()
}

use SortOrder::{Ascending, Descending};

pub(super) fn sorting_follows_the_attribute(on: &Fixture) {
    let users = on.insert_users(&["b", "C", "a", "aa", "D"]);
    let [b, c, a, aa, d] = [&users[0], &users[1], &users[2], &users[3], &users[4]];
    assert_eq!(sorted_by(on, &[("userName", Ascending)]), ids(&[a, aa, b, c, d]));
    on.change(on.rename(b, Precondition::Exists, "b", "e"));
    assert_eq!(sorted_by(on, &[("userName", Ascending)]), ids(&[a, aa, c, d, b]));
    assert_eq!(sorted_by(on, &[("meta.lastModified", Ascending)]).last(), Some(&b.id));
    let mut by_id = users.iter().map(|key| key.id.clone()).collect::<Vec<_>>();
    by_id.sort();
    assert_eq!(sorted_by(on, &[("id", Ascending)]), by_id);
}

pub(super) fn resources_without_a_value_come_last(on: &Fixture) {
    let none = insert(on, "a", json!({}));
    let z = insert(on, "b", json!({"title": "zebra keeper"}));
    let g = insert(on, "c", json!({"title": "Guide"}));
    assert_eq!(sorted_by(on, &[("title", Ascending)]), ids(&[&g, &z, &none]));
    assert_eq!(sorted_by(on, &[("title", Descending)]), ids(&[&none, &z, &g]));
}

pub(super) fn descending_is_the_reverse(on: &Fixture) {
    on.insert_users(&["b", "C", "a", "aa", "D"]);
    for path in ["userName", "id", "meta.created", "meta.lastModified"] {
        let mut up = sorted_by(on, &[(path, Ascending)]);
        up.reverse();
        if path.starts_with("meta.") {
            // Times may be equal; then the order among those is the store's.
            assert_eq!(up.len(), sorted_by(on, &[(path, Descending)]).len());
        } else {
            assert_eq!(sorted_by(on, &[(path, Descending)]), up, "{path}");
        }
    }
}

pub(super) fn later_keys_break_ties(on: &Fixture) {
    let a = insert(on, "a", json!({"title": "Guide", "nickName": "x"}));
    let b = insert(on, "b", json!({"title": "driver", "nickName": "y"}));
    let c = insert(on, "c", json!({"title": "guide", "nickName": "y"}));
    let d = insert(on, "d", json!({"title": "Driver", "nickName": "x"}));
    let keys = [("title", Ascending), ("nickName", Descending)];
    assert_eq!(sorted_by(on, &keys), ids(&[&b, &d, &c, &a]));
    let keys = [("nickName", Ascending), ("userName", Descending)];
    assert_eq!(sorted_by(on, &keys), ids(&[&d, &a, &c, &b]));
}

pub(super) fn ties_keep_one_order(on: &Fixture) {
    for number in 0..15 {
        let both =
            json!({"title": "Guide", "displayName": if number % 2 == 0 { "x" } else { "y" }});
        insert(on, &format!("user{number}"), both);
    }
    for key in
        ["title", "displayName"].into_iter().flat_map(|it| [(it, Ascending), (it, Descending)])
    {
        let query = by(on, &[key]);
        let whole = on.answer(&query).ids();
        let mut paged = Vec::new();
        for start in (0..15).step_by(4) {
            let mut page = query.clone();
            page.start = Start::Index(start);
            page.limit = 4;
            paged.extend(on.answer(&page).ids());
        }
        assert_eq!(paged, whole);
        let walked: Vec<_> =
            on.walk(&Query { limit: 4, ..query }).into_iter().map(|resource| resource.id).collect();
        assert_eq!(walked, whole);
    }
}

pub(super) fn the_primary_value_counts(on: &Fixture) {
    let emails = |values: &[(&str, bool)]| {
        let values: Vec<Value> = values
            .iter()
            .map(|(value, primary)| json!({"value": value, "primary": primary}))
            .collect();
        json!({ "emails": values })
    };
    let c = insert(on, "1", emails(&[("a@x", false), ("c@x", true)]));
    let b = insert(on, "2", emails(&[("b@x", false), ("z@x", false)]));
    let d = insert(on, "3", emails(&[("d@x", true), ("a@x", false)]));
    assert_eq!(sorted_by(on, &[("emails.value", Ascending)]), ids(&[&b, &c, &d]));
}

pub(super) fn a_filtered_answer_is_sorted(on: &Fixture) {
    let users = on.insert_users(&["x1", "y1", "X3", "x2", "y2"]);
    let mut query = by(on, &[("userName", Descending)]);
    query.filter = Some(on.compare("userName", Operator::StartsWith, json!("x")));
    query.limit = 2;
    assert_eq!(on.answer(&query).ids(), ids(&[&users[2], &users[3]]));
    query.start = Start::Index(2);
    assert_eq!(on.answer(&query).ids(), ids(&[&users[0]]));
}
