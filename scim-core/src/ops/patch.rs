//! Changing a part of a resource (RFC 7644 §3.5.2).

use std::sync::Arc;

use super::{Context, Engine, Failure, Outcome, relations, write::document_change};
use crate::{
    config::ATTEMPTS,
    patch::{self, PatchContext, PatchRequest, Plan, RelationAction, RelationOperation},
    query::{Predicate, Side, edge_value, eval_element},
    resource::ResourceId,
    schema::Relation,
    store::{
        Change, Delta, Key, Precondition, RelatedQuery, RelationChange, StoreError, StoreErrorKind,
        Write,
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
        let reading = PatchContext {
            registry: &self.registry,
            resource_type: &key.resource_type,
            rules: &self.behaviour.rules,
            options: &self.behaviour.patch,
        };
        let plan = patch::plan(&reading, request, &mut context.notes)?;
        if plan.is_blind() {
            return self.patch_edges(context, key, plan, precondition).await;
        }
        for _ in 0..ATTEMPTS.get() {
            match self.patch_document(context, &key, &plan, &precondition).await {
                Err(lost) if lost.lost_race() => {}
                Err(failure) => return Err(failure),
                Ok(()) => return self.changed(context, &key).await,
            }
        }
        Err(StoreError::new(StoreErrorKind::Stale).into())
    }

    /// Changes edges without reading anything; the answer stays as small as the request unless
    /// the client asked for the resource (RFC 7644 §3.5.2: 200 or 204).
    async fn patch_edges(
        &self,
        context: &mut Context,
        key: Key,
        plan: Plan,
        precondition: Precondition,
    ) -> Result<Outcome, Failure> {
        let mut change = Change::new(key.clone(), precondition);
        for operation in plan.relations {
            if let RelationAction::Delta(delta) = operation.action {
                change.relations.push(self.relation_change(operation.relation, delta));
            }
        }
        let written = self.write_one(context, Write::Change(change)).await?;
        match context.selection.is_explicit() {
            true => self.changed(context, &key).await,
            false => Ok(Outcome::Done(Some(written.meta.version))),
        }
    }

    async fn patch_document(
        &self,
        context: &mut Context,
        key: &Key,
        plan: &Plan,
        precondition: &Precondition,
    ) -> Result<(), Failure> {
        let resource_type = &key.resource_type;
        let current = self.read_document(context, key).await?;
        let before = current.document.values()?;
        let mut after = patch::apply(resource_type, before, &plan.document, &self.behaviour.patch)?;
        let notes = &mut context.notes;
        self.keep_secrets(&context.scope, resource_type, &mut after, Some(before), notes).await?;
        let unchanged = precondition.clone().and_document(current.meta.revision.clone());
        let mut change = Change::new(key.clone(), unchanged);
        change.document = document_change(resource_type, before, after);
        for operation in &plan.relations {
            let delta = self.resolve(context, key, operation).await?;
            change.relations.push(self.relation_change(operation.relation.clone(), delta));
        }
        self.write_one(context, Write::Change(change)).await?;
        Ok(())
    }

    fn relation_change(&self, relation: Arc<Relation>, delta: Delta) -> RelationChange {
        RelationChange { relation, delta, unknown: self.behaviour.unknown_targets }
    }

    /// What an operation on a relation comes to, given the edges that are there.
    async fn resolve(
        &self,
        context: &Context,
        key: &Key,
        operation: &RelationOperation,
    ) -> Result<Delta, Failure> {
        match &operation.action {
            RelationAction::Delta(delta) => Ok(delta.clone()),
            RelationAction::RemoveMatching(predicate) => {
                let matching = self.matching_targets(context, key, operation, predicate).await?;
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
}
