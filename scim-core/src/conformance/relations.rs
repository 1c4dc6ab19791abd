//! S3, S8, S16 to S18: edges.

use std::collections::BTreeSet;

use super::fixture::{ALL, Fixture, deletion, failure, ids, sorted, sorted_ids, targets};
use crate::{
    query::{Reach, Side},
    resource::ResourceId,
    schema::ResourceType,
    store::{
        Delta, EdgePath, Effect, IdSource, Key, Projection, RelatedQuery, StoreErrorKind, Target,
        UnknownTargets, Write,
    },
};

fn set(keys: &[&Key]) -> Vec<ResourceId> {
    sorted(ids(keys))
}

pub(super) fn edges_form_a_set(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let group = on.insert(on.group("Guides", &[&users[0], &users[0]]));
    assert_eq!(on.members_of(&group), set(&[&users[0]]));
    let add = Delta::Add(targets(&[&users[0], &users[1], &users[1]]));
    assert_eq!(on.change(on.change_members(&group, add.clone())).effect, Effect::Changed);
    assert_eq!(on.change(on.change_members(&group, add)).effect, Effect::Unchanged);
    assert_eq!(on.members_of(&group), set(&[&users[0], &users[1]]));
    assert_eq!(on.groups_of(&users[1]), set(&[&group]));
}

pub(super) fn removing_what_is_absent_has_no_effect(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let group = on.insert(on.group("Guides", &[&users[0]]));
    let absent = vec![users[1].id.clone(), ResourceId::fresh(), "no such id".into()];
    let written = on.change(on.change_members(&group, Delta::Remove(absent)));
    assert_eq!(written.effect, Effect::Unchanged);
    assert_eq!(on.members_of(&group), set(&[&users[0]]));
}

pub(super) fn replacing_by_the_same_has_no_effect(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let group = on.insert(on.group("Guides", &[&users[0], &users[1]]));
    let same = Delta::Replace(targets(&[&users[1], &users[0], &users[1]]));
    assert_eq!(on.change(on.change_members(&group, same)).effect, Effect::Unchanged);
    assert_eq!(on.members_of(&group), set(&[&users[0], &users[1]]));
}

pub(super) fn clearing_nothing_has_no_effect(on: &Fixture) {
    let user = on.insert_user("a");
    let group = on.insert(on.group("Guides", &[]));
    for delta in [Delta::Clear, Delta::Replace(Vec::new())] {
        assert_eq!(on.change(on.change_members(&group, delta)).effect, Effect::Unchanged);
    }
    on.change(on.change_members(&group, Delta::Add(targets(&[&user]))));
    assert_eq!(on.change(on.change_members(&group, Delta::Clear)).effect, Effect::Changed);
    assert_eq!(on.change(on.change_members(&group, Delta::Clear)).effect, Effect::Unchanged);
    on.change(on.change_members(&group, Delta::Add(targets(&[&user]))));
    on.change(on.change_members(&group, Delta::Remove(ids(&[&user]))));
    assert_eq!(on.change(on.change_members(&group, Delta::Clear)).effect, Effect::Unchanged);
}

pub(super) fn an_unknown_target_is_refused_by_name(on: &Fixture) {
    let user = on.insert_user("a");
    let group = on.insert(on.group("Guides", &[&user]));
    let before = on.meta(&group);
    let nobody = Key::new(&on.users, ResourceId::fresh());
    let unknown =
        StoreErrorKind::UnknownTarget { relation: on.members.clone(), target: nobody.id.clone() };
    for delta in [Delta::Add(targets(&[&user, &nobody])), Delta::Replace(targets(&[&nobody]))] {
        let failed = failure(on.write_one(Write::Change(on.change_members(&group, delta))));
        assert_eq!(failed, (unknown.clone(), Some(0)));
    }
    let insert = on.write_one(Write::Insert(on.group("Other", &[&nobody])));
    assert_eq!(failure(insert), (unknown, Some(0)));
    assert_eq!(on.meta(&group), before);
    assert_eq!(on.members_of(&group), set(&[&user]));
    assert_eq!(on.all(&on.groups).len(), 1);
}

pub(super) fn an_unknown_target_is_skipped_and_reported(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let nobody = Key::new(&on.users, ResourceId::fresh());
    let skipping = |delta| {
        let mut delta = on.delta(delta);
        delta.unknown = UnknownTargets::Skip;
        delta
    };
    let mut insert = on.group("Guides", &[]);
    insert.relations.push(skipping(Delta::Add(targets(&[&nobody, &users[0]]))));
    let written = on.write_one(Write::Insert(insert)).expect("the unknown one is skipped");
    assert_eq!(written.skipped, ids(&[&nobody]));
    let group = Key::new(&on.groups, written.id);
    assert_eq!(on.members_of(&group), set(&[&users[0]]));
    let change = |delta| {
        let mut change = on.change_members(&group, Delta::Clear);
        change.relations = vec![skipping(delta)];
        on.change(change)
    };
    let nothing = change(Delta::Add(targets(&[&nobody])));
    assert_eq!((nothing.effect, nothing.skipped), (Effect::Unchanged, ids(&[&nobody])));
    let replaced = change(Delta::Replace(targets(&[&users[1], &nobody])));
    assert_eq!((replaced.effect, replaced.skipped), (Effect::Changed, ids(&[&nobody])));
    assert_eq!(on.members_of(&group), set(&[&users[1]]));
    on.delete(&users[0]);
    let gone = change(Delta::Add(targets(&[&users[0]])));
    assert_eq!((gone.effect, gone.skipped), (Effect::Unchanged, ids(&[&users[0]])));
}

pub(super) fn a_target_of_another_type_than_named_is_unknown(on: &Fixture) {
    let user = on.insert_user("a");
    let group = on.insert(on.group("Guides", &[]));
    let named = |resource_type: &std::sync::Arc<ResourceType>| {
        let target = Target { id: user.id.clone(), resource_type: Some(resource_type.clone()) };
        Write::Change(on.change_members(&group, Delta::Add(vec![target])))
    };
    let (kind, entry) = failure(on.write_one(named(&on.groups)));
    assert!(matches!(kind, StoreErrorKind::UnknownTarget { .. }), "{kind:?}");
    assert_eq!(entry, Some(0));
    on.write_one(named(&on.users)).expect("the target is a user");
    assert_eq!(on.members_of(&group), set(&[&user]));
}

pub(super) fn a_target_may_come_later_in_the_batch(on: &Fixture) {
    let user = on.user("a");
    let group = on.group("Guides", &[&user.key]);
    let written = on
        .write(vec![Write::Insert(group), Write::Insert(user)])
        .expect("the target is there at the end");
    let group = Key::new(&on.groups, written[0].id.clone());
    let user = Key::new(&on.users, written[1].id.clone());
    assert!(written[0].skipped.is_empty());
    assert_eq!(on.members_of(&group), set(&[&user]));
    assert_eq!(on.groups_of(&user), set(&[&group]));
    let mut later = on.user("b");
    if on.ids == IdSource::Engine {
        later.key.id = ResourceId::fresh();
        let mut join = on.change_members(&group, Delta::Add(targets(&[&later.key])));
        join.relations[0].unknown = UnknownTargets::Skip;
        let key = later.key.clone();
        let batch = vec![Write::Change(join), Write::Insert(later)];
        let written = on.write(batch).expect("the target is there at the end");
        assert!(written[0].skipped.is_empty());
        assert_eq!(on.members_of(&group), set(&[&user, &key]));
    }
}

pub(super) fn sources_may_point_at_each_other(on: &Fixture) {
    let mut one = on.group("One", &[]);
    let two = on.group("Two", &[&one.key]);
    one.relations.push(on.delta(Delta::Add(targets(&[&two.key, &one.key]))));
    let written =
        on.write(vec![Write::Insert(one), Write::Insert(two)]).expect("both are there at the end");
    let keys: Vec<_> = written.iter().map(|it| Key::new(&on.groups, it.id.clone())).collect();
    assert_eq!(on.members_of(&keys[0]), set(&[&keys[0], &keys[1]]));
    assert_eq!(on.members_of(&keys[1]), set(&[&keys[0]]));
    assert_eq!(on.groups_of(&keys[0]), set(&[&keys[0], &keys[1]]));
    on.delete(&keys[0]);
    assert!(on.members_of(&keys[1]).is_empty());
}

pub(super) fn a_target_that_the_batch_deletes_is_unknown(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let group = on.insert(on.group("Guides", &[&users[1]]));
    let add = Write::Change(on.change_members(&group, Delta::Add(targets(&[&users[0]]))));
    for batch in [vec![add.clone(), deletion(&users[0])], vec![deletion(&users[0]), add]] {
        let position = batch.iter().position(|it| matches!(it, Write::Change(_)));
        let (kind, entry) = failure(on.write(batch));
        assert!(matches!(kind, StoreErrorKind::UnknownTarget { .. }), "{kind:?}");
        assert_eq!(entry, position);
    }
    assert!(on.get(&users[0]).is_some());
    assert_eq!(on.members_of(&group), set(&[&users[1]]));
}

pub(super) fn deltas_apply_in_order(on: &Fixture) {
    let users = on.insert_users(&["a", "b", "c"]);
    let [a, b, c] = [&users[0], &users[1], &users[2]];
    let cases: [(Vec<Delta>, &[&Key]); 5] = [
        (vec![Delta::Add(targets(&[b, c])), Delta::Remove(ids(&[b]))], &[a, c]),
        (vec![Delta::Remove(ids(&[b])), Delta::Add(targets(&[b]))], &[a, b]),
        (vec![Delta::Clear, Delta::Add(targets(&[c]))], &[c]),
        (vec![Delta::Add(targets(&[c])), Delta::Clear], &[]),
        (vec![Delta::Replace(targets(&[b])), Delta::Add(targets(&[c]))], &[b, c]),
    ];
    for (number, (deltas, expected)) in cases.into_iter().enumerate() {
        let group = on.insert(on.group(&format!("Group {number}"), &[a]));
        let mut change = on.change_members(&group, Delta::Clear);
        change.relations = deltas.iter().map(|delta| on.delta(delta.clone())).collect();
        assert_eq!(on.change(change).effect, Effect::Changed, "{deltas:?}");
        assert_eq!(on.members_of(&group), set(expected), "{deltas:?}");
    }
}

pub(super) fn replace_leaves_exactly_the_new_edges(on: &Fixture) {
    let users = on.insert_users(&["a", "b", "c"]);
    let group = on.insert(on.group("Guides", &[&users[0], &users[1]]));
    let written =
        on.change(on.change_members(&group, Delta::Replace(targets(&[&users[2], &users[1]]))));
    assert_eq!(written.effect, Effect::Changed);
    assert_eq!(on.members_of(&group), set(&[&users[1], &users[2]]));
    assert!(on.groups_of(&users[0]).is_empty());
    assert_eq!(on.groups_of(&users[1]), set(&[&group]));
    assert_eq!(on.groups_of(&users[2]), set(&[&group]));
}

/// With more edges than a store may want to remove in one go.
pub(super) fn clear_leaves_nothing_and_takes_new_edges(on: &Fixture) {
    let users = (0..2500).map(|number| Write::Insert(on.user(&format!("user{number}"))));
    let users = on.write(users.collect()).expect("the batch is fine");
    let users: Vec<Key> = users.iter().map(|it| Key::new(&on.users, it.id.clone())).collect();
    let all: Vec<&Key> = users.iter().collect();
    let some = [all[0], all[1250], all[2499]];
    let group = on.insert(on.group("Guides", &all));
    for delta in [Delta::Clear, Delta::Replace(targets(&all[..1])), Delta::Replace(Vec::new())] {
        assert_eq!(on.members_of(&group).len(), users.len());
        let left = match &delta {
            Delta::Replace(targets) => &all[..targets.len()],
            _ => &[],
        };
        on.change(on.change_members(&group, delta));
        assert_eq!(on.members_of(&group), set(left));
        for user in some {
            let groups = if left.contains(&user) { set(&[&group]) } else { Vec::new() };
            assert_eq!(on.groups_of(user), groups);
        }
        on.change(on.change_members(&group, Delta::Add(targets(&all))));
    }
    for user in some {
        assert_eq!(on.groups_of(user), set(&[&group]));
    }
    on.delete(&group);
    for user in some {
        assert!(on.groups_of(user).is_empty());
    }
}

pub(super) fn edges_show_id_type_and_label_of_the_far_end(on: &Fixture) {
    let user = on.insert_user("a");
    let inner = on.insert(on.group("Inner", &[]));
    let outer = on.insert(on.group("Outer", &[&user, &inner]));
    let members = on.edges(&outer, Side::Targets, Reach::Direct).edges;
    let to_user = members.iter().find(|edge| edge.id == user.id).expect("the user is a member");
    assert_eq!((&to_user.resource_type, to_user.label.as_deref()), (&on.users, Some("a")));
    assert_eq!(to_user.path, EdgePath::Direct);
    let to_group = members.iter().find(|edge| edge.id == inner.id).expect("the group is a member");
    assert_eq!((&to_group.resource_type, to_group.label.as_deref()), (&on.groups, Some("Inner")));
    let values = serde_json::json!({"displayName": "Renamed"});
    let precondition = crate::store::Precondition::Exists;
    on.change(on.rewrite(&outer, precondition, values, &["displayName"]));
    let groups = on.edges(&user, Side::Sources, Reach::Direct).edges;
    assert_eq!(groups[0].label.as_deref(), Some("Renamed"));
    assert_eq!((&groups[0].id, &groups[0].resource_type), (&outer.id, &on.groups));
}

pub(super) fn edges_are_seen_from_both_ends(on: &Fixture) {
    let users = on.insert_users(&["a", "b"]);
    let one = on.insert(on.group("One", &[&users[0], &users[1]]));
    let two = on.insert(on.group("Two", &[&users[0], &one]));
    assert_eq!(on.groups_of(&users[0]), set(&[&one, &two]));
    assert_eq!(on.groups_of(&users[1]), set(&[&one]));
    assert_eq!(on.groups_of(&one), set(&[&two]));
    assert!(on.groups_of(&two).is_empty());
    on.change(on.change_members(&two, Delta::Remove(ids(&[&users[0]]))));
    assert_eq!(on.groups_of(&users[0]), set(&[&one]));
}

pub(super) fn projected_edges_stop_at_the_limit_and_go_on(on: &Fixture) {
    let users = on.insert_users(&["a", "b", "c", "d", "e"]);
    let all: Vec<&Key> = users.iter().collect();
    let group = on.insert(on.group("Guides", &all));
    let mut view = on.view(Side::Targets, Reach::Direct);
    view.limit = 2;
    let all_of_them = on.view(Side::Targets, Reach::Direct);
    let projection =
        Projection { relations: vec![view.clone(), all_of_them], ..Projection::default() };
    let mut resource = on.get_with(&group, &projection).expect("the group is there");
    assert_eq!(resource.relations.len(), 2, "one entry for each view");
    assert_eq!(sorted_ids(&resource.relations.remove(1)), set(&all));
    let mut page = resource.relations.remove(0);
    let mut met = Vec::new();
    loop {
        assert!(page.edges.len() <= 2);
        met.extend(page.edges.iter().map(|edge| edge.id.clone()));
        let Some(next) = page.next else { break };
        let mut query = RelatedQuery::new(&on.groups, vec![group.id.clone()], view.clone());
        query.after = Some(next);
        page = on.related(&query).remove(0);
        assert!(met.len() <= users.len(), "the walk does not end");
    }
    assert_eq!(met.len(), users.len(), "each once");
    assert_eq!(sorted(met), set(&all));
}

pub(super) fn the_walk_over_edges_survives_changes(on: &Fixture) {
    let users: Vec<Key> = (0..20).map(|it| on.insert_user(&format!("user{it}"))).collect();
    let all: Vec<&Key> = users.iter().collect();
    let group = on.insert(on.group("Guides", &all));
    let mut view = on.view(Side::Targets, Reach::Direct);
    view.limit = 3;
    let mut query = RelatedQuery::new(&on.groups, vec![group.id.clone()], view);
    let mut met = Vec::new();
    let mut removed = BTreeSet::new();
    for round in 0..ALL {
        let page = on.related(&query).remove(0);
        met.extend(page.edges.iter().map(|edge| edge.id.clone()));
        // The one the page ended with goes, and so does one that was not met yet.
        let last = page.edges.last().map(|edge| edge.id.clone());
        let ahead = users.iter().map(|key| key.id.clone()).find(|id| !met.contains(id));
        let gone: Vec<_> = last.into_iter().chain(ahead.filter(|_| round < 2)).collect();
        removed.extend(gone.iter().cloned());
        on.change(on.change_members(&group, Delta::Remove(gone)));
        let new = on.insert_user(&format!("new{round}"));
        on.change(on.change_members(&group, Delta::Add(targets(&[&new]))));
        if page.next.is_none() || round > 40 {
            break;
        }
        query.after = page.next;
    }
    let once: BTreeSet<_> = met.iter().collect();
    assert_eq!(once.len(), met.len(), "each once");
    for user in users.iter().filter(|user| !removed.contains(&user.id)) {
        assert!(once.contains(&user.id), "an edge that stayed was not met");
    }
}

pub(super) fn related_answers_for_each_source_in_order(on: &Fixture) {
    let users = on.insert_users(&["a", "b", "c"]);
    let one = on.insert(on.group("One", &[&users[0]]));
    let two = on.insert(on.group("Two", &[&users[0], &users[2]]));
    let nobody = ResourceId::fresh();
    let wanted =
        vec![users[2].id.clone(), nobody, users[0].id.clone(), one.id.clone(), users[1].id.clone()];
    let view = on.view(Side::Sources, Reach::Direct);
    let answers = on.related(&RelatedQuery::new(&on.users, wanted, view));
    let answers: Vec<_> = answers.iter().map(sorted_ids).collect();
    let expected = [set(&[&two]), Vec::new(), set(&[&one, &two]), Vec::new(), Vec::new()];
    assert_eq!(answers, expected);
}
