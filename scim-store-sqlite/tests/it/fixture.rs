//! Short words for writing and reading users and groups.

use std::sync::Arc;

use pollster::block_on;
use scim_core::query::{Reach, Side};
use scim_core::{
    Document, ResourceId,
    query::prepare,
    schema::{Registry, Relation, ResourceType},
    store::{
        Batch, Change, Claim, Delete, Delta, Hidden, Insert, Key, Precondition, Projection,
        RelatedQuery, RelationChange, RelationView, Resource, Scope, Store, StoreError,
        StoreErrorKind, Target, UnknownTargets, Write, Written,
    },
};
use scim_store_sqlite::SqliteStore;
use serde_json::{Value, json};

/// A store with the standard registry.
pub(crate) struct Fixture {
    pub(crate) store: SqliteStore,
    pub(crate) registry: Arc<Registry>,
}

impl Fixture {
    pub(crate) fn new(store: SqliteStore) -> Self {
        let registry = Registry::standard();
        store.attach(&registry).unwrap();
        Self { store, registry }
    }

    pub(crate) fn users(&self) -> &Arc<ResourceType> {
        self.registry.resource_type("User").unwrap()
    }

    pub(crate) fn groups(&self) -> &Arc<ResourceType> {
        self.registry.resource_type("Group").unwrap()
    }

    pub(crate) fn members(&self) -> Arc<Relation> {
        self.registry.relation("Group.members").unwrap().clone()
    }

    /// An insert of a user that claims its name.
    pub(crate) fn user(&self, values: &Value) -> Insert {
        let users = self.users();
        let document = Document::new(users, values.as_object().unwrap().clone());
        let mut insert = Insert::new(Key::new(users, ResourceId::fresh()), document);
        insert.claims.extend(self.claim(values["userName"].as_str().unwrap_or_default()));
        insert
    }

    pub(crate) fn claim(&self, user_name: &str) -> Option<Claim> {
        let attribute = self.users().attribute("userName").unwrap().clone();
        let value = prepare(&attribute, &json!(user_name))?;
        Some(Claim { attribute, value })
    }

    pub(crate) fn group(&self, name: &str, members: &[ResourceId]) -> Insert {
        let values = json!({ "displayName": name });
        let document = Document::new(self.groups(), values.as_object().unwrap().clone());
        let mut insert = Insert::new(Key::new(self.groups(), ResourceId::fresh()), document);
        let targets = members.iter().cloned().map(Target::from).collect();
        insert.relations.push(self.delta(Delta::Add(targets)));
        insert
    }

    pub(crate) fn delta(&self, delta: Delta) -> RelationChange {
        RelationChange { relation: self.members(), delta, unknown: UnknownTargets::Refuse }
    }

    pub(crate) fn change(&self, group: &ResourceId, delta: Delta) -> Change {
        let key = Key::new(self.groups(), group.clone());
        let mut change = Change::new(key, Precondition::Exists);
        change.relations.push(self.delta(delta));
        change
    }

    pub(crate) fn insert(&self, insert: Insert) -> Result<Written, StoreError> {
        self.write(Write::Insert(insert))
    }

    pub(crate) fn delete(&self, resource_type: &Arc<ResourceType>, id: &ResourceId) -> Written {
        let key = Key::new(resource_type, id.clone());
        self.write(Write::Delete(Delete { key, precondition: Precondition::Exists })).unwrap()
    }

    pub(crate) fn write(&self, write: Write) -> Result<Written, StoreError> {
        let written = block_on(self.store.write(&Scope::default(), Batch::from(write)))?;
        Ok(written.into_iter().next().unwrap())
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Resource> {
        let projection = Projection { hidden: Hidden::Load, relations: Vec::new() };
        block_on(self.store.get(&Scope::default(), key, &projection)).unwrap()
    }

    /// Ids of the members of a group.
    pub(crate) fn member_ids(&self, group: &ResourceId) -> Vec<ResourceId> {
        let view = RelationView {
            relation: self.members(),
            side: Side::Targets,
            reach: Reach::Direct,
            limit: usize::MAX,
        };
        let query = RelatedQuery::new(self.groups(), vec![group.clone()], view);
        let related = block_on(self.store.related(&Scope::default(), &query)).unwrap();
        related.into_iter().flat_map(|it| it.edges).map(|edge| edge.id).collect()
    }
}

/// Whether a write was refused for this reason.
pub(crate) fn is(outcome: &Result<Written, StoreError>, kind: &StoreErrorKind) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind() == kind)
}
