//! Changing a part of a resource (RFC 7644 §3.5.2).

use super::{Context, Engine, Failure, Outcome, retry::Attempts};
use crate::{
    error::{ScimError, ScimType},
    hooks::{Proposal, ProposedDocument},
    patch::{
        self, PatchContext, PatchRequest, Plan, RelationAction, RelationOperation, UnmatchedRemove,
    },
    profile::advised,
    resource::Version,
    store::{Delta, Key, Precondition, RelationChange},
};

impl Engine {
    /// # Errors
    /// 400 naming the operation that cannot be carried out, 404 when there is no such resource,
    /// 409 `uniqueness`, 412 when it has another version.
    pub(super) async fn patch(
        &self,
        context: &mut Context,
        key: Key,
        request: PatchRequest,
        precondition: Precondition,
    ) -> Result<Outcome, Failure> {
        let behaviour = context.behaviour.clone();
        let reading = PatchContext {
            registry: &self.registry,
            resource_type: &key.resource_type,
            rules: &behaviour.rules,
            options: &behaviour.patch,
        };
        let plan = patch::plan(&reading, request, &mut context.notes).map_err(advised)?;
        let mut attempts = Attempts::new(context);
        loop {
            let attempt = self.patch_once(context, &key, &plan, &precondition).await;
            let Some(outcome) = attempts.settle(context, attempt) else { continue };
            let version = outcome?;
            // A change of edges alone is answered as briefly as it was asked for, unless the
            // client wants to see the resource (RFC 7644 §3.5.2: 200 or 204).
            let changes_edges = plan.is_blind() && !plan.relations.is_empty();
            let is_brief = changes_edges || behaviour.patch_answers.are_brief(&key.resource_type);
            return match is_brief && !context.selection.is_explicit() {
                true => Ok(Outcome::Done(Some(version))),
                false => self.changed(context, &key).await,
            };
        }
    }

    async fn patch_once(
        &self,
        context: &mut Context,
        key: &Key,
        plan: &Plan,
        precondition: &Precondition,
    ) -> Result<Version, Failure> {
        let precondition = precondition.clone();
        let (mut proposal, precondition) = match plan.is_blind() {
            true => self.propose_edges(context, key, precondition).await?,
            false => self.propose_document(context, key, plan, precondition).await?,
        };
        for operation in &plan.relations {
            let delta = self.resolve(context, key, operation, &proposal.relations).await?;
            let unknown = context.behaviour.unknown_targets;
            let relation = operation.relation.clone();
            proposal.relations.push(RelationChange { relation, delta, unknown });
        }
        self.review(context, &mut proposal).await?;
        Ok(self.commit(context, &proposal, precondition).await?.meta.version)
    }

    /// A change of edges alone reads nothing, unless the host's policy wants to see the values.
    async fn propose_edges(
        &self,
        context: &Context,
        key: &Key,
        precondition: Precondition,
    ) -> Result<(Proposal, Precondition), Failure> {
        let (before, precondition) = self.before_image(context, key, precondition).await?;
        let document = match before {
            None => ProposedDocument::Untouched,
            Some(before) => ProposedDocument::Changed { after: before.clone(), before },
        };
        Ok((Proposal::new(key.clone(), document), precondition))
    }

    async fn propose_document(
        &self,
        context: &mut Context,
        key: &Key,
        plan: &Plan,
        precondition: Precondition,
    ) -> Result<(Proposal, Precondition), Failure> {
        let resource_type = &key.resource_type;
        let current = self.read_document(context, key).await?;
        let unchanged = precondition.and_document(current.meta.revision.clone());
        let before = current.document.into_values()?;
        let options = &context.behaviour.patch;
        let notes = &mut context.notes;
        let mut after = patch::apply(resource_type, &before, &plan.document, options, notes)
            .map_err(advised)?;
        let set = patch::changed(&before, &after, resource_type);
        context.selection.also_show(set);
        let notes = &mut context.notes;
        self.keep_secrets(&context.scope, resource_type, &mut after, Some(&before), notes).await?;
        let document = ProposedDocument::Changed { before, after };
        Ok((Proposal::new(key.clone(), document), unchanged))
    }

    /// What an operation on a relation comes to, given the edges that are there and those that
    /// earlier operations add.
    async fn resolve(
        &self,
        context: &Context,
        key: &Key,
        operation: &RelationOperation,
        earlier: &[RelationChange],
    ) -> Result<Delta, Failure> {
        let predicate = match &operation.action {
            RelationAction::Delta(delta) => return Ok(delta.clone()),
            RelationAction::RemoveMatching(predicate) => predicate,
        };
        let matching = self.matching(context, key, operation, earlier, predicate).await?;
        let may_be_none = context.behaviour.patch.unmatched_remove == UnmatchedRemove::Ignore;
        if matching.is_empty() && !may_be_none {
            return Err(ScimError::new(ScimType::NoTarget, "the path selects no value")
                .at(operation.relation.attribute().path())
                .in_operation(operation.operation)
                .into());
        }
        Ok(Delta::Remove(matching))
    }
}
