//! What is committed at once: an operation, or all operations of a circle of references.

use std::collections::HashSet;

use http::StatusCode;

use super::{
    BulkEffect,
    join::join_all,
    references::{for_each_text, ids_in},
};
use crate::{
    config::Behaviour,
    error::ScimError,
    hooks::{Proposal, ProposedDocument},
    ops::{
        Context, Engine, Failure,
        commit::write_of,
        failure::Blame,
        write::{Ready, Settled},
    },
    store::{IdSource, Key, StoreError, StoreErrorKind, Written},
};

/// An operation on its way, with what has become of it so far.
pub(super) struct Member<T> {
    pub(super) index: usize,
    pub(super) context: Context,
    pub(super) state: T,
}

pub(super) type Attempted = Member<Result<Ready, Failure>>;
pub(super) type Finished = Member<Result<(Key, BulkEffect), Failure>>;

/// Operations that were prepared and are committed in one batch.
pub(super) type Step = Vec<Member<Ready>>;

/// Why an operation was not done although nothing is wrong with it.
pub(super) fn broken_circle() -> Failure {
    let detail = "an operation that this one refers to, and that refers to it, failed";
    ScimError::with_status(StatusCode::CONFLICT, detail).into()
}

impl Engine {
    /// Commits steps of which none has to do with another: all in one batch if the store takes
    /// it, and each on its own if not, so that those fail that are at fault.
    pub(super) async fn commit_round(&self, mut steps: Vec<Step>) -> Vec<Finished> {
        // Ids that the store chooses are put in the place of others throughout a batch.
        if steps.len() > 1 && self.capabilities.ids == IdSource::Engine {
            steps = match self.write_all(steps.iter().flatten()).await {
                Ok(written) => return self.finished(steps.into_iter().flatten(), written),
                Err(error) if is_about_one(&error) => steps,
                Err(error) => {
                    let blame = Blame { culprit: None, failure: error.into() };
                    return all_failed(steps.into_iter().flatten().collect(), blame);
                }
            };
        }
        let commits = steps.into_iter().map(|step| self.commit_step(step)).collect();
        join_all(commits).await.into_iter().flatten().collect()
    }

    /// Commits a step whole or not at all.
    async fn commit_step(&self, mut step: Step) -> Vec<Finished> {
        if let Err(error) = self.check_ids_are_known(step.iter().map(|it| &it.state.proposal)) {
            return step.into_iter().map(|it| it.failed(error.clone())).collect();
        }
        if step.len() > 1 {
            return self.commit_circle(step).await;
        }
        let Some(Member { index, mut context, state }) = step.pop() else { return Vec::new() };
        let settled = self.settle(&mut context, state).await;
        let state = settled.map(|settled| done(&settled, &context.behaviour));
        vec![Member { index, context, state }]
    }

    /// A reference in a document cannot be to an id that the store is going to replace; one that
    /// is an edge can.
    ///
    /// # Errors
    /// 409, as RFC 7644 §3.7.1 allows for circular references.
    pub(super) fn check_ids_are_known<'p>(
        &self,
        proposals: impl Iterator<Item = &'p Proposal> + Clone,
    ) -> Result<(), ScimError> {
        if self.capabilities.ids == IdSource::Engine {
            return Ok(());
        }
        let is_new = |it: &&Proposal| matches!(it.document, ProposedDocument::New(_));
        let added: HashSet<&str> = proposals.clone().filter(is_new).map(|it| &**it.id()).collect();
        let mut texts = Vec::new();
        for value in proposals.filter_map(Proposal::after).flat_map(|after| after.values()) {
            for_each_text(value, &mut |text| texts.push(text));
        }
        if texts.into_iter().flat_map(ids_in).any(|id| added.contains(id)) {
            let detail = "ids are chosen while resources are added, so that a document cannot \
                          refer to one that is added together with it";
            return Err(ScimError::with_status(StatusCode::CONFLICT, detail));
        }
        Ok(())
    }

    async fn commit_circle(&self, step: Step) -> Vec<Finished> {
        match self.write_all(step.iter()).await {
            Ok(written) => self.finished(step, written),
            Err(error) => failed_circle(step, error),
        }
    }

    /// Writes what operations propose in one batch.
    async fn write_all<'m>(
        &self,
        members: impl Iterator<Item = &'m Member<Ready>> + Clone,
    ) -> Result<Vec<Written>, StoreError> {
        let entry = |it: &Member<Ready>| {
            let names = it.context.behaviour.unique_names;
            write_of(&it.state.proposal, it.state.precondition.clone(), names)
        };
        let Some(first) = members.clone().next() else { return Ok(Vec::new()) };
        self.write_entries(&first.context, members.map(entry).collect()).await
    }

    /// Reports what was written.
    fn finished(
        &self,
        members: impl IntoIterator<Item = Member<Ready>>,
        written: Vec<Written>,
    ) -> Vec<Finished> {
        let finished = |(member, written): (Member<Ready>, Written)| {
            let Member { index, mut context, state } = member;
            self.report(&mut context, &state.proposal, &written);
            let Ready { proposal, modification, .. } = state;
            let settled = Settled { proposal, written, modification };
            let state = Ok(done(&settled, &context.behaviour));
            Member { index, context, state }
        };
        members.into_iter().zip(written).map(finished).collect()
    }
}

impl Member<Ready> {
    fn failed(self, failure: impl Into<Failure>) -> Finished {
        Member { index: self.index, context: self.context, state: Err(failure.into()) }
    }
}

/// The first member of a step is the first entry of its batch.
fn failed_circle(step: Step, error: StoreError) -> Vec<Finished> {
    let blame = Blame { culprit: error.entry(), failure: error.into() };
    all_failed(step, blame)
}

fn all_failed(members: Vec<Member<Ready>>, blame: Blame) -> Vec<Finished> {
    let failures = blame.shared(members.len(), broken_circle);
    members.into_iter().zip(failures).map(|(member, failure)| member.failed(failure)).collect()
}

/// Whether the others of a batch may do without the one that failed. What is full, away or broken
/// is not asked again for each, nor where nobody knows what was written.
fn is_about_one(error: &StoreError) -> bool {
    use StoreErrorKind::{
        Busy, Conflict, NotFound, Refused, Stale, UnknownTarget, VersionMismatch,
    };

    let is_refusal = matches!(
        error.kind(),
        NotFound
            | VersionMismatch
            | Stale
            | Conflict { .. }
            | Refused { .. }
            | UnknownTarget { .. }
            | Busy { .. }
    );
    is_refusal || error.entry().is_some()
}

fn done(settled: &Settled, behaviour: &Behaviour) -> (Key, BulkEffect) {
    let key = Key::new(settled.proposal.resource_type(), settled.written.id.clone());
    (key, BulkEffect::of(settled, behaviour))
}
