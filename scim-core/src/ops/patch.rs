//! Changing a part of a resource (RFC 7644 §3.5.2).

use super::{Context, Engine, Failure, Outcome, relations, retry::Attempts, unique};
use crate::{
    hooks::{Proposal, ProposedDocument},
    patch::{self, PatchContext, PatchRequest, Plan, RelationAction, RelationOperation},
    query::{Predicate, Side, edge_value, eval_element},
    resource::{ResourceId, Version},
    schema::Relation,
    store::{
        Delta, Edge, EdgePath, Hidden, Key, Precondition, Projection, RelatedQuery, RelationChange,
        Target,
    },
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
        let plan = patch::plan(&reading, request, &mut context.notes)?;
        let mut attempts = Attempts::new();
        loop {
            let attempt = self.patch_once(context, &key, &plan, &precondition).await;
            let Some(outcome) = attempts.settle(attempt) else { continue };
            let version = outcome?;
            // A change of edges alone is answered as briefly as it was asked for, unless the
            // client wants to see the resource (RFC 7644 §3.5.2: 200 or 204).
            return match plan.is_blind() && !context.selection.is_explicit() {
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
        let mut after = patch::apply(resource_type, &before, &plan.document, options)?;
        let set = patch::changed(&before, &after, resource_type);
        context.selection.also_show(set);
        let notes = &mut context.notes;
        self.keep_secrets(&context.scope, resource_type, &mut after, Some(&before), notes).await?;
        let document = ProposedDocument::Changed { before, after };
        Ok((Proposal::new(key.clone(), document), unchanged))
    }

    /// What an operation on a relation comes to, given the edges that are there and those that
    /// earlier operations of the request add.
    async fn resolve(
        &self,
        context: &Context,
        key: &Key,
        operation: &RelationOperation,
        earlier: &[RelationChange],
    ) -> Result<Delta, Failure> {
        match &operation.action {
            RelationAction::Delta(delta) => Ok(delta.clone()),
            RelationAction::RemoveMatching(predicate) => {
                let mut matching =
                    self.matching_targets(context, key, operation, predicate).await?;
                for target in added(earlier, &operation.relation) {
                    if self.matches(context, &operation.relation, target, predicate).await? {
                        matching.push(target.id.clone());
                    }
                }
                Ok(Delta::Remove(matching))
            }
        }
    }

    async fn matching_targets(
        &self,
        context: &Context,
        key: &Key,
        operation: &RelationOperation,
        predicate: &Predicate,
    ) -> Result<Vec<ResourceId>, Failure> {
        let view = relations::view(&operation.relation, Side::Targets, self.limits.edges);
        let mut query = RelatedQuery::new(&key.resource_type, vec![key.id.clone()], view);
        let mut matching = Vec::new();
        loop {
            let answer = self.store.related(&context.scope, &query).await?;
            let Some(related) = answer.into_iter().next() else { return Ok(matching) };
            let found = related
                .edges
                .into_iter()
                .filter(|edge| eval_element(predicate, &edge_value(edge, Side::Targets)));
            matching.extend(found.map(|edge| edge.id));
            match related.next {
                Some(next) => query.after = Some(next),
                None => return Ok(matching),
            }
        }
    }

    /// Whether the edge to a target that is only about to be added matches.
    async fn matches(
        &self,
        context: &Context,
        relation: &Relation,
        target: &Target,
        predicate: &Predicate,
    ) -> Result<bool, Failure> {
        let shallow = Projection { hidden: Hidden::Load, relations: Vec::new() };
        for resource_type in relation.targets().filter_map(|it| self.registry.resource_type(it)) {
            let key = Key::new(resource_type, target.id.clone());
            let Some(found) = self.store.get(&context.scope, &key, &shallow).await? else {
                continue;
            };
            let edge = Edge {
                id: found.id,
                resource_type: found.resource_type,
                label: unique::label(found.document.values()?),
                path: EdgePath::Direct,
            };
            return Ok(eval_element(predicate, &edge_value(&edge, Side::Targets)));
        }
        Ok(false)
    }
}

/// The targets that these changes add to a relation.
fn added<'a>(
    changes: &'a [RelationChange],
    relation: &'a Relation,
) -> impl Iterator<Item = &'a Target> {
    changes.iter().filter(move |change| *change.relation == *relation).flat_map(|change| {
        match &change.delta {
            Delta::Add(targets) | Delta::Replace(targets) => targets.as_slice(),
            Delta::Remove(_) | Delta::Clear => &[],
        }
    })
}
