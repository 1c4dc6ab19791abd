//! Changing a part of a resource (RFC 7644 §3.5.2).

use std::sync::Arc;

use super::{Context, Engine, Failure, residual::too_many_edges};
use crate::{
    error::{ScimError, ScimType},
    hooks::{Proposal, ProposedDocument},
    patch::{
        self, PatchContext, PatchRequest, Plan, RelationAction, RelationOperation, UnmatchedRemove,
    },
    profile::advised,
    resource::Values,
    schema::ResourceType,
    store::{Delta, Key, RelationChange},
};

impl Engine {
    /// # Errors
    /// 400 naming the operation that does not fit the schema, 403 for an attribute that the caller
    /// may neither read nor write.
    pub(super) fn read_plan(
        &self,
        context: &mut Context,
        resource_type: &Arc<ResourceType>,
        request: PatchRequest,
    ) -> Result<Plan, ScimError> {
        let behaviour = context.behaviour.clone();
        let (rules, options) = (&behaviour.rules, &behaviour.patch);
        let mut reading = PatchContext::new(&self.registry, resource_type, rules, options);
        let unsearchable = self.unsearchable(context, resource_type);
        reading.unsearchable = &unsearchable;
        let unreadable = self.unreadable(context, resource_type);
        reading.unreadable = &unreadable;
        let base = context.base.clone();
        reading.base = &base;
        let plan = patch::plan(&reading, request, &mut context.notes).map_err(advised)?;
        self.check_named(context, resource_type, |attribute| {
            plan.document.iter().any(|operation| operation.names(attribute))
        })?;
        Ok(plan)
    }

    /// The document after a PATCH.
    ///
    /// # Errors
    /// 400 naming the operation that cannot be carried out.
    pub(super) async fn propose_document(
        &self,
        context: &mut Context,
        key: &Key,
        plan: &Plan,
        before: Values,
    ) -> Result<Proposal, Failure> {
        let (options, notes) = (&context.behaviour.patch, &mut context.notes);
        let (resource_type, operations) = (&key.resource_type, &plan.document);
        let stored = before.document();
        let edited =
            stored.map(|it| patch::edit(resource_type, it, operations, options, notes)).transpose();
        let after = match edited.map_err(advised)?.flatten() {
            // Nothing in it is shown on request only, or a secret: that would be hidden.
            Some(after) => after,
            None => self.applied(context, key, plan, &before).await?,
        };
        let document = ProposedDocument::Changed { before, after };
        Ok(Proposal::new(key.clone(), document))
    }

    /// The same over all values.
    async fn applied(
        &self,
        context: &mut Context,
        key: &Key,
        plan: &Plan,
        before: &Values,
    ) -> Result<Values, Failure> {
        let before = before.read()?;
        let (resource_type, operations) = (&key.resource_type, &plan.document);
        let (options, notes) = (&context.behaviour.patch, &mut context.notes);
        let mut after =
            patch::apply(resource_type, before, operations, options, notes).map_err(advised)?;
        context.selection.also_show(patch::assigned(operations));
        self.keep_secrets(context, key, &mut after, Some(before)).await?;
        Ok(after.into())
    }

    /// Adds what a PATCH does with the edges of a resource to a proposal.
    ///
    /// # Errors
    /// 400 `noTarget` for a removal that matches nothing, where that is asked for; `tooMany` for a
    /// removal by filter after others that had to look at more edges than a query may.
    pub(super) async fn propose_edges(
        &self,
        context: &Context,
        plan: &Plan,
        earlier: &[RelationChange],
        proposal: &mut Proposal,
    ) -> Result<(), Failure> {
        let mut changes = earlier.to_vec();
        let mut looks = 0;
        for operation in &plan.relations {
            let delta =
                self.resolve(context, &proposal.key, operation, &changes, &mut looks).await?;
            let unknown = context.behaviour.unknown_targets;
            let relation = operation.relation.clone();
            changes.push(RelationChange { relation, delta, unknown });
        }
        proposal.relations = changes.split_off(earlier.len());
        Ok(())
    }

    /// What an operation on a relation comes to, given the edges that are there and those that
    /// earlier operations add.
    async fn resolve(
        &self,
        context: &Context,
        key: &Key,
        operation: &RelationOperation,
        earlier: &[RelationChange],
        looks: &mut usize,
    ) -> Result<Delta, Failure> {
        let predicate = match &operation.action {
            RelationAction::Delta(delta) => return Ok(delta.clone()),
            RelationAction::RemoveMatching(predicate) => predicate,
        };
        if *looks > self.limits.candidates {
            return Err(too_many_edges(&operation.relation)
                .in_operation(operation.operation)
                .into());
        }
        let matching = self.matching(context, key, operation, earlier, predicate, looks).await?;
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
