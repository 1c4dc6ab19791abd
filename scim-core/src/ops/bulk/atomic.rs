//! All operations or none, in one batch. The RFC knows no such thing (§3.7: disregard partial
//! failures): a host has to ask for it.
//!
//! The operations on one resource become one write, each starting from what the one before leaves.

use std::collections::HashMap;

use http::StatusCode;

use super::{
    BulkAnswer, BulkEffect, EffectKind, fold::fold, footprint::footprints, graph,
    uniqueness::givers, work::Work,
};
use crate::{
    config::UniqueNames,
    error::ScimError,
    hooks::{Proposal, ProposedDocument},
    ops::{
        Context, Engine, Failure, commit::write_of, failure::Blame, retry::Attempts, write::Ready,
    },
    resource::ResourceId,
    store::{Key, Written},
    validate::Notes,
};

/// A Bulk request that is carried out whole or not at all.
pub(super) struct Atomic<'a> {
    pub(super) engine: &'a Engine,
    pub(super) work: Work,
}

/// What is going to be written.
#[derive(Default)]
struct Batch {
    /// One for each resource.
    entries: Vec<Entry>,
    places: HashMap<ResourceId, usize>,
    /// What each operation does, and to which resource.
    effects: Vec<(usize, EffectKind, Key)>,
    notes: Notes,
}

struct Entry {
    /// `None` if the resource is added and removed again.
    ready: Option<Ready>,
    /// The first operation on the resource.
    operation: usize,
}

impl Atomic<'_> {
    pub(super) async fn run(&self, context: &mut Context) -> Vec<BulkAnswer> {
        let mut attempts = Attempts::new(context);
        loop {
            let mut culprit = None;
            let attempt = self.attempt(context).await.map_err(|blame| {
                culprit = blame.culprit;
                blame.failure
            });
            match attempts.settle(context, attempt) {
                None => {}
                Some(Ok(answers)) => return answers,
                Some(Err(failure)) => return self.all_failed(Blame { culprit, failure }),
            }
        }
    }

    async fn attempt(&self, context: &mut Context) -> Result<Vec<BulkAnswer>, Blame> {
        let references: Vec<_> =
            footprints(&self.work).into_iter().map(|it| it.references).collect();
        let mut batch = Batch::default();
        for index in graph::steps(&references).into_iter().flatten() {
            let added = self.add(context, &mut batch, index).await;
            added.map_err(|failure| Blame { culprit: Some(index), failure })?;
        }
        let ids = self.engine.check_ids_are_known(batch.proposals());
        ids.map_err(|error| Blame { culprit: None, failure: error.into() })?;
        let written = self.write(context, &batch).await?;
        context.notes.append(batch.notes);
        Ok(self.answers(batch.effects, &written))
    }

    /// Adds what an operation does to what those before it do.
    async fn add(&self, context: &Context, batch: &mut Batch, index: usize) -> Result<(), Failure> {
        let mut own = context.of_operation();
        let edit = self.work.edit(self.engine, &own.caller(), index, None)?;
        let key = edit.key().clone();
        let place = batch.places.get(&key.id).copied();
        let entry = place.and_then(|place| batch.entries.get(place));
        let earlier = entry.map(|entry| entry.earlier(&key)).transpose()?;
        let ready = self.engine.prepare(&mut own, edit, earlier.map(|it| &it.proposal)).await?;
        let kind = EffectKind::of(
            &ready.proposal.document,
            ready.modification.as_ref(),
            &context.behaviour,
        );
        batch.effects.push((index, kind, key.clone()));
        batch.notes.append(own.notes);
        match place.and_then(|place| batch.entries.get_mut(place)) {
            Some(entry) => entry.fold(ready),
            None => {
                batch.places.insert(key.id, batch.entries.len());
                batch.entries.push(Entry { ready: Some(ready), operation: index });
                Ok(())
            }
        }
    }

    /// Writes the batch and answers with what became of each resource in it.
    async fn write(
        &self,
        context: &mut Context,
        batch: &Batch,
    ) -> Result<HashMap<ResourceId, Written>, Blame> {
        let entries = batch.in_order(context.behaviour.unique_names);
        if entries.is_empty() {
            return Ok(HashMap::new());
        }
        let names = context.behaviour.unique_names;
        let write =
            |(_, it): &(usize, &Ready)| write_of(&it.proposal, it.precondition.clone(), names);
        let writes = entries.iter().map(write);
        let written = self.engine.write_entries(context, writes.collect()).await;
        let written = written.map_err(|error| {
            let culprit = error.entry().and_then(|entry| entries.get(entry));
            let operation = culprit.map(|(operation, _)| *operation);
            let error = match culprit.and_then(|(_, ready)| ready.modification.as_ref()) {
                Some(modification) => modification.lost_race(error),
                None => error,
            };
            Blame { culprit: operation, failure: error.into() }
        })?;
        let mut by_id = HashMap::new();
        for ((_, ready), written) in entries.iter().zip(written) {
            self.engine.report(context, &ready.proposal, &written);
            by_id.insert(ready.proposal.id().clone(), written);
        }
        Ok(by_id)
    }

    fn answers(
        &self,
        mut effects: Vec<(usize, EffectKind, Key)>,
        written: &HashMap<ResourceId, Written>,
    ) -> Vec<BulkAnswer> {
        effects.sort_unstable_by_key(|(index, ..)| *index);
        let answer = |(index, kind, key): (usize, EffectKind, Key)| {
            let written = written.get(&key.id);
            let version = written.map(|it| it.meta.version.clone());
            let id = written.map_or(key.id, |it| it.id.clone());
            let key = Key::new(&key.resource_type, id);
            self.work.answer(index, Ok((key, BulkEffect::new(kind, version))))
        };
        effects.into_iter().map(answer).collect()
    }

    fn all_failed(&self, blame: Blame) -> Vec<BulkAnswer> {
        let failures = blame.shared(self.work.len(), || undone().into()).enumerate();
        failures.map(|(index, failure)| self.work.answer(index, Err(failure))).collect()
    }
}

impl Batch {
    /// What remains to be written, with the first operation that asks for it: unique values are
    /// given up before others take them.
    fn in_order(&self, names: UniqueNames) -> Vec<(usize, &Ready)> {
        let remaining = self.entries.iter();
        let remaining: Vec<_> =
            remaining.filter_map(|it| Some((it.operation, it.ready.as_ref()?))).collect();
        let proposals: Vec<_> = remaining.iter().map(|(_, it)| &it.proposal).collect();
        let order = graph::steps(&givers(&proposals, names)).into_iter().flatten();
        order.filter_map(|index| remaining.get(index).copied()).collect()
    }

    fn proposals(&self) -> impl Iterator<Item = &Proposal> + Clone {
        self.entries.iter().filter_map(|it| it.ready.as_ref()).map(|ready| &ready.proposal)
    }
}

impl Entry {
    /// What earlier operations leave of a resource.
    ///
    /// # Errors
    /// 404 if they remove it, or if it is of another type.
    fn earlier(&self, key: &Key) -> Result<&Ready, Failure> {
        let gone = |it: &Ready| matches!(it.proposal.document, ProposedDocument::Deleted { .. });
        let ready = self.ready.as_ref().filter(|it| !gone(it) && it.proposal.key == *key);
        ready.ok_or_else(Failure::not_found)
    }

    fn fold(&mut self, later: Ready) -> Result<(), Failure> {
        let Some(earlier) = self.ready.take() else { return Err(Failure::not_found()) };
        self.ready = fold(earlier, later)?;
        Ok(())
    }
}

fn undone() -> ScimError {
    let detail = "nothing was done, because another operation of the request failed";
    ScimError::with_status(StatusCode::FAILED_DEPENDENCY, detail)
}
