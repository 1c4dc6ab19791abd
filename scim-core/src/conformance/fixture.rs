//! A store with a registry attached, and short words for what the cases do with it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::wait::wait;
use crate::{
    query::{Comparison, Operator, Predicate, Reach, Side, prepare},
    resource::{Document, Meta, Object, ResourceId},
    schema::{Attribute, Registry, Relation, ResourceType},
    store::{
        Batch, Change, Claim, Delete, Delta, DocumentChange, Hidden, IdSource, Insert, Key,
        Precondition, Projection, Related, RelatedQuery, RelationChange, RelationView, Resource,
        Scope, Store, StoreError, StoreErrorKind, Target, Tenant, UnknownTargets, Write, Written,
    },
};

/// More edges than any case makes.
pub(super) const ALL: usize = 100_000;

/// A store under test, seen by one tenant.
#[derive(Clone, Debug)]
pub(super) struct Fixture {
    pub(super) store: Arc<dyn Store>,
    pub(super) scope: Scope,
    /// Who chooses ids.
    pub(super) ids: IdSource,
    pub(super) users: Arc<ResourceType>,
    pub(super) groups: Arc<ResourceType>,
    /// `Group.members`
    pub(super) members: Arc<Relation>,
}

impl Fixture {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self::over(store, &Registry::standard()).expect("the store takes the standard registry")
    }

    /// The store attached to a registry with users and groups.
    pub(super) fn over(
        store: Arc<dyn Store>,
        registry: &Arc<Registry>,
    ) -> Result<Self, StoreError> {
        let capabilities = store.attach(registry)?;
        let type_named =
            |name| registry.resource_type(name).cloned().expect("the standard registry has it");
        Ok(Self {
            store,
            scope: Scope::default(),
            ids: capabilities.ids,
            users: type_named("User"),
            groups: type_named("Group"),
            members: registry.relation("Group.members").cloned().expect("groups have members"),
        })
    }

    /// The same store seen by another tenant.
    pub(super) fn as_tenant(&self, name: &str) -> Self {
        Self { scope: Scope::new(Tenant::new(name)), ..self.clone() }
    }

    // What to write.

    /// A user with this name and no other attribute.
    pub(super) fn user(&self, name: &str) -> Insert {
        self.user_with(json!({ "userName": name }))
    }

    /// A user with these attributes, which claims its `userName`.
    pub(super) fn user_with(&self, values: Value) -> Insert {
        let document = document(&self.users, values);
        let mut insert = Insert::new(Key::new(&self.users, ResourceId::fresh()), document);
        let name = text_of(&insert.document, "userName");
        insert.claims = name.iter().map(|name| self.user_name(name)).collect();
        insert.label = text_of(&insert.document, "displayName").or(name).map(Into::into);
        insert
    }

    /// A group with this `displayName` and these members.
    pub(super) fn group(&self, name: &str, members: &[&Key]) -> Insert {
        let document = document(&self.groups, json!({ "displayName": name }));
        let mut insert = Insert::new(Key::new(&self.groups, ResourceId::fresh()), document);
        insert.label = Some(name.into());
        if !members.is_empty() {
            insert.relations.push(self.delta(Delta::Add(targets(members))));
        }
        insert
    }

    /// A claim of a `userName`.
    pub(super) fn user_name(&self, name: &str) -> Claim {
        let attribute = self.attribute(&self.users, "userName");
        let value = prepare(&attribute, &json!(name)).expect("a user name has a comparable form");
        Claim { attribute, value }
    }

    /// A change of a user from one name to another, with the claims that go with it.
    pub(super) fn rename(
        &self,
        user: &Key,
        precondition: Precondition,
        from: &str,
        to: &str,
    ) -> Change {
        let values = json!({ "userName": to });
        let mut change = self.rewrite(user, precondition, values, &["userName"]);
        if let Some(document) = &mut change.document {
            document.releases = vec![self.user_name(from)];
            document.claims = vec![self.user_name(to)];
        }
        change
    }

    /// A new document for a resource, without a change of claims.
    pub(super) fn rewrite(
        &self,
        key: &Key,
        precondition: Precondition,
        values: Value,
        changed: &[&str],
    ) -> Change {
        let resource_type = &key.resource_type;
        let changed = changed.iter().map(|path| self.attribute(resource_type, path)).collect();
        let mut document = DocumentChange::new(document(resource_type, values), changed);
        document.label = text_of(&document.after, "displayName")
            .or_else(|| text_of(&document.after, "userName"))
            .map(Into::into);
        let mut change = Change::new(key.clone(), precondition);
        change.document = Some(document);
        change
    }

    /// A change of the members of a group.
    pub(super) fn change_members(&self, group: &Key, delta: Delta) -> Change {
        let mut change = Change::new(group.clone(), Precondition::Exists);
        change.relations.push(self.delta(delta));
        change
    }

    /// A change of members that refuses unknown ones.
    pub(super) fn delta(&self, delta: Delta) -> RelationChange {
        RelationChange { relation: self.members.clone(), delta, unknown: UnknownTargets::Refuse }
    }

    // Writing.

    pub(super) fn write(&self, entries: Vec<Write>) -> Result<Vec<Written>, StoreError> {
        self.write_batch(Batch::new(entries))
    }

    pub(super) fn write_batch(&self, batch: Batch) -> Result<Vec<Written>, StoreError> {
        let entries = batch.entries.len();
        let written = wait(self.store.write(&self.scope, batch))?;
        assert_eq!(written.len(), entries, "one answer for each entry");
        Ok(written)
    }

    /// Writes one entry.
    pub(super) fn write_one(&self, entry: Write) -> Result<Written, StoreError> {
        self.write(vec![entry]).map(|mut written| written.remove(0))
    }

    /// Inserts and answers with the key that the resource got.
    pub(super) fn insert(&self, insert: Insert) -> Key {
        let resource_type = insert.key.resource_type.clone();
        let written = self.write_one(Write::Insert(insert)).expect("the insert is fine");
        Key::new(&resource_type, written.id)
    }

    pub(super) fn insert_user(&self, name: &str) -> Key {
        self.insert(self.user(name))
    }

    pub(super) fn insert_users(&self, names: &[&str]) -> Vec<Key> {
        names.iter().map(|name| self.insert_user(name)).collect()
    }

    /// Makes a change that must succeed.
    pub(super) fn change(&self, change: Change) -> Written {
        self.write_one(Write::Change(change)).expect("the change is fine")
    }

    pub(super) fn delete(&self, key: &Key) -> Written {
        self.write_one(deletion(key)).expect("the delete is fine")
    }

    // Reading.

    pub(super) fn get(&self, key: &Key) -> Option<Resource> {
        self.get_with(key, &Projection::default())
    }

    pub(super) fn get_with(&self, key: &Key, projection: &Projection) -> Option<Resource> {
        wait(self.store.get(&self.scope, key, projection)).expect("the store answers")
    }

    pub(super) fn meta(&self, key: &Key) -> Meta {
        self.get(key).expect("the resource is there").meta
    }

    /// All values of a resource, visible and hidden.
    pub(super) fn values(&self, key: &Key) -> Object {
        let projection = Projection { hidden: Hidden::Load, relations: Vec::new() };
        let resource = self.get_with(key, &projection).expect("the resource is there");
        resource.document.into_values().expect("the document is as it was written")
    }

    pub(super) fn related(&self, query: &RelatedQuery) -> Vec<Related> {
        let answers = wait(self.store.related(&self.scope, query)).expect("the store answers");
        assert_eq!(answers.len(), query.ids.len(), "one answer for each source");
        answers
    }

    /// A view of the members, or of the groups, of a resource.
    pub(super) fn view(&self, side: Side, reach: Reach) -> RelationView {
        RelationView { relation: self.members.clone(), side, reach, limit: ALL }
    }

    /// All edges of a resource in one view.
    pub(super) fn edges(&self, key: &Key, side: Side, reach: Reach) -> Related {
        let view = self.view(side, reach);
        let ids = vec![key.id.clone()];
        self.related(&RelatedQuery::new(&key.resource_type, ids, view)).remove(0)
    }

    /// Ids of the direct members of a group, sorted.
    pub(super) fn members_of(&self, group: &Key) -> Vec<ResourceId> {
        sorted_ids(&self.edges(group, Side::Targets, Reach::Direct))
    }

    /// Ids of the groups that a resource is a direct member of, sorted.
    pub(super) fn groups_of(&self, member: &Key) -> Vec<ResourceId> {
        sorted_ids(&self.edges(member, Side::Sources, Reach::Direct))
    }

    // Naming.

    pub(super) fn attribute(&self, resource_type: &ResourceType, path: &str) -> Arc<Attribute> {
        let attribute = resource_type.attribute_at(path).cloned();
        attribute.unwrap_or_else(|| panic!("the type has no attribute `{path}`"))
    }

    /// A comparison of an attribute of a user.
    pub(super) fn compare(&self, path: &str, operator: Operator, operand: Value) -> Predicate {
        self.compare_in(&self.users, path, operator, operand)
    }

    pub(super) fn compare_in(
        &self,
        resource_type: &ResourceType,
        path: &str,
        operator: Operator,
        operand: Value,
    ) -> Predicate {
        let attribute = self.attribute(resource_type, path);
        let operand = prepare(&attribute, &operand).expect("the operand has a comparable form");
        Predicate::Compare(Comparison { attribute, operator, operand })
    }
}

/// A delete of whatever is there.
pub(super) fn deletion(key: &Key) -> Write {
    Write::Delete(Delete { key: key.clone(), precondition: Precondition::Exists })
}

pub(super) fn targets(keys: &[&Key]) -> Vec<Target> {
    keys.iter().map(|key| Target::from(key.id.clone())).collect()
}

pub(super) fn ids(keys: &[&Key]) -> Vec<ResourceId> {
    keys.iter().map(|key| key.id.clone()).collect()
}

/// The ids of these resources in the order of their text, to compare sets.
pub(super) fn sorted(mut ids: Vec<ResourceId>) -> Vec<ResourceId> {
    ids.sort();
    ids
}

pub(super) fn sorted_ids(related: &Related) -> Vec<ResourceId> {
    assert_eq!(related.next, None, "all edges fit");
    sorted(related.edges.iter().map(|edge| edge.id.clone()).collect())
}

/// What kind of failure it was, and of which entry.
pub(super) fn failure<T>(outcome: Result<T, StoreError>) -> (StoreErrorKind, Option<usize>) {
    match outcome {
        Ok(_) => panic!("the write should have failed"),
        Err(error) => (error.kind().clone(), error.entry()),
    }
}

/// A document with these values and the `schemas` that they use.
pub(super) fn document(resource_type: &ResourceType, values: Value) -> Document {
    let Value::Object(values) = values else { panic!("a document is an object") };
    Document::composed(resource_type, values)
}

fn text_of(document: &Document, name: &str) -> Option<String> {
    let values = document.values().expect("the document is made of values");
    values.get(name).and_then(Value::as_str).map(str::to_owned)
}
