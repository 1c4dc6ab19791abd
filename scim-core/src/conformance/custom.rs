//! S5, S17, S20: resource types and relations of the application's own.
//!
//! A store that serves only certain types refuses the others in `attach` with
//! [`Unsupported`](StoreErrorKind::Unsupported); then there is nothing to prove here.

use std::sync::Arc;

use serde_json::json;

use super::{
    fixture::{ALL, Fixture, deletion, document, failure, sorted, sorted_ids, targets},
    wait::wait,
};
use crate::{
    query::{Predicate, Reach, RelatedTerm, RelatedTest, Side, prepare},
    resource::ResourceId,
    schema::{
        Attribute, AttributeDefinition, AttributeType, Registry, Relation, RelationDefinition,
        ResourceTypeDefinition, Returned, SchemaDefinition, Uniqueness, builtin,
    },
    store::{
        Change, Claim, Delta, Insert, Key, Precondition, Projection, Query, RelatedQuery,
        RelationChange, RelationView, StoreErrorKind, UnknownTargets, Write,
    },
};

const PROJECT: &str = "urn:example:params:scim:schemas:Project";

/// A project has `staff`, which are users, and `parts`, which are projects.
struct Projects<'a> {
    on: &'a Fixture,
    registry: Arc<Registry>,
}

impl<'a> Projects<'a> {
    fn new(on: &'a Fixture) -> Option<Self> {
        let references = |name| {
            let value = AttributeDefinition::new("value", AttributeType::String);
            AttributeDefinition::new(name, AttributeType::Complex)
                .multi_valued()
                .sub_attributes([value])
        };
        let name = AttributeDefinition::new("name", AttributeType::String);
        let code = AttributeDefinition::new("code", AttributeType::String);
        let code = code.unique(Uniqueness::Server);
        let registry = Registry::builder()
            .standard()
            .schema(SchemaDefinition::new(
                PROJECT,
                [name, code, references("staff"), references("parts")],
            ))
            .resource_type(
                ResourceTypeDefinition::new("Project", PROJECT)
                    .relation(RelationDefinition::new("staff", ["User"]))
                    .relation(RelationDefinition::new("parts", ["Project"])),
            )
            .build()
            .expect("the definitions are in order");
        match on.store.attach(&registry) {
            Ok(_) => Some(Self { on, registry }),
            Err(error) => {
                assert!(matches!(error.kind(), StoreErrorKind::Unsupported(_)), "{error:?}");
                None
            }
        }
    }

    fn relation(&self, name: &str) -> Arc<Relation> {
        self.registry.relation(name).cloned().expect("the relation is defined")
    }

    fn insert(&self, name: &str) -> Key {
        let projects = self.registry.resource_type("Project").expect("the type is defined");
        let document = document(projects, json!({ "name": name }));
        self.on.insert(Insert::new(Key::new(projects, ResourceId::fresh()), document))
    }

    /// A project with a code, which it claims.
    fn coded(&self, code: &str) -> Insert {
        let projects = self.registry.resource_type("Project").expect("the type is defined");
        let document = document(projects, json!({ "code": code }));
        let mut insert = Insert::new(Key::new(projects, ResourceId::fresh()), document);
        let attribute = self.on.attribute(projects, "code");
        let value = prepare(&attribute, &json!(code)).expect("a code has a comparable form");
        insert.claims = vec![Claim { attribute, value }];
        insert
    }

    fn change(&self, project: &Key, relation: &str, delta: Delta) -> Change {
        let mut change = Change::new(project.clone(), Precondition::Exists);
        let (relation, unknown) = (self.relation(relation), UnknownTargets::Refuse);
        change.relations = vec![RelationChange { relation, delta, unknown }];
        change
    }

    fn add(&self, project: &Key, relation: &str, members: &[&Key]) {
        self.on.change(self.change(project, relation, Delta::Add(targets(members))));
    }

    fn view(&self, relation: &str, side: Side) -> RelationView {
        RelationView { relation: self.relation(relation), side, reach: Reach::Direct, limit: ALL }
    }

    /// Ids at the far ends of the edges of a resource.
    fn ends(&self, key: &Key, relation: &str, side: Side) -> Vec<ResourceId> {
        let view = self.view(relation, side);
        let query = RelatedQuery::new(&key.resource_type, vec![key.id.clone()], view);
        sorted_ids(&self.on.related(&query)[0])
    }
}

fn set(keys: &[&Key]) -> Vec<ResourceId> {
    sorted(keys.iter().map(|key| key.id.clone()).collect())
}

pub(super) fn relations_of_one_type_do_not_mix(on: &Fixture) {
    let Some(projects) = Projects::new(on) else { return };
    let user = on.insert_user("a");
    let (whole, part) = (projects.insert("Whole"), projects.insert("Part"));
    let group = on.insert(on.group("Guides", &[&user]));
    projects.add(&whole, "Project.staff", &[&user]);
    projects.add(&whole, "Project.parts", &[&part, &whole]);
    assert_eq!(projects.ends(&whole, "Project.staff", Side::Targets), set(&[&user]));
    assert_eq!(projects.ends(&whole, "Project.parts", Side::Targets), set(&[&part, &whole]));
    assert_eq!(projects.ends(&user, "Project.staff", Side::Sources), set(&[&whole]));
    assert_eq!(on.groups_of(&user), set(&[&group]));
    on.change(projects.change(&whole, "Project.parts", Delta::Clear));
    let views = ["Project.staff", "Project.parts"].map(|it| projects.view(it, Side::Targets));
    let projection = Projection { relations: views.to_vec(), ..Projection::default() };
    let resource = on.get_with(&whole, &projection).expect("the project is there");
    let counts: Vec<_> = resource.relations.iter().map(|it| it.edges.len()).collect();
    assert_eq!(counts, [1, 0]);
    on.change(on.change_members(&group, Delta::Clear));
    assert_eq!(projects.ends(&user, "Project.staff", Side::Sources), set(&[&whole]));
}

pub(super) fn a_registry_that_lacks_a_type_takes_nothing_from_it(on: &Fixture) {
    let Some(projects) = Projects::new(on) else { return };
    let user = on.insert_user("a");
    let project = on.insert(projects.coded("one"));
    projects.add(&project, "Project.staff", &[&user]);
    // A second server over the store.
    if let Err(error) = on.store.attach(&Registry::standard()) {
        assert!(matches!(error.kind(), StoreErrorKind::Unsupported(_)), "{error:?}");
        return;
    }
    assert_eq!(projects.ends(&user, "Project.staff", Side::Sources), set(&[&project]));
    assert_eq!(projects.ends(&project, "Project.staff", Side::Targets), set(&[&user]));
    let other = on.insert(projects.coded("other"));
    for (code, holder) in [("one", &project), ("other", &other)] {
        let (kind, _) = failure(on.write_one(Write::Insert(projects.coded(code))));
        let holds =
            matches!(&kind, StoreErrorKind::Conflict { holder: it, .. } if *it == holder.id);
        assert!(holds, "{code}: {kind:?}");
    }
    // The first server is built anew.
    on.store.attach(&projects.registry).expect("the store has taken it before");
    let (kind, _) = failure(on.write_one(Write::Insert(projects.coded("other"))));
    assert!(matches!(kind, StoreErrorKind::Conflict { .. }), "{kind:?}");
    on.delete(&other);
    on.insert(projects.coded("other"));
}

/// The same store where `nickName` of users is defined otherwise, unless it refuses that.
fn with_nick_names(on: &Fixture, change: impl FnOnce(&mut AttributeDefinition)) -> Option<Fixture> {
    let mut user = builtin::user();
    change(user.attribute_mut("nickName").expect("users have nick names"));
    let registry = Registry::builder().standard().replace_schema(user).build();
    match Fixture::over(on.store.clone(), &registry.expect("the definitions are in order")) {
        Ok(fixture) => Some(fixture),
        Err(error) => {
            assert!(matches!(error.kind(), StoreErrorKind::Unsupported(_)), "{error:?}");
            None
        }
    }
}

pub(super) fn what_another_definition_hides_is_hidden(on: &Fixture) {
    let user = on.insert(on.user_with(json!({ "userName": "a", "nickName": "Babs" })));
    let Some(on) = with_nick_names(on, |it| it.returned = Returned::Never) else { return };
    let user = Key::new(&on.users, user.id.clone());
    let shown = on.get(&user).expect("the user is there").document;
    assert!(!shown.values().expect("the document is readable").contains_key("nickName"));
    assert_eq!(on.values(&user).get("nickName"), Some(&json!("Babs")));
}

pub(super) fn what_another_definition_makes_unique_is_claimed(on: &Fixture) {
    let user = on.insert(on.user_with(json!({ "userName": "a", "nickName": "Babs" })));
    // No schema asks for this one.
    let name = on.attribute(&on.groups, "displayName");
    let claim = |attribute: &Arc<Attribute>, value: &str| {
        let (attribute, value) = (attribute.clone(), prepare(attribute, &json!(value)));
        Claim { attribute, value: value.expect("the value has a comparable form") }
    };
    let named = |on: &Fixture| {
        let mut group = on.group("Guides", &[]);
        group.claims = vec![claim(&name, "Guides")];
        group
    };
    let group = on.insert(named(on));
    let unique = |it: &mut AttributeDefinition| it.uniqueness = Some(Uniqueness::Server);
    let Some(on) = with_nick_names(on, unique) else { return };
    let mut other = on.user_with(json!({ "userName": "b", "nickName": "BABS" }));
    other.claims.push(claim(&on.attribute(&on.users, "nickName"), "BABS"));
    for (insert, expected) in [(other, &user), (named(&on), &group)] {
        let (kind, _) = failure(on.write_one(Write::Insert(insert)));
        let StoreErrorKind::Conflict { holder, .. } = kind else { panic!("{kind:?}") };
        assert_eq!(holder, expected.id);
    }
}

const PASS: &str = "urn:example:params:scim:schemas:extension:Pass";

/// The standard registry where users have an extension with a secret and a unique value.
fn with_passes() -> Arc<Registry> {
    let ssn = AttributeDefinition::new("ssn", AttributeType::String).returned(Returned::Never);
    let badge = AttributeDefinition::new("badge", AttributeType::String);
    let user = ResourceTypeDefinition::new("User", builtin::user().id);
    Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(PASS, [ssn, badge.unique(Uniqueness::Server)]))
        .replace_resource_type(user.extension(PASS))
        .build()
        .expect("the definitions are in order")
}

pub(super) fn the_same_type_without_its_extension_shows_and_frees_nothing(on: &Fixture) {
    let with_passes = with_passes();
    let passes = match Fixture::over(on.store.clone(), &with_passes) {
        Ok(passes) => passes,
        Err(error) => {
            assert!(matches!(error.kind(), StoreErrorKind::Unsupported(_)), "{error:?}");
            return;
        }
    };
    let badge = passes.attribute(&passes.users, &format!("{PASS}:badge"));
    let with_badge = |name: &str| {
        let pass = json!({ "ssn": "078-05-1120", "badge": "7" });
        let mut insert = passes.user_with(json!({ "userName": name, PASS: pass }));
        let value = prepare(&badge, &json!("7")).expect("a badge has a comparable form");
        insert.claims.push(Claim { attribute: badge.clone(), value });
        insert
    };
    let user = passes.insert(with_badge("a"));
    // A server whose users have no such extension.
    on.store.attach(&Registry::standard()).expect("the store has taken it before");
    for key in [&user, &Key::new(&on.users, user.id.clone())] {
        let shown = on.get(key).expect("the user is there").document;
        assert!(!String::from_utf8_lossy(shown.visible()).contains("078-05-1120"));
    }
    assert_eq!(passes.values(&user)[PASS]["ssn"], "078-05-1120");
    let is_taken = || {
        let (kind, _) = failure(on.write_one(Write::Insert(with_badge("b"))));
        let holds = matches!(&kind, StoreErrorKind::Conflict { holder, .. } if *holder == user.id);
        assert!(holds, "{kind:?}");
    };
    is_taken();
    on.store.attach(&with_passes).expect("the store has taken it before");
    is_taken();
    on.delete(&user);
    on.insert(with_badge("b"));
}

pub(super) fn a_target_of_a_type_that_the_relation_refuses_is_unknown(on: &Fixture) {
    let Some(projects) = Projects::new(on) else { return };
    let user = on.insert_user("a");
    let (project, other) = (projects.insert("One"), projects.insert("Other"));
    for (relation, target) in [("Project.staff", &other), ("Project.parts", &user)] {
        let change = projects.change(&project, relation, Delta::Add(targets(&[target])));
        let unknown = StoreErrorKind::UnknownTarget {
            relation: projects.relation(relation),
            target: target.id.clone(),
        };
        assert_eq!(failure(on.write_one(Write::Change(change))), (unknown, Some(0)));
    }
}

pub(super) fn deleting_a_target_moves_sources_of_every_relation(on: &Fixture) {
    let Some(projects) = Projects::new(on) else { return };
    let user = on.insert_user("a");
    let project = projects.insert("One");
    let group = on.insert(on.group("Guides", &[&user]));
    projects.add(&project, "Project.staff", &[&user]);
    let before = (on.meta(&project).version, on.meta(&group).version);
    on.write_one(deletion(&user)).expect("the delete is fine");
    assert_ne!(on.meta(&project).version, before.0);
    assert_ne!(on.meta(&group).version, before.1);
    assert!(projects.ends(&project, "Project.staff", Side::Targets).is_empty());
}

pub(super) fn resources_of_all_types_are_told_apart(on: &Fixture) {
    let Some(projects) = Projects::new(on) else { return };
    let user = on.insert_user("a");
    let (whole, part) = (projects.insert("Whole"), projects.insert("Part"));
    projects.add(&whole, "Project.parts", &[&part]);
    projects.add(&part, "Project.staff", &[&user]);
    let mut query = Query::new(&whole.resource_type, 10);
    query.filter = Some(Predicate::Related(RelatedTerm {
        relation: projects.relation("Project.staff"),
        side: Side::Targets,
        reach: Reach::Direct,
        test: RelatedTest::Id(user.id.clone()),
    }));
    let page = wait(on.store.query(&on.scope, &query)).expect("the store answers");
    if page.residual.is_empty() {
        let found: Vec<_> = page.resources.iter().map(|it| it.id.clone()).collect();
        assert_eq!(found, set(&[&part]));
    }
    assert_eq!(on.all(&on.users).len(), 1);
    assert!(on.all(&on.groups).is_empty());
    assert!(on.get(&Key::new(&on.users, whole.id.clone())).is_none());
}
