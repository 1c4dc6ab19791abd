//! S3 to S5, S9: filters select what `query::eval` says, and pages show what was asked for.

use serde_json::json;

use super::{
    fixture::{Fixture, ids, sorted},
    wait::wait,
};
use crate::{
    query::{Operator, Predicate, Reach, RelatedTerm, RelatedTest, Side},
    resource::ResourceId,
    store::{Delta, Hidden, Key, Precondition, Query},
};

fn not(predicate: Predicate) -> Predicate {
    Predicate::Not(Box::new(predicate))
}

/// Asserts that exactly these users match.
fn assert_users(on: &Fixture, filter: Predicate, expected: &[&Key]) {
    let found = on.users_where(filter.clone());
    assert_eq!(sorted(found), sorted(ids(expected)), "{filter:?}");
}

pub(super) fn a_query_concerns_one_type(on: &Fixture) {
    let user = on.insert_user("a");
    let group = on.insert(on.group("Guides", &[&user]));
    assert_eq!(on.users_where(Predicate::Constant(true)), ids(&[&user]));
    assert_eq!(on.groups_where(Predicate::Constant(true)), ids(&[&group]));
    assert!(on.users_where(Predicate::Constant(false)).is_empty());
    let other_type = on.compare("id", Operator::Equal, json!(group.id.as_str()));
    assert!(on.users_where(other_type).is_empty());
}

pub(super) fn a_lookup_finds_the_one(on: &Fixture) {
    let users: Vec<Key> = (0..30)
        .map(|number| {
            on.insert(on.user_with(json!({
                "userName": format!("User{number}"),
                "externalId": format!("Ext{number}"),
                "emails": [{"value": format!("u{number}@example.com"), "type": "work"}],
            })))
        })
        .collect();
    for (path, operand, expected) in [
        ("userName", "user7", Some(7)),
        ("externalId", "Ext7", Some(7)),
        ("externalId", "ext7", None),
        ("emails.value", "U7@Example.com", Some(7)),
        ("userName", "user77", None),
    ] {
        let expected: Vec<&Key> =
            expected.map(|number: usize| &users[number]).into_iter().collect();
        assert_users(on, on.compare(path, Operator::Equal, json!(operand)), &expected);
    }
    let name = on.compare("userName", Operator::Equal, json!("user7"));
    let other = on.compare("externalId", Operator::Equal, json!("Ext8"));
    assert_users(on, Predicate::And(vec![name.clone(), other.clone()]), &[]);
    assert_users(on, Predicate::Or(vec![name, other]), &[&users[7], &users[8]]);
}

pub(super) fn every_operator_selects_as_eval_does(on: &Fixture) {
    for (name, nick) in [("anna", "A"), ("Annabel", "ab"), ("bob", "Éa"), ("b%b", "e\u{301}A")] {
        on.insert(on.user_with(json!({
            "userName": name, "displayName": name, "nickName": nick, "active": name == "bob",
        })));
    }
    on.insert_user("nothing-else");
    let all = on.all(&on.users);
    let operators = [
        Operator::Equal,
        Operator::Contains,
        Operator::StartsWith,
        Operator::EndsWith,
        Operator::Greater,
        Operator::GreaterOrEqual,
        Operator::Less,
        Operator::LessOrEqual,
    ];
    let operands = ["anna", "ANNA", "b", "%", "_", "éA", "", "zz", "annabel", "a"];
    for operator in operators {
        for path in ["userName", "displayName", "nickName"] {
            for operand in operands.iter().filter(|it| path != "userName" || !it.is_empty()) {
                let filter = on.compare(path, operator, json!(operand));
                let expected: Vec<ResourceId> = all
                    .iter()
                    .filter(|resource| on.matches(Some(&filter), resource))
                    .map(|resource| resource.id.clone())
                    .collect();
                let found = on.users_where(filter.clone());
                assert_eq!(sorted(found), sorted(expected), "{filter:?}");
            }
        }
    }
    assert_eq!(on.users_where(on.compare("active", Operator::Equal, json!(true))).len(), 1);
    assert_eq!(on.users_where(on.compare("active", Operator::Equal, json!(false))).len(), 3);
}

pub(super) fn conditions_on_one_element_hold_for_the_same_element(on: &Fixture) {
    let crossed = on.insert(on.user_with(json!({"userName": "a", "emails": [
        {"value": "a@work.example", "type": "home"}, {"value": "a@home.example", "type": "work"}]})));
    let straight = on.insert(on.user_with(json!({"userName": "b", "emails": [
        {"value": "b@work.example", "type": "work"}]})));
    let emails = on.attribute(&on.users, "emails");
    let work = on.compare("emails.type", Operator::Equal, json!("work"));
    let at_work = on.compare("emails.value", Operator::Contains, json!("@work"));
    let both = Predicate::And(vec![work.clone(), at_work.clone()]);
    assert_users(on, both.clone(), &[&crossed, &straight]);
    assert_users(on, Predicate::Element(emails.clone(), Box::new(both)), &[&straight]);
    let home = Predicate::And(vec![not(work), at_work]);
    assert_users(on, Predicate::Element(emails.clone(), Box::new(home)), &[&crossed]);
    let value = on.compare("emails.value", Operator::Equal, json!("B@WORK.example"));
    assert_users(on, Predicate::Element(emails, Box::new(value)), &[&straight]);
}

pub(super) fn negation_and_absence(on: &Fixture) {
    let with = on.insert(on.user_with(json!({"userName": "a", "title": "Guide"})));
    let without = on.insert_user("b");
    let title = on.compare("title", Operator::Equal, json!("guide"));
    let present = Predicate::Present(on.attribute(&on.users, "title"));
    assert_users(on, title.clone(), &[&with]);
    assert_users(on, not(title.clone()), &[&without]);
    assert_users(on, not(not(title.clone())), &[&with]);
    assert_users(on, present.clone(), &[&with]);
    assert_users(on, not(present.clone()), &[&without]);
    assert_users(on, Predicate::And(vec![not(title.clone()), present]), &[]);
    let name = on.compare("userName", Operator::Equal, json!("a"));
    assert_users(on, not(Predicate::And(vec![name.clone(), title.clone()])), &[&without]);
    assert_users(on, not(Predicate::Or(vec![name, not(title)])), &[]);
    assert_users(on, Predicate::And(Vec::new()), &[&with, &without]);
    assert_users(on, Predicate::Or(Vec::new()), &[]);
}

pub(super) fn an_explanation_tells_the_residual_and_every_term(on: &Fixture) {
    on.insert_user("a");
    let by_name = on.compare("userName", Operator::Equal, json!("a"));
    let by_title = on.compare("title", Operator::Contains, json!("b"));
    for filter in [
        by_name.clone(),
        by_title.clone(),
        Predicate::And(vec![by_name.clone(), by_title.clone()]),
        Predicate::Or(vec![by_name.clone(), not(by_title.clone())]),
        Predicate::Constant(true),
    ] {
        let mut query = Query::new(&on.users, 10);
        query.filter = Some(filter.clone());
        let explanation = wait(on.store.explain(&on.scope, &query)).expect("an explanation");
        let answered = wait(on.store.query(&on.scope, &query)).expect("a page");
        assert_eq!(explanation.residual, answered.residual, "{filter:?}");
        let left = explanation.residual.filter.iter().flat_map(Predicate::terms);
        let told = explanation.indexed.iter().chain(&explanation.checked).chain(left);
        let told: Vec<_> = told.collect();
        let terms = filter.terms();
        assert_eq!(told.len(), terms.len(), "{filter:?}: {explanation}");
        assert!(terms.iter().all(|term| told.contains(term)), "{filter:?}: {explanation}");
        assert!(!explanation.to_string().contains("\"a\""), "{explanation}");
    }
}

pub(super) fn id_and_meta_can_be_filtered(on: &Fixture) {
    let first = on.insert_user("a");
    let second = on.insert_user("b");
    let id = json!(first.id.as_str());
    assert_users(on, on.compare("id", Operator::Equal, id.clone()), &[&first]);
    assert_users(on, not(on.compare("id", Operator::Equal, id)), &[&second]);
    on.change(on.rename(&first, Precondition::Exists, "a", "c"));
    let modified = json!(on.meta(&first).last_modified.to_string());
    let since = |operator| on.compare("meta.lastModified", operator, modified.clone());
    assert_users(on, since(Operator::GreaterOrEqual), &[&first]);
    assert_users(on, since(Operator::Greater), &[]);
    assert_users(on, since(Operator::Equal), &[&first]);
    assert_users(on, since(Operator::Less), &[&second]);
    let created = json!(on.meta(&first).created.to_string());
    let before = on.compare("meta.created", Operator::LessOrEqual, created);
    assert!(on.users_where(before).contains(&first.id));
    assert_users(on, Predicate::Present(on.attribute(&on.users, "id")), &[&first, &second]);
}

pub(super) fn ids_at_the_ends_of_edges_compare_case_exactly(on: &Fixture) {
    let mut insert = on.user("member");
    insert.key.id = ResourceId::from("Mixed-Case");
    let user = on.insert(insert);
    let group = on.insert(on.group("Guides", &[&user]));
    let id = user.id.as_str();
    let other = if id == id.to_lowercase() { id.to_uppercase() } else { id.to_lowercase() };
    let is_user = on.compare_in(&on.groups, "members.type", Operator::Equal, json!("User"));
    for reach in [Reach::Direct, Reach::Transitive] {
        for (id, expected) in [(id, vec![group.id.clone()]), (&*other, Vec::new())] {
            let value = on.compare_in(&on.groups, "members.value", Operator::Equal, json!(id));
            let inner = Box::new(Predicate::And(vec![is_user.clone(), value]));
            let (relation, side, test) =
                (on.members.clone(), Side::Targets, RelatedTest::Matches(inner));
            let term = Predicate::Related(RelatedTerm { relation, side, reach, test });
            // As what is looked up, and as what is checked where something else is.
            let by_id = on.compare_in(&on.groups, "id", Operator::Equal, json!(&*group.id));
            let both = Predicate::And(vec![by_id, term.clone()]);
            assert_eq!(on.groups_where(term), expected, "{id} {reach:?}");
            assert_eq!(on.groups_where(both), expected, "{id} {reach:?}");
        }
    }
}

pub(super) fn edges_can_be_filtered(on: &Fixture) {
    let users: Vec<Key> = on.insert_users(&["a", "b", "c"]);
    let [a, b, c] = [&users[0], &users[1], &users[2]];
    let one = on.insert(on.group("One", &[a, b]));
    let two = on.insert(on.group("Two", &[&one]));
    let empty = on.insert(on.group("Empty", &[]));
    let term = |side, reach, test| {
        Predicate::Related(RelatedTerm { relation: on.members.clone(), side, reach, test })
    };
    let has = |side, reach, key: &Key| term(side, reach, RelatedTest::Id(key.id.clone()));
    let groups = |filter: Predicate| sorted(on.groups_where(filter));
    let (direct, transitive) = (Reach::Direct, Reach::Transitive);
    assert_eq!(groups(has(Side::Targets, direct, a)), sorted(ids(&[&one])));
    assert_eq!(groups(has(Side::Targets, transitive, a)), sorted(ids(&[&one, &two])));
    assert_eq!(groups(not(has(Side::Targets, direct, a))), sorted(ids(&[&two, &empty])));
    assert_eq!(groups(term(Side::Targets, direct, RelatedTest::Any)), sorted(ids(&[&one, &two])));
    assert_users(on, has(Side::Sources, direct, &one), &[a, b]);
    assert_users(on, has(Side::Sources, direct, &two), &[]);
    assert_users(on, has(Side::Sources, transitive, &two), &[a, b]);
    assert_users(on, not(term(Side::Sources, direct, RelatedTest::Any)), &[c]);
    let nobody = RelatedTest::Id(ResourceId::fresh());
    assert_users(on, term(Side::Sources, direct, nobody), &[]);
    let named = |value| on.compare("groups.display", Operator::Equal, json!(value));
    let matching =
        |reach, value| term(Side::Sources, reach, RelatedTest::Matches(Box::new(named(value))));
    assert_users(on, matching(direct, "one"), &[a, b]);
    assert_users(on, matching(direct, "two"), &[]);
    assert_users(on, matching(transitive, "two"), &[a, b]);
    let kind = on.compare_in(&on.groups, "members.type", Operator::Equal, json!("Group"));
    let of_kind = term(Side::Targets, direct, RelatedTest::Matches(Box::new(kind)));
    assert_eq!(groups(of_kind), ids(&[&two]));
    let id = on.compare_in(&on.groups, "id", Operator::Equal, json!(one.id.as_str()));
    let both = |member| Predicate::And(vec![id.clone(), has(Side::Targets, direct, member)]);
    assert_eq!(groups(both(a)), ids(&[&one]));
    assert!(groups(both(c)).is_empty());
    on.change(on.change_members(&one, Delta::Clear));
    assert_users(on, has(Side::Sources, direct, &one), &[]);
}

pub(super) fn hidden_values_can_be_filtered(on: &Fixture) {
    // Which attributes may be filtered is for the engine to decide; a store sees all of them.
    let user = on.insert(on.user_with(json!({"userName": "a", "password": "t1meMa$heen"})));
    on.insert_user("b");
    assert_users(on, Predicate::Present(on.attribute(&on.users, "password")), &[&user]);
}

pub(super) fn a_change_is_found_by_its_new_values_alone(on: &Fixture) {
    let user = on.insert(on.user_with(json!({
        "userName": "old", "displayName": "Old", "emails": [{"value": "old@example.com"}],
    })));
    let mut change = on.rename(&user, Precondition::Exists, "old", "new");
    let rewritten = on.rewrite(
        &user,
        Precondition::Exists,
        json!({"userName": "new", "displayName": "New", "emails": [{"value": "new@example.com"}]}),
        &["userName", "displayName", "emails"],
    );
    if let (Some(document), Some(other)) = (&mut change.document, rewritten.document) {
        document.after = other.after;
        document.changed = other.changed;
    }
    on.change(change);
    for path in ["userName", "displayName", "emails.value"] {
        let suffix = if path == "emails.value" { "@example.com" } else { "" };
        let equal = |value| on.compare(path, Operator::Equal, json!(format!("{value}{suffix}")));
        assert_users(on, equal("old"), &[]);
        assert_users(on, equal("new"), &[&user]);
    }
}

pub(super) fn a_page_loads_the_hidden_part_only_when_asked_for(on: &Fixture) {
    on.insert(on.user_with(json!({"userName": "a", "password": "t1meMa$heen"})));
    let mut query = Query::new(&on.users, 10);
    let shown = on.page(&query).resources;
    assert!(!String::from_utf8_lossy(shown[0].document.visible()).contains("t1me"));
    assert!(shown[0].document.hidden().is_empty(), "nobody asked for it");
    query.projection.hidden = Hidden::Load;
    let whole = on.page(&query).resources.remove(0);
    let values = whole.document.into_values().expect("the document is as it was written");
    assert_eq!(values.get("password"), Some(&json!("t1meMa$heen")));
}

pub(super) fn a_page_projects_edges(on: &Fixture) {
    let user = on.insert_user("a");
    let groups = ["One", "Two", "Three"].map(|name| on.insert(on.group(name, &[&user])));
    let mut query = Query::new(&on.groups, 10);
    query.projection.relations =
        vec![on.view(Side::Sources, Reach::Direct), on.view(Side::Targets, Reach::Direct)];
    let page = on.page(&query).resources;
    assert_eq!(page.len(), groups.len());
    for resource in page {
        assert_eq!(resource.relations.len(), 2, "one entry for each view, in order");
        assert!(resource.relations[0].edges.is_empty());
        assert_eq!(resource.relations[1].edges[0].id, user.id);
    }
}
