//! The last steps of every write: the host's review, the write, the report.

use std::sync::atomic::{AtomicU64, Ordering};

use super::{Context, Engine, Failure, unique};
use crate::{
    config::UniqueNames,
    hooks::{Committed, Proposal, ProposedDocument},
    resource::{Difference, Values, label},
    schema::ResourceType,
    store::{
        Batch, Change, Delete, DocumentChange, Effect, Insert, Precondition, StoreError, Write,
        Written,
    },
    validate::NoteRule,
};

impl Engine {
    /// Lets the host look at a proposal.
    ///
    /// # Errors
    /// 403 for an attribute that the caller may not write, 400 for a target out of its sight, and
    /// for a reference that leads nowhere where that is checked, and whatever the host refuses
    /// with.
    pub(super) async fn review(
        &self,
        context: &mut Context,
        proposal: &mut Proposal,
    ) -> Result<(), Failure> {
        self.check_writable(context, proposal)?;
        self.check_targets(context, proposal).await?;
        self.review_by_host(context, proposal).await
    }

    /// The same for what the host itself proposes: it is not bound by what the caller may write.
    ///
    /// # Errors
    /// As [`review`](Self::review), but for attributes and targets.
    pub(super) async fn review_by_host(
        &self,
        context: &Context,
        proposal: &mut Proposal,
    ) -> Result<(), Failure> {
        self.hooks.policy.review(&context.caller(), proposal).await?;
        proposal.compose()?;
        self.check_references(context, proposal).await
    }

    /// Writes one proposal and reports it.
    pub(super) async fn commit(
        &self,
        context: &mut Context,
        proposal: &Proposal,
        precondition: Precondition,
    ) -> Result<Written, StoreError> {
        let entries = vec![write_of(proposal, precondition, context.behaviour.unique_names)];
        let written = self.write_entries(context, entries).await?.into_iter().next();
        let written = written.ok_or_else(lost_entry)?;
        self.report(context, proposal, &written);
        Ok(written)
    }

    /// Writes all of the entries or none.
    pub(super) async fn write_entries(
        &self,
        context: &Context,
        entries: Vec<Write>,
    ) -> Result<Vec<Written>, StoreError> {
        let expected = entries.len();
        let unknown = Unknown { commits: &self.commits, writes: expected };
        let written = self.store.write(&context.scope, Batch::new(entries)).await;
        unknown.resolve();
        let written = written?;
        if written.len() == expected { Ok(written) } else { Err(lost_entry()) }
    }

    /// Notes what was left out and tells the observer what was done.
    pub(super) fn report(&self, context: &mut Context, proposal: &Proposal, written: &Written) {
        for skipped in &written.skipped {
            context.notes.add(skipped.as_str(), NoteRule::UnknownTargetSkipped);
        }
        if written.effect == Effect::Unchanged {
            return;
        }
        let sequence = self.commits.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        self.hooks.observer.committed(&Committed {
            actor: &context.actor,
            scope: &context.scope,
            request_id: context.request_id.as_ref(),
            proposal,
            written,
            sequence,
        });
    }
}

/// Writes of which the outcome is not known. Where a request is given up before it is, the
/// sequence of commits gets a gap, since there may be some that nobody was told of.
struct Unknown<'a> {
    commits: &'a AtomicU64,
    writes: usize,
}

impl Unknown<'_> {
    fn resolve(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unknown<'_> {
    fn drop(&mut self) {
        self.commits.fetch_add(self.writes as u64, Ordering::Relaxed);
    }
}

fn lost_entry() -> StoreError {
    StoreError::internal("the store did not answer for each entry of a batch")
}

/// The entry of a batch that a proposal comes to.
pub(super) fn write_of(
    proposal: &Proposal,
    precondition: Precondition,
    names: UniqueNames,
) -> Write {
    let (key, resource_type) = (proposal.key.clone(), proposal.resource_type());
    let relations = proposal.relations.clone();
    let change = |document| {
        let mut change = Change::new(key.clone(), precondition.clone());
        (change.document, change.relations) = (document, relations.clone());
        Write::Change(change)
    };
    match &proposal.document {
        ProposedDocument::New(values) => {
            let mut insert = Insert::new(key, values.composed(resource_type));
            insert.label = label(values);
            insert.claims = unique::claims(resource_type, values, names);
            insert.relations = relations;
            Write::Insert(insert)
        }
        ProposedDocument::Changed { before, after } => {
            change(document_change(resource_type, before, after, names))
        }
        ProposedDocument::Untouched => change(None),
        ProposedDocument::Deleted { .. } => Write::Delete(Delete { key, precondition }),
    }
}

/// The change from one document to another; `None` if nothing differs.
fn document_change(
    resource_type: &ResourceType,
    before: &Values,
    after: &Values,
    names: UniqueNames,
) -> Option<DocumentChange> {
    let difference = Difference::between(resource_type, before, after);
    if difference.changed.is_empty() {
        return None;
    }
    // A name may have been claimed by another client than the one that gives it up.
    let releases = unique::given_up(resource_type, &difference, UniqueNames::Groups);
    let claims = unique::taken(resource_type, &difference, names);
    let label = label(difference.after);
    let changed = difference.changed.into_owned();
    let change = DocumentChange::new(after.composed(resource_type), changed);
    Some(DocumentChange { label, releases, claims, ..change })
}
