//! What hosts with habits of their own can make of lists, PATCH answers and required relations.

use std::{
    sync::{Arc, Mutex},
    thread,
};

use async_trait::async_trait;
use http::Method;
use scim_core::{
    AskedList, Behaviour, Caller, Mapping, Object, PatchAnswers, Policy, Proposal, ScimError,
    ScimType,
    conformance::{Proxied, Proxy},
    schema::{Registry, RelationDefinition, ResourceType, ResourceTypeDefinition, builtin},
    store::{
        Batch, Change, Delta, Key, Precondition, Projection, RelationChange, Resource, Scope,
        Store, StoreError, UnknownTargets, Write,
    },
};
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

use crate::endpoint::{Endpoint, GROUP, USER};

/// Sorts nothing, answers no filter with two terms and keeps what a PUT leaves out.
#[derive(Debug)]
struct House;

#[async_trait]
impl Policy for House {
    async fn review_list(
        &self,
        _: &Caller<'_>,
        resource_types: &[Arc<ResourceType>],
        list: &mut AskedList,
    ) -> Result<(), ScimError> {
        assert!(!resource_types.is_empty());
        list.sort_by = None;
        match list.filter {
            Some(scim_filter::Filter::And(_)) => {
                Err(ScimError::new(ScimType::InvalidFilter, "one term only"))
            }
            _ => Ok(()),
        }
    }

    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        if proposal.method != Method::PUT {
            return Ok(());
        }
        let title = proposal.before().and_then(|it| it.get("title")).cloned();
        if let (Some(after), Some(title)) = (proposal.after_mut(), title) {
            after.entry("title").or_insert(title);
        }
        Ok(())
    }
}

impl Mapping for House {
    fn outgoing_list(&self, _: &Caller<'_>, listed: &[&ResourceType], message: &mut Object) {
        message.insert("of".to_owned(), listed.iter().map(|it| it.name()).collect());
        message.remove("schemas");
    }

    fn rewrites_answers(&self, resource_type: &ResourceType) -> bool {
        resource_type.name() == "Group"
    }
}

#[test]
fn a_policy_amends_and_refuses_lists() {
    let scim = Endpoint::with(|builder| builder.policy(House));
    scim.user("a");
    let unknown = scim.get("/Users?sortBy=nothing").expect(200).json();
    assert_eq!(unknown["totalResults"], 1);
    scim.get("/Users?filter=userName+eq+%22a%22+and+title+pr").expect_error(400, "invalidFilter");
    scim.get("/?filter=userName+eq+%22a%22").expect(200);
}

#[test]
fn a_policy_knows_what_was_asked_for() {
    let scim = Endpoint::with(|builder| builder.policy(House));
    let user = json!({"schemas": [USER], "userName": "a", "title": "Dr"});
    let path = format!("/Users/{}", scim.post("/Users", user).expect(201).id());
    let put = scim.put(&path, json!({"schemas": [USER], "userName": "b"})).expect(200).json();
    assert_eq!(put["title"], "Dr");
    let patched = scim.patch(&path, json!([{"op": "remove", "path": "title"}])).expect(200).json();
    assert_eq!(patched["title"], Value::Null);
}

#[test]
fn a_mapping_rewrites_the_message_of_a_list() {
    let scim = Endpoint::with(|builder| builder.mapping(House));
    scim.post("/Groups", json!({"schemas": [GROUP], "displayName": "g"})).expect(201);
    let groups = scim.get("/Groups").expect(200).json();
    assert_eq!((&groups["of"], &groups["schemas"]), (&json!(["Group"]), &Value::Null));
    assert_eq!(groups["Resources"][0]["displayName"], "g");
    let users = scim.get("/Users").expect(200).json();
    assert_eq!((&users["of"], users["schemas"].is_array()), (&Value::Null, true));
}

#[test]
fn every_patch_is_answered_in_full_where_that_is_asked_for() {
    let mut behaviour = Behaviour::default();
    behaviour.patch_answers = PatchAnswers::InFull;
    assert_eq!(
        "patch-answers-200".parse(),
        Ok(scim_core::ClientProfile::default().patch_answers(PatchAnswers::InFull,))
    );
    let scim = Endpoint::with(|builder| builder.behaviour(behaviour));
    let user = scim.user("a");
    let group = scim.group("g", &[]);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": user}]}]);
    let answer = scim.patch(&format!("/Groups/{group}"), add).expect(200).json();
    assert_eq!(answer["members"][0]["value"], user);
}

/// Groups that have a member always.
pub(crate) fn never_empty() -> Arc<Registry> {
    let mut group = builtin::group();
    group.attribute_mut("members").unwrap().required = true;
    Registry::builder()
        .schema(builtin::user())
        .schema(group)
        .resource_type(ResourceTypeDefinition::new("User", USER))
        .resource_type(
            ResourceTypeDefinition::new("Group", GROUP)
                .relation(RelationDefinition::new("members", ["User"])),
        )
        .build()
        .unwrap()
}

/// A store in which another client writes after the first look at edges.
#[derive(Debug, Default)]
struct Meanwhile(MemoryStore, Mutex<Option<Batch>>);

#[async_trait]
impl Proxy for Meanwhile {
    type Store = MemoryStore;

    fn store(&self) -> &MemoryStore {
        &self.0
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        let found = self.0.get(scope, key, projection).await?;
        let looks_at_edges = !projection.relations.is_empty();
        let batch = looks_at_edges.then(|| self.1.lock().unwrap().take()).flatten();
        if let Some(batch) = batch {
            self.0.write(scope, batch).await?;
        }
        Ok(found)
    }
}

#[test]
fn of_two_required_relations_neither_is_emptied_by_a_race() {
    let mut group = builtin::group();
    let members = group.attribute_mut("members").unwrap();
    members.required = true;
    let mut owners = members.clone();
    owners.name = "owners".to_owned();
    group.attributes.push(owners);
    let relation = |name| RelationDefinition::new(name, ["User"]);
    let group = Registry::builder()
        .schema(builtin::user())
        .schema(group)
        .resource_type(ResourceTypeDefinition::new("User", USER))
        .resource_type(
            ResourceTypeDefinition::new("Group", GROUP)
                .relation(relation("members"))
                .relation(relation("owners")),
        );
    let registry = group.build().unwrap();
    let store = Arc::new(Proxied(Meanwhile::default()));
    let scim = Endpoint::over(store.clone(), |builder| builder.registry(registry.clone()));
    let ids = [scim.user("a"), scim.user("b")];
    let both = json!([{"value": ids[0]}, {"value": ids[1]}]);
    let body = json!({"schemas": [GROUP], "displayName": "g", "members": both, "owners": both});
    let id = scim.post("/Groups", body).expect(201).id();

    let group = registry.resource_type("Group").unwrap();
    let mut change = Change::new(Key::new(group, &*id), Precondition::Exists);
    change.relations.push(RelationChange {
        relation: group.relations()[0].clone(),
        delta: Delta::Remove(vec![(&*ids[1]).into()]),
        unknown: UnknownTargets::Refuse,
    });
    *store.0.1.lock().unwrap() = Some(Write::Change(change).into());
    let remove = |from| json!({"op": "remove", "path": format!("{from}[value eq \"{}\"]", ids[0])});
    let path = format!("/Groups/{id}");
    scim.patch(&path, json!([remove("members"), remove("owners")])).expect_error(400, "mutability");
    let left = scim.get(&path).json();
    let counts = ["members", "owners"].map(|name| left[name].as_array().unwrap().len());
    assert_eq!(counts, [1, 2]);
}

#[test]
fn a_required_relation_is_never_emptied() {
    let scim = Endpoint::with(|builder| builder.registry(never_empty()));
    let (a, b) = (scim.user("a"), scim.user("b"));
    scim.post("/Groups", json!({"schemas": [GROUP], "displayName": "g"}))
        .expect_error(400, "invalidValue");
    let path = format!("/Groups/{}", scim.group("g", &[&a]));
    let remove = |id: &str| json!({"op": "remove", "path": "members", "value": [{"value": id}]});
    let add = |id: &str| json!({"op": "add", "path": "members", "value": [{"value": id}]});

    scim.patch(&path, json!([remove(&a)])).expect_error(400, "mutability");
    scim.patch(&path, json!([add(&b), remove(&a), remove(&b)])).expect_error(400, "mutability");
    scim.patch(&path, json!([{"op": "remove", "path": "members[type eq \"User\"]"}]))
        .expect_error(400, "mutability");
    // A member that is not there may be removed, and one may take the place of another.
    scim.patch(&path, json!([remove(&b)])).expect(204);
    scim.patch(&path, json!([remove(&a), add(&b)])).expect(204);
    let tag = scim.get(&path).expect(200).header("etag").to_owned();
    scim.patch(&path, json!([add(&a)])).expect(204);
    // The client's own condition still holds.
    let operations = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [remove(&a)],
    });
    let stale = scim.request(Method::PATCH, &path, &[("if-match", &tag)], operations);
    stale.expect_error(412, "");
    scim.patch("/Groups/nothing", json!([remove(&a)])).expect_error(404, "");
}

#[test]
fn two_that_remove_one_member_each_leave_one() {
    for _ in 0..20 {
        let scim = Endpoint::with(|builder| builder.registry(never_empty()));
        let (a, b) = (scim.user("a"), scim.user("b"));
        let path = format!("/Groups/{}", scim.group("g", &[&a, &b]));
        let remove = |id: &str| {
            let operation = json!({"op": "remove", "path": "members", "value": [{"value": id}]});
            scim.patch(&path, json!([operation])).status.as_u16()
        };
        let mut statuses = thread::scope(|scope| {
            let other = scope.spawn(|| remove(&b));
            [remove(&a), other.join().unwrap()]
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 400]);
        assert_eq!(scim.get(&path).json()["members"].as_array().unwrap().len(), 1);
    }
}
