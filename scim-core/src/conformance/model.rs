//! S10 to S20 at once: random batches on the store and on a plain map.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{
    fixture::{Fixture, sorted},
    random::Random,
};
use crate::{
    query::{Reach, Side},
    resource::{Meta, ResourceId, Revision, Timestamp, Version},
    store::{
        Batch, Delete, Delta, Effect, IdSource, Key, Precondition, RelationChange, StoreErrorKind,
        Target, UnknownTargets, Write, Written,
    },
};

const STEPS: usize = 250;
const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

pub(super) fn random_batches_do_as_the_model_does(on: &Fixture) {
    if on.ids == IdSource::Store {
        // The model predicts edges between new resources by ids that such a store would replace.
        return;
    }
    let mut script = Script { on, random: Random::new(), model: Model::default() };
    for _ in 0..STEPS {
        let entries = script.entries();
        script.step(entries);
        script.assert_equal();
    }
}

/// What the model knows of a resource.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    key: Key,
    name: String,
    /// The metadata that the store showed last.
    meta: Meta,
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

#[derive(Clone, Debug, Default)]
struct Model {
    resources: BTreeMap<ResourceId, Known>,
    edges: BTreeSet<(ResourceId, ResourceId)>,
}

/// What an entry should come to.
#[derive(Debug, PartialEq)]
struct Expected {
    id: ResourceId,
    effect: Effect,
    skipped: Vec<ResourceId>,
}

impl Model {
    fn apply(
        &mut self,
        on: &Fixture,
        entry: &Write,
        finally: &BTreeSet<ResourceId>,
    ) -> Result<Expected, StoreErrorKind> {
        let mut expected =
            Expected { id: entry.key().id.clone(), effect: Effect::Changed, skipped: Vec::new() };
        match entry {
            Write::Insert(insert) => {
                let name = name_of(&insert.document);
                self.check_name(on, &insert.key, &name)?;
                let moved = Moved { is_new: true, ..Moved::default() };
                let known = Known { key: insert.key.clone(), name, meta: unknown_meta(), moved };
                self.resources.insert(insert.key.id.clone(), known);
                self.relate(on, &insert.key.id, &insert.relations, finally, &mut expected)?;
                expected.effect = Effect::Inserted;
            }
            Write::Change(change) => {
                self.check(&change.key, &change.precondition)?;
                if let Some(document) = &change.document {
                    let name = name_of(&document.after);
                    self.check_name(on, &change.key, &name)?;
                    if let Some(known) = self.resources.get_mut(&change.key.id) {
                        known.name = name;
                        known.moved.revision = true;
                    }
                }
                let related =
                    self.relate(on, &change.key.id, &change.relations, finally, &mut expected)?;
                let effective = related || change.document.is_some();
                expected.effect = if effective { Effect::Changed } else { Effect::Unchanged };
                if effective {
                    self.touch(&change.key.id);
                }
            }
            Write::Delete(delete) => {
                self.check(&delete.key, &delete.precondition)?;
                let gone = &delete.key.id;
                self.resources.remove(gone);
                let touched: Vec<_> =
                    self.edges.iter().filter(|(_, target)| target == gone).cloned().collect();
                touched.iter().for_each(|(source, _)| self.touch(source));
                self.edges.retain(|(source, target)| source != gone && target != gone);
                expected.effect = Effect::Deleted;
            }
        }
        Ok(expected)
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

    fn check_name(&self, on: &Fixture, key: &Key, name: &str) -> Result<(), StoreErrorKind> {
        let is_user = |known: &&Known| known.key.resource_type == on.users;
        let holder = self.resources.values().filter(is_user).find(|known| known.name == name);
        match holder {
            Some(holder) if key.resource_type == on.users && holder.key != *key => {
                let attribute = on.attribute(&on.users, "userName");
                Err(StoreErrorKind::Conflict { attribute, holder: holder.key.id.clone() })
            }
            _ => Ok(()),
        }
    }

    fn relate(
        &mut self,
        on: &Fixture,
        source: &ResourceId,
        changes: &[RelationChange],
        finally: &BTreeSet<ResourceId>,
        expected: &mut Expected,
    ) -> Result<bool, StoreErrorKind> {
        let mut effective = false;
        for change in changes {
            let before: BTreeSet<_> =
                self.edges.iter().filter(|edge| edge.0 == *source).cloned().collect();
            let mut after = before.clone();
            match &change.delta {
                Delta::Clear => after.clear(),
                Delta::Remove(ids) => after.retain(|(_, target)| !ids.contains(target)),
                Delta::Add(targets) | Delta::Replace(targets) => {
                    if matches!(change.delta, Delta::Replace(_)) {
                        after.clear();
                    }
                    for Target { id, .. } in targets {
                        match (finally.contains(id), change.unknown) {
                            (true, _) => {
                                after.insert((source.clone(), id.clone()));
                            }
                            (false, UnknownTargets::Skip) => expected.skipped.push(id.clone()),
                            (false, UnknownTargets::Refuse) => {
                                let relation = on.members.clone();
                                let target = id.clone();
                                return Err(StoreErrorKind::UnknownTarget { relation, target });
                            }
                        }
                    }
                }
            }
            effective |= before != after;
            self.edges.retain(|edge| edge.0 != *source);
            self.edges.extend(after);
        }
        Ok(effective)
    }

    /// Takes over the metadata that the store gave to what the batch touched.
    fn settle(&mut self, on: &Fixture, now: Timestamp) {
        for known in self.resources.values_mut() {
            let meta = on.meta(&known.key);
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
}

/// What the entries of a batch so far will have done.
#[derive(Debug, Default)]
struct Draft {
    coming: Vec<Key>,
    names: BTreeMap<ResourceId, &'static str>,
}

struct Script<'a> {
    on: &'a Fixture,
    random: Random,
    model: Model,
}

impl Script<'_> {
    /// Applies a batch to both and compares what they answer.
    fn step(&mut self, entries: Vec<Write>) {
        let finally = ids_after(&self.model, &entries);
        let mut next = self.model.clone();
        let mut failures = Vec::new();
        let mut expected = Vec::new();
        for (position, entry) in entries.iter().enumerate() {
            match next.apply(self.on, entry, &finally) {
                Ok(outcome) => expected.push(outcome),
                Err(kind) => {
                    let is_target = matches!(kind, StoreErrorKind::UnknownTarget { .. });
                    failures.push((kind, Some(position)));
                    if !is_target {
                        break;
                    }
                }
            }
        }
        let batch = Batch::new(entries);
        let (now, shown) = (batch.now, format!("{batch:#?}"));
        match self.on.write_batch(batch) {
            Ok(written) => {
                assert_eq!(failures, [], "the batch should have failed: {shown}");
                assert_eq!(expected, outcomes(written), "{shown}");
                self.model = next;
                self.model.settle(self.on, now);
            }
            // Targets may be looked for entry by entry or after all other checks.
            Err(error) => {
                let failure = (error.kind().clone(), error.entry());
                assert!(failures.contains(&failure), "{failure:?}, not {failures:?}: {shown}");
            }
        }
    }

    /// Compares all that can be read.
    fn assert_equal(&self) {
        let on = self.on;
        for resource_type in [&on.users, &on.groups] {
            let of_type = |known: &&Known| known.key.resource_type == *resource_type;
            let known: Vec<_> = self.model.resources.values().filter(of_type).collect();
            let found = on.all(resource_type);
            let ids = sorted(found.iter().map(|it| it.id.clone()).collect());
            assert_eq!(ids, known.iter().map(|it| it.key.id.clone()).collect::<Vec<_>>());
            for resource in &found {
                let known = &self.model.resources[&resource.id];
                assert_eq!(resource.meta, known.meta);
                assert_eq!(name_of(&resource.document), known.name);
            }
        }
        for Known { key, .. } in self.model.resources.values() {
            let sources = self.model.edges.iter().filter(|(_, target)| *target == key.id);
            let sources: Vec<_> = sources.map(|(source, _)| source.clone()).collect();
            assert_eq!(on.groups_of(key), sources);
            let targets = self.model.edges.iter().filter(|(source, _)| *source == key.id);
            let targets: Vec<_> = targets.map(|(_, target)| target.clone()).collect();
            if key.resource_type == on.groups {
                assert_eq!(on.members_of(key), targets);
            }
            let mut reached = BTreeSet::new();
            self.reach(&key.id, &mut reached);
            let found = on.edges(key, Side::Sources, Reach::Transitive);
            assert_eq!(
                found.edges.iter().map(|it| it.id.clone()).collect::<BTreeSet<_>>(),
                reached
            );
        }
    }

    fn reach(&self, id: &ResourceId, reached: &mut BTreeSet<ResourceId>) {
        for (source, _) in self.model.edges.iter().filter(|(_, target)| target == id) {
            if reached.insert(source.clone()) {
                self.reach(source, reached);
            }
        }
    }

    fn entries(&mut self) -> Vec<Write> {
        let mut draft = Draft::default();
        let count = 1 + self.random.below(3);
        (0..count).map(|_| self.entry(&mut draft)).collect()
    }

    fn entry(&mut self, Draft { coming, names }: &mut Draft) -> Write {
        let on = self.on;
        let name = *self.random.pick(&NAMES);
        match self.random.below(8) {
            0 | 1 => {
                let insert = on.user(name);
                coming.push(insert.key.clone());
                names.insert(insert.key.id.clone(), name);
                Write::Insert(insert)
            }
            2 => {
                let mut insert = on.group(name, &[]);
                coming.push(insert.key.clone());
                insert.relations = vec![self.relation_change(coming)];
                Write::Insert(insert)
            }
            3 => {
                let key = self.any(coming);
                let precondition = self.precondition(&key);
                Write::Delete(Delete { key, precondition })
            }
            4 => {
                let key = self.any(coming);
                let known = self.model.resources.get(&key.id).map(|known| known.name.clone());
                let held = names.insert(key.id.clone(), name).map(str::to_owned).or(known);
                self.rename(key, held, name)
            }
            _ => {
                let key = self.any_group(coming);
                let mut change = on.change_members(&key, Delta::Clear);
                change.precondition = self.precondition(&key);
                change.relations = vec![self.relation_change(coming)];
                Write::Change(change)
            }
        }
    }

    fn rename(&mut self, key: Key, held: Option<String>, name: &str) -> Write {
        let precondition = self.precondition(&key);
        let is_user = key.resource_type == self.on.users;
        let attribute = if is_user { "userName" } else { "displayName" };
        let values = json!({ attribute: name });
        let mut change = self.on.rewrite(&key, precondition, values, &[attribute]);
        if let (true, Some(document)) = (is_user, &mut change.document) {
            let released = held.filter(|held| held != name);
            document.releases = released.iter().map(|held| self.on.user_name(held)).collect();
            document.claims = vec![self.on.user_name(name)];
        }
        Write::Change(change)
    }

    fn relation_change(&mut self, coming: &[Key]) -> RelationChange {
        let count = self.random.below(4);
        let keys: Vec<Key> = (0..count).map(|_| self.any(coming)).collect();
        let targets = || keys.iter().map(|key| Target::from(key.id.clone())).collect();
        let mut change = self.on.delta(match self.random.below(6) {
            0 => Delta::Clear,
            1 => Delta::Replace(targets()),
            2 => Delta::Remove(keys.iter().map(|key| key.id.clone()).collect()),
            _ => Delta::Add(targets()),
        });
        if self.random.once_in(3) {
            change.unknown = UnknownTargets::Skip;
        }
        change
    }

    fn precondition(&mut self, key: &Key) -> Precondition {
        let known = self.model.resources.get(&key.id).map(|known| known.meta.clone());
        let mut meta = known.unwrap_or_else(unknown_meta);
        if self.random.once_in(4) {
            meta = unknown_meta();
        }
        match self.random.below(8) {
            0 => Precondition::Version(vec![meta.version]),
            1 => Precondition::Document(meta.revision),
            2 => Precondition::VersionAndDocument(vec![meta.version], meta.revision),
            _ => Precondition::Exists,
        }
    }

    /// A key: of a resource that is there, that the batch adds, or rarely of none.
    fn any(&mut self, coming: &[Key]) -> Key {
        let known: Vec<Key> = self.model.resources.values().map(|it| it.key.clone()).collect();
        self.one_of(&known, coming)
    }

    fn any_group(&mut self, coming: &[Key]) -> Key {
        let is_group = |key: &&Key| key.resource_type == self.on.groups;
        let known = self.model.resources.values().map(|it| &it.key).filter(is_group);
        let known: Vec<Key> = known.cloned().collect();
        let coming: Vec<Key> = coming.iter().filter(is_group).cloned().collect();
        self.one_of(&known, &coming)
    }

    fn one_of(&mut self, known: &[Key], coming: &[Key]) -> Key {
        if !coming.is_empty() && self.random.once_in(4) {
            return self.random.pick(coming).clone();
        }
        if known.is_empty() || self.random.once_in(20) {
            return Key::new(&self.on.groups, ResourceId::fresh());
        }
        self.random.pick(known).clone()
    }
}

/// The ids that are there when the batch has succeeded.
fn ids_after(model: &Model, entries: &[Write]) -> BTreeSet<ResourceId> {
    let mut ids: BTreeSet<_> = model.resources.keys().cloned().collect();
    for entry in entries {
        match entry {
            Write::Insert(insert) => {
                ids.insert(insert.key.id.clone());
            }
            Write::Delete(delete) => {
                ids.remove(&delete.key.id);
            }
            Write::Change(_) => {}
        }
    }
    ids
}

fn outcomes(written: Vec<Written>) -> Vec<Expected> {
    let outcome = |it: Written| Expected { id: it.id, effect: it.effect, skipped: it.skipped };
    written.into_iter().map(outcome).collect()
}

fn unknown_meta() -> Meta {
    let never = Timestamp::from_micros(0);
    Meta {
        version: Version::new("none"),
        revision: Revision::new("none"),
        created: never,
        last_modified: never,
    }
}

fn name_of(document: &crate::resource::Document) -> String {
    let values = document.values().expect("the document is readable");
    let name = values.get("userName").or(values.get("displayName"));
    name.and_then(Value::as_str).unwrap_or_default().to_owned()
}
