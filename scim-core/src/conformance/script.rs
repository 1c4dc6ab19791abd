//! S10 to S20 at once: random batches on the store and on the model.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::{
    fixture::{Fixture, sorted},
    model::{Expected, Known, Model, name_of, unknown_meta},
    random::Random,
};
use crate::{
    query::{Reach, Side},
    resource::ResourceId,
    store::{
        Batch, Delete, Delta, IdSource, Key, Precondition, RelationChange, Target, UnknownTargets,
        Write, Written,
    },
};

const STEPS: usize = 150;
const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

pub(super) fn random_batches_do_as_the_model_does(on: &Fixture) {
    if on.ids == IdSource::Store {
        // The model predicts edges between new resources by ids that such a store would replace.
        return;
    }
    let mut script = Script { on, random: Random::new(), model: Model::new(on) };
    for _ in 0..STEPS {
        let entries = script.entries();
        script.step(Batch::new(entries));
        script.assert_equal();
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
    fn step(&mut self, batch: Batch) {
        let mut next = self.model.clone();
        let forecast = next.apply(&batch);
        let (now, shown) = (batch.now, format!("{batch:#?}"));
        match self.on.write_batch(batch) {
            Ok(written) => {
                assert_eq!(forecast.failures, [], "the batch should have failed: {shown}");
                assert_eq!(forecast.outcomes, outcomes(written), "{shown}");
                self.model = next;
                self.model.settle(now);
            }
            Err(error) => {
                let failure = (error.kind().clone(), error.entry());
                let possible = forecast.failures;
                assert!(possible.contains(&failure), "{failure:?}, not {possible:?}: {shown}");
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

fn outcomes(written: Vec<Written>) -> Vec<Expected> {
    let outcome = |it: Written| Expected { id: it.id, effect: it.effect, skipped: it.skipped };
    written.into_iter().map(outcome).collect()
}
