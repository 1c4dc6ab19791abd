//! Every write: proposed, reviewed by the host, committed, answered.

use super::{Context, Edit, Engine, Failure, Outcome, replace::Replacement, retry::Attempts};
use crate::{
    config::{Behaviour, PatchAnswers},
    hooks::{Proposal, ProposedDocument},
    patch::Plan,
    store::{Key, Precondition, StoreError, StoreErrorKind, Written},
};

/// A write that was reviewed and waits to be committed.
#[derive(Debug)]
pub(super) struct Ready {
    pub(super) proposal: Proposal,
    pub(super) precondition: Precondition,
    /// How to propose it anew after a lost race; a create loses none.
    pub(super) modification: Option<Modification>,
}

/// A write that was committed.
#[derive(Debug)]
pub(super) struct Settled {
    pub(super) proposal: Proposal,
    pub(super) written: Written,
    /// `None` for a create.
    pub(super) modification: Option<Modification>,
}

/// A write to a resource that exists, checked against the schema: it can be proposed as often as
/// other writes come in between.
#[derive(Debug)]
pub(super) struct Modification {
    key: Key,
    precondition: Precondition,
    verb: Verb,
    attempts: Attempts,
}

#[derive(Debug)]
enum Verb {
    Replace(Replacement),
    Patch(Plan),
    Delete,
}

impl Modification {
    pub(super) fn deletes(&self) -> bool {
        matches!(self.verb, Verb::Delete)
    }

    /// Whether the client asked for a version.
    pub(super) fn names_versions(&self) -> bool {
        self.precondition.names_versions()
    }

    /// A version that the client did not ask for is one that the engine read: the write is as
    /// stale as one whose document was changed.
    pub(super) fn lost_race(&self, failure: StoreError) -> StoreError {
        let is_own = !self.names_versions();
        match failure.kind() {
            StoreErrorKind::VersionMismatch if is_own => StoreError::new(StoreErrorKind::Stale),
            _ => failure,
        }
    }

    /// Whether it is answered as briefly as it was asked for: a change of edges alone, and
    /// whatever the host wants to be (RFC 7644 §3.5.2: 200 or 204).
    pub(super) fn is_brief(&self, behaviour: &Behaviour) -> bool {
        let Verb::Patch(plan) = &self.verb else { return false };
        let changes_edges = plan.is_blind() && !plan.relations.is_empty();
        changes_edges && behaviour.patch_answers != PatchAnswers::InFull
            || behaviour.patch_answers.are_brief(&self.key.resource_type)
    }
}

impl Engine {
    /// # Errors
    /// 400 for what does not fit the schema, 404 when there is no such resource, 409 `uniqueness`
    /// for a unique value that is taken, 412 when the resource has another version, and whatever
    /// the host refuses with.
    pub(super) async fn write(
        &self,
        context: &mut Context,
        edit: Edit,
    ) -> Result<Outcome, Failure> {
        let ready = self.prepare(context, edit, None).await?;
        let settled = self.settle(context, ready).await?;
        Ok(self.answer(context, settled).await)
    }

    /// Proposes a write and lets the host review it. It starts from what an earlier one for the
    /// same batch leaves of the resource, if there is one.
    ///
    /// # Errors
    /// As [`write`](Self::write), but for what only the store decides.
    pub(super) async fn prepare(
        &self,
        context: &mut Context,
        edit: Edit,
        earlier: Option<&Proposal>,
    ) -> Result<Ready, Failure> {
        let (key, precondition, verb) = match edit {
            Edit::Create(key, body) => {
                let mut proposal = self.propose_new(context, key, body).await?;
                self.review(context, &mut proposal).await?;
                let precondition = Precondition::Exists;
                return Ok(Ready { proposal, precondition, modification: None });
            }
            Edit::Replace(key, body, precondition) => {
                let replacement = self.read_replacement(context, &key.resource_type, body)?;
                (key, precondition, Verb::Replace(replacement))
            }
            Edit::Patch(key, request, precondition) => {
                let plan = self.read_plan(context, &key.resource_type, request)?;
                (key, precondition, Verb::Patch(plan))
            }
            Edit::Delete(key, precondition) => (key, precondition, Verb::Delete),
        };
        let attempts = Attempts::new(context);
        let modification = Modification { key, precondition, verb, attempts };
        self.modify(context, modification, earlier).await
    }

    /// Commits a write; one that lost a race for the document is proposed anew.
    ///
    /// # Errors
    /// What the store or the host refuses with; 503 when all attempts were lost.
    pub(super) async fn settle(
        &self,
        context: &mut Context,
        mut ready: Ready,
    ) -> Result<Settled, Failure> {
        loop {
            let Ready { proposal, precondition, modification } = ready;
            let failure = match self.commit(context, &proposal, precondition).await {
                Ok(written) => return Ok(Settled { proposal, written, modification }),
                Err(failure) => failure,
            };
            let Some(mut modification) = modification else {
                return self.resolve_conflict(context, proposal, failure).await;
            };
            let failure = modification.lost_race(failure);
            let attempts = &mut modification.attempts;
            if let Some(settled) = attempts.settle(context, Err(failure.into())) {
                return settled;
            }
            ready = self.modify(context, modification, None).await?;
        }
    }

    async fn modify(
        &self,
        context: &mut Context,
        modification: Modification,
        earlier: Option<&Proposal>,
    ) -> Result<Ready, Failure> {
        let (mut proposal, precondition) = self.propose(context, &modification, earlier).await?;
        self.review(context, &mut proposal).await?;
        Ok(Ready { proposal, precondition, modification: Some(modification) })
    }

    async fn propose(
        &self,
        context: &mut Context,
        modification: &Modification,
        earlier: Option<&Proposal>,
    ) -> Result<(Proposal, Precondition), Failure> {
        let Modification { key, precondition, verb, .. } = modification;
        let precondition = precondition.clone();
        match verb {
            Verb::Replace(replacement) => {
                let (before, unchanged) = self.load(context, key, precondition, earlier).await?;
                let proposal = self.propose_replacement(context, key, replacement, before).await?;
                Ok((proposal, unchanged))
            }
            Verb::Patch(plan) => {
                self.propose_patch(context, key, plan, precondition, earlier).await
            }
            Verb::Delete => {
                let (before, unchanged) =
                    self.before_image(context, key, precondition, earlier).await?;
                let document = ProposedDocument::Deleted { before };
                Ok((Proposal::new(key.clone(), document), unchanged))
            }
        }
    }

    async fn propose_patch(
        &self,
        context: &mut Context,
        key: &Key,
        plan: &Plan,
        precondition: Precondition,
        earlier: Option<&Proposal>,
    ) -> Result<(Proposal, Precondition), Failure> {
        let (mut proposal, unchanged) = if plan.is_blind() {
            let (before, unchanged) =
                self.before_image(context, key, precondition, earlier).await?;
            let document = match before {
                None => ProposedDocument::Untouched,
                Some(before) => ProposedDocument::Changed { after: before.clone(), before },
            };
            (Proposal::new(key.clone(), document), unchanged)
        } else {
            let (before, unchanged) = self.load(context, key, precondition, earlier).await?;
            (self.propose_document(context, key, plan, before).await?, unchanged)
        };
        let changes = earlier.map_or(&[][..], |it| it.relations.as_slice());
        self.propose_edges(context, plan, changes, &mut proposal).await?;
        match self.keep_required_edges(context, changes, &proposal).await? {
            Some(known) => Ok((proposal, unchanged.and_version(known))),
            None => Ok((proposal, unchanged)),
        }
    }
}
