//! Which edges a removal by filter means: `members[display co "x"]`.

use std::{collections::BTreeSet, sync::Arc};

use super::{Context, Engine, Failure, relations};
use crate::{
    hooks::Reading,
    patch::RelationOperation,
    query::{Predicate, Side, edge_value, eval_element},
    resource::{ResourceId, label},
    schema::{Relation, ResourceType},
    store::{Delta, Edge, EdgePath, Hidden, Key, Projection, RelatedQuery, RelationChange, Target},
};

impl Engine {
    /// The targets that match among those there are and those that earlier operations of the
    /// request add (H-010). Counts those that it looks at.
    pub(super) async fn matching(
        &self,
        context: &Context,
        key: &Key,
        operation: &RelationOperation,
        earlier: &[RelationChange],
        predicate: &Predicate,
        looks: &mut usize,
    ) -> Result<Vec<ResourceId>, Failure> {
        let relation = &operation.relation;
        let mut matching = self.matching_present(context, key, operation, predicate, looks).await?;
        // Only a request that adds targets and then removes by filter looks at each of them.
        for target in added(earlier, relation) {
            *looks = looks.saturating_add(1);
            if let Some(edge) = self.edge_to(context, relation, target).await?
                && matches(predicate, &edge)
            {
                matching.push(edge.id);
            }
        }
        Ok(matching)
    }

    async fn matching_present(
        &self,
        context: &Context,
        key: &Key,
        operation: &RelationOperation,
        predicate: &Predicate,
        looks: &mut usize,
    ) -> Result<Vec<ResourceId>, Failure> {
        let view = relations::view(&operation.relation, Side::Targets, self.limits.edges);
        let mut query = RelatedQuery::new(&key.resource_type, vec![key.id.clone()], view);
        let mut matching = Vec::new();
        loop {
            let answer = self.store.related(&context.scope, &query).await?;
            let Some(related) = answer.into_iter().next() else { return Ok(matching) };
            *looks = looks.saturating_add(related.edges.len());
            let found = related.edges.into_iter().filter(|edge| matches(predicate, edge));
            matching.extend(found.map(|edge| edge.id));
            match related.next {
                Some(next) => query.after = Some(next),
                None => return Ok(matching),
            }
        }
    }

    /// The edge to a target that is only about to be added; to one out of the caller's sight there
    /// is none.
    async fn edge_to(
        &self,
        context: &Context,
        relation: &Relation,
        target: &Target,
    ) -> Result<Option<Edge>, Failure> {
        let projection = Projection { hidden: Hidden::Skip, relations: Vec::new() };
        for resource_type in relation.targets().filter_map(|it| self.registry.resource_type(it)) {
            if !self.is_visible(context, resource_type, &target.id).await? {
                continue;
            }
            let key = Key::new(resource_type, target.id.clone());
            if let Some(found) = self.store.get(&context.scope, &key, &projection).await? {
                return Ok(Some(Edge {
                    label: label(found.document.values()?).map(Into::into),
                    id: found.id,
                    resource_type: found.resource_type,
                    path: EdgePath::Direct,
                }));
            }
        }
        Ok(None)
    }

    /// Whether the caller would see a resource if there is one.
    async fn is_visible(
        &self,
        context: &Context,
        resource_type: &Arc<ResourceType>,
        id: &ResourceId,
    ) -> Result<bool, Failure> {
        if self.visible(context, resource_type, Reading::One)?.is_none() {
            return Ok(true);
        }
        let ids = BTreeSet::from([id.clone()]);
        Ok(!self.existing(context, resource_type, ids, None).await?.is_empty())
    }
}

fn matches(predicate: &Predicate, edge: &Edge) -> bool {
    eval_element(predicate, &edge_value(edge, Side::Targets))
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
