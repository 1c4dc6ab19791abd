//! S3, S8: edges followed over several steps.

use std::collections::BTreeMap;

use super::fixture::{Fixture, ids, targets};
use crate::{
    query::{Predicate, Reach, RelatedTerm, RelatedTest, Side},
    resource::ResourceId,
    store::{Delta, EdgePath, Key, RelatedQuery},
};

fn reached(on: &Fixture, key: &Key, side: Side) -> BTreeMap<ResourceId, EdgePath> {
    let related = on.edges(key, side, Reach::Transitive);
    let reached: BTreeMap<_, _> =
        related.edges.iter().map(|edge| (edge.id.clone(), edge.path)).collect();
    assert_eq!(reached.len(), related.edges.len(), "each once");
    reached
}

fn paths(expected: &[(&Key, EdgePath)]) -> BTreeMap<ResourceId, EdgePath> {
    expected.iter().map(|(key, path)| (key.id.clone(), *path)).collect()
}

pub(super) fn transitive_edges_pass_through_nested_sources(on: &Fixture) {
    let user = on.insert_user("a");
    let inner = on.insert(on.group("Inner", &[&user]));
    let middle = on.insert(on.group("Middle", &[&inner]));
    let outer = on.insert(on.group("Outer", &[&middle]));
    on.insert(on.group("Elsewhere", &[]));
    use EdgePath::{Direct, Indirect};
    let up = paths(&[(&inner, Direct), (&middle, Indirect), (&outer, Indirect)]);
    assert_eq!(reached(on, &user, Side::Sources), up);
    let down = paths(&[(&middle, Direct), (&inner, Indirect), (&user, Indirect)]);
    assert_eq!(reached(on, &outer, Side::Targets), down);
    let has = |side, id: &ResourceId| {
        Predicate::Related(RelatedTerm {
            relation: on.members.clone(),
            side,
            reach: Reach::Transitive,
            test: RelatedTest::Id(id.clone()),
        })
    };
    assert_eq!(on.users_where(has(Side::Sources, &outer.id)), ids(&[&user]));
    assert_eq!(on.groups_where(has(Side::Targets, &user.id)).len(), 3);
    on.delete(&middle);
    assert_eq!(reached(on, &user, Side::Sources), paths(&[(&inner, Direct)]));
    assert!(reached(on, &outer, Side::Targets).is_empty());
}

pub(super) fn a_direct_edge_stays_direct_when_there_is_a_detour(on: &Fixture) {
    let user = on.insert_user("a");
    let inner = on.insert(on.group("Inner", &[&user]));
    let outer = on.insert(on.group("Outer", &[&inner, &user]));
    let both = paths(&[(&inner, EdgePath::Direct), (&outer, EdgePath::Direct)]);
    assert_eq!(reached(on, &user, Side::Sources), both);
    let both = paths(&[(&inner, EdgePath::Direct), (&user, EdgePath::Direct)]);
    assert_eq!(reached(on, &outer, Side::Targets), both);
}

/// A resource on a cycle reaches itself.
pub(super) fn a_cycle_ends(on: &Fixture) {
    use EdgePath::{Direct, Indirect};
    let user = on.insert_user("a");
    let one = on.insert(on.group("One", &[&user]));
    let two = on.insert(on.group("Two", &[&one]));
    on.change(on.change_members(&one, Delta::Add(targets(&[&two]))));
    assert_eq!(reached(on, &user, Side::Sources), paths(&[(&one, Direct), (&two, Indirect)]));
    let down = paths(&[(&user, Direct), (&two, Direct), (&one, Indirect)]);
    assert_eq!(reached(on, &one, Side::Targets), down);
    assert_eq!(reached(on, &one, Side::Sources), paths(&[(&two, Direct), (&one, Indirect)]));
}

pub(super) fn transitive_edges_are_paged(on: &Fixture) {
    let user = on.insert_user("a");
    let mut groups = vec![on.insert(on.group("0", &[&user]))];
    for number in 1..7 {
        let inner = groups.last().expect("there is one");
        groups.push(on.insert(on.group(&number.to_string(), &[inner])));
    }
    let mut view = on.view(Side::Sources, Reach::Transitive);
    view.limit = 2;
    let mut query = RelatedQuery::new(&on.users, vec![user.id.clone()], view);
    let mut met = BTreeMap::new();
    for _ in 0..groups.len() {
        let page = on.related(&query).remove(0);
        assert!(page.edges.len() <= 2);
        for edge in page.edges {
            assert!(met.insert(edge.id.clone(), edge.path).is_none(), "each once");
        }
        if page.next.is_none() {
            break;
        }
        query.after = page.next;
    }
    assert_eq!(met.len(), groups.len());
    let direct: Vec<_> = met.iter().filter(|(_, path)| **path == EdgePath::Direct).collect();
    assert_eq!(direct.len(), 1);
    assert!(met.get(&groups[0].id) == Some(&EdgePath::Direct));
}
