//! What a store should do, on plain maps.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fixture::Fixture;
use crate::{
    resource::{Document, Meta, ResourceId, Revision, Timestamp, Version},
    store::{
        Batch, Change, Delete, Delta, Effect, Insert, Key, Precondition, RelationChange,
        StoreErrorKind, Target, UnknownTargets, Write,
    },
};

/// Users and groups by id, and the edges from groups to members.
#[derive(Clone, Debug)]
pub(super) struct Model {
    on: Fixture,
    pub(super) resources: BTreeMap<ResourceId, Known>,
    pub(super) edges: BTreeSet<(ResourceId, ResourceId)>,
    /// The ids that are there when the running batch has succeeded.
    finally: BTreeSet<ResourceId>,
}

/// What the model knows of a resource.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Known {
    pub(super) key: Key,
    pub(super) name: String,
    /// The metadata that the store showed last.
    pub(super) meta: Meta,
    /// What the running batch did to it.
    moved: Moved,
}

/// What of the metadata must move.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Moved {
    is_new: bool,
    version: bool,
    revision: bool,
}

/// What an entry should come to.
#[derive(Debug, PartialEq)]
pub(super) struct Expected {
    pub(super) id: ResourceId,
    pub(super) effect: Effect,
    pub(super) skipped: Vec<ResourceId>,
}

/// What a batch should come to: one outcome for each entry, unless there are failures, of which
/// the store may report any. (Targets may be looked for entry by entry or after all other checks.)
#[derive(Debug, Default)]
pub(super) struct Forecast {
    pub(super) outcomes: Vec<Expected>,
    pub(super) failures: Vec<(StoreErrorKind, Option<usize>)>,
}

impl Model {
    pub(super) fn new(on: &Fixture) -> Self {
        let (resources, edges, finally) = Default::default();
        Self { on: on.clone(), resources, edges, finally }
    }

    /// Applies a batch as far as it goes.
    pub(super) fn apply(&mut self, batch: &Batch) -> Forecast {
        self.finally = self.ids_after(&batch.entries);
        let mut forecast = Forecast::default();
        for (position, entry) in batch.entries.iter().enumerate() {
            let mut refused = None;
            match self.write(entry, &mut refused) {
                Ok(outcome) => forecast.outcomes.push(outcome),
                Err(kind) => {
                    forecast.failures.push((kind, Some(position)));
                    break;
                }
            }
            forecast.failures.extend(refused.map(|kind| (kind, Some(position))));
        }
        forecast
    }

    /// Takes over the metadata that the store gave to what the batch touched.
    pub(super) fn settle(&mut self, now: Timestamp) {
        for known in self.resources.values_mut() {
            let meta = self.on.meta(&known.key);
            let Moved { is_new, version, revision } = std::mem::take(&mut known.moved);
            if is_new {
                assert_eq!(meta.created, now);
            } else {
                let before = &known.meta;
                assert_eq!(meta.created, before.created);
                assert_eq!(meta.version != before.version, version, "{known:?} {meta:?}");
                assert_eq!(meta.revision != before.revision, revision, "{known:?} {meta:?}");
                assert_eq!(meta.last_modified > before.last_modified, version);
                assert!(meta.last_modified >= before.last_modified);
            }
            known.meta = meta;
        }
    }

    fn ids_after(&self, entries: &[Write]) -> BTreeSet<ResourceId> {
        let mut ids: BTreeSet<_> = self.resources.keys().cloned().collect();
        for entry in entries {
            let id = &entry.key().id;
            match entry {
                Write::Insert(_) => drop(ids.insert(id.clone())),
                Write::Delete(_) => drop(ids.remove(id)),
                Write::Change(_) => {}
            }
        }
        ids
    }

    fn write(
        &mut self,
        entry: &Write,
        refused: &mut Option<StoreErrorKind>,
    ) -> Result<Expected, StoreErrorKind> {
        let id = entry.key().id.clone();
        let mut skipped = Vec::new();
        let effect = match entry {
            Write::Insert(insert) => self.insert(insert, refused, &mut skipped),
            Write::Change(change) => self.change(change, refused, &mut skipped),
            Write::Delete(delete) => self.delete(delete),
        }?;
        Ok(Expected { id, effect, skipped })
    }

    fn insert(
        &mut self,
        insert: &Insert,
        refused: &mut Option<StoreErrorKind>,
        skipped: &mut Vec<ResourceId>,
    ) -> Result<Effect, StoreErrorKind> {
        let name = name_of(&insert.document);
        self.check_name(&insert.key, &name)?;
        let moved = Moved { is_new: true, ..Moved::default() };
        let known = Known { key: insert.key.clone(), name, meta: unknown_meta(), moved };
        self.resources.insert(insert.key.id.clone(), known);
        self.relate(&insert.key.id, &insert.relations, refused, skipped);
        Ok(Effect::Inserted)
    }

    fn change(
        &mut self,
        change: &Change,
        refused: &mut Option<StoreErrorKind>,
        skipped: &mut Vec<ResourceId>,
    ) -> Result<Effect, StoreErrorKind> {
        self.check(&change.key, &change.precondition)?;
        if let Some(document) = &change.document {
            let name = name_of(&document.after);
            self.check_name(&change.key, &name)?;
            if let Some(known) = self.resources.get_mut(&change.key.id) {
                known.name = name;
                known.moved.revision = true;
            }
        }
        let related = self.relate(&change.key.id, &change.relations, refused, skipped);
        if related || change.document.is_some() {
            self.touch(&change.key.id);
            return Ok(Effect::Changed);
        }
        Ok(Effect::Unchanged)
    }

    fn delete(&mut self, delete: &Delete) -> Result<Effect, StoreErrorKind> {
        self.check(&delete.key, &delete.precondition)?;
        let gone = &delete.key.id;
        self.resources.remove(gone);
        let (lost, kept) = std::mem::take(&mut self.edges)
            .into_iter()
            .partition(|(source, target)| source == gone || target == gone);
        self.edges = kept;
        let lost: BTreeSet<(ResourceId, ResourceId)> = lost;
        lost.iter().for_each(|(source, _)| self.touch(source));
        Ok(Effect::Deleted)
    }

    fn touch(&mut self, id: &ResourceId) {
        if let Some(known) = self.resources.get_mut(id) {
            known.moved.version = true;
        }
    }

    fn check(&self, key: &Key, precondition: &Precondition) -> Result<(), StoreErrorKind> {
        let known = self.resources.get(&key.id).filter(|known| known.key == *key);
        let known = known.ok_or(StoreErrorKind::NotFound)?;
        let (versions, revision) = match precondition {
            Precondition::Exists => (None, None),
            Precondition::Version(versions) => (Some(versions), None),
            Precondition::Document(revision) => (None, Some(revision)),
            Precondition::VersionAndDocument(versions, revision) => {
                (Some(versions), Some(revision))
            }
        };
        // A version that an earlier entry of the batch gave is not known to anybody yet.
        let Moved { is_new, version, revision: rewritten } = known.moved;
        let is_version = |it: &Version| !is_new && !version && *it == known.meta.version;
        if versions.is_some_and(|versions| !versions.iter().any(is_version)) {
            return Err(StoreErrorKind::VersionMismatch);
        }
        let is_revision = |it: &Revision| !is_new && !rewritten && *it == known.meta.revision;
        if revision.is_some_and(|revision| !is_revision(revision)) {
            return Err(StoreErrorKind::Stale);
        }
        Ok(())
    }

    fn check_name(&self, key: &Key, name: &str) -> Result<(), StoreErrorKind> {
        let is_user = |known: &&Known| known.key.resource_type == self.on.users;
        let holder = self.resources.values().filter(is_user).find(|known| known.name == name);
        match holder {
            Some(holder) if key.resource_type == self.on.users && holder.key != *key => {
                let attribute = self.on.attribute(&self.on.users, "userName");
                Err(StoreErrorKind::Conflict { attribute, holder: holder.key.id.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Applies changes of edges and says whether any had an effect.
    fn relate(
        &mut self,
        source: &ResourceId,
        changes: &[RelationChange],
        refused: &mut Option<StoreErrorKind>,
        skipped: &mut Vec<ResourceId>,
    ) -> bool {
        let mut effective = false;
        for change in changes {
            let is_own = |edge: &&(ResourceId, ResourceId)| edge.0 == *source;
            let before: BTreeSet<_> =
                self.edges.iter().filter(is_own).map(|edge| edge.1.clone()).collect();
            let mut after = before.clone();
            match &change.delta {
                Delta::Clear => after.clear(),
                Delta::Remove(ids) => after.retain(|target| !ids.contains(target)),
                Delta::Add(targets) => after.extend(self.known(change, targets, refused, skipped)),
                Delta::Replace(targets) => after = self.known(change, targets, refused, skipped),
            }
            effective |= before != after || refused.is_some();
            self.edges.retain(|edge| edge.0 != *source);
            self.edges.extend(after.into_iter().map(|target| (source.clone(), target)));
        }
        effective
    }

    /// Those of the targets that are there at the end.
    fn known(
        &self,
        change: &RelationChange,
        targets: &[Target],
        refused: &mut Option<StoreErrorKind>,
        skipped: &mut Vec<ResourceId>,
    ) -> BTreeSet<ResourceId> {
        let ids = targets.iter().map(|target| target.id.clone());
        let (known, unknown): (Vec<_>, Vec<_>) = ids.partition(|id| self.finally.contains(id));
        match change.unknown {
            UnknownTargets::Skip => skipped.extend(unknown),
            UnknownTargets::Refuse => {
                let relation = &change.relation;
                let kind =
                    |target| StoreErrorKind::UnknownTarget { relation: relation.clone(), target };
                *refused = refused.take().or(unknown.into_iter().next().map(kind));
            }
        }
        known.into_iter().collect()
    }
}

/// Metadata that no resource has.
pub(super) fn unknown_meta() -> Meta {
    let never = Timestamp::from_micros(0);
    Meta {
        version: Version::new("none"),
        revision: Revision::new("none"),
        created: never,
        last_modified: never,
    }
}

/// The `userName` of a user, the `displayName` of a group.
pub(super) fn name_of(document: &Document) -> String {
    let values = document.values().expect("the document is readable");
    let name = values.get("userName").or(values.get("displayName"));
    name.and_then(Value::as_str).unwrap_or_default().to_owned()
}
