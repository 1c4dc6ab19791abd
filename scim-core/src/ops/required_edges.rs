//! A relation that is required keeps at least one edge, whoever else removes edges meanwhile.

use std::collections::HashSet;

use super::{Context, Engine, Failure, relations::view};
use crate::{
    error::{ScimError, ScimType},
    hooks::Proposal,
    query::Side,
    resource::{ResourceId, Version},
    schema::Relation,
    store::{Delta, Hidden, Projection, RelationChange},
};

impl Engine {
    /// Checks that a proposal leaves an edge in every required relation from which it removes
    /// some. The answer is the version for which that is known; `None` if there was nothing to
    /// check. `earlier` are changes that the same batch makes before.
    ///
    /// # Errors
    /// 400 `mutability` when none is left, 404 when there is no such resource.
    pub(super) async fn keep_required_edges(
        &self,
        context: &Context,
        earlier: &[RelationChange],
        proposal: &Proposal,
    ) -> Result<Option<Version>, Failure> {
        let mut known = None;
        for relation in proposal.resource_type().relations() {
            let of_it = |it: &&RelationChange| it.relation == *relation;
            let removes = |it: &RelationChange| matches!(it.delta, Delta::Remove(_));
            let is_required = relation.attribute().is_required();
            if !is_required || !proposal.relations.iter().filter(of_it).any(removes) {
                continue;
            }
            let changes: Vec<_> = earlier.iter().chain(&proposal.relations).filter(of_it).collect();
            // One more than can be removed: if there are so many, at least one is left.
            let enough =
                changes.iter().map(|it| removed(&it.delta)).sum::<usize>().saturating_add(1);
            let projection = Projection {
                hidden: Hidden::Skip,
                relations: vec![view(relation, Side::Targets, enough)],
            };
            let found = self.store.get(&context.scope, &proposal.key, &projection).await?;
            // The batch itself may add the resource, with edges that are among the changes.
            let (version, related) = match found {
                Some(found) => (Some(found.meta.version), found.relations),
                None if earlier.is_empty() => return Err(Failure::not_found()),
                None => (None, Vec::new()),
            };
            let present: HashSet<_> =
                related.into_iter().flat_map(|it| it.edges).map(|edge| edge.id).collect();
            if present.len() < enough && after(present, &changes).is_empty() {
                return Err(none_left(relation).into());
            }
            // What was read of another version is not known of this one, and fails with it.
            known = known.or(version);
        }
        Ok(known)
    }
}

fn removed(delta: &Delta) -> usize {
    match delta {
        Delta::Remove(ids) => ids.len(),
        Delta::Add(_) | Delta::Replace(_) | Delta::Clear => 0,
    }
}

fn after(mut targets: HashSet<ResourceId>, changes: &[&RelationChange]) -> HashSet<ResourceId> {
    for change in changes {
        match &change.delta {
            Delta::Add(added) => targets.extend(added.iter().map(|it| it.id.clone())),
            Delta::Remove(ids) => ids.iter().for_each(|id| _ = targets.remove(id)),
            Delta::Replace(all) => targets = all.iter().map(|it| it.id.clone()).collect(),
            Delta::Clear => targets.clear(),
        }
    }
    targets
}

fn none_left(relation: &Relation) -> ScimError {
    let detail = "the attribute is required: one value has to stay";
    ScimError::new(ScimType::Mutability, detail).at(relation.attribute().path())
}
