//! Changes of edges, which need no list of the edges there are.

use std::sync::Arc;

use super::StoreErrorKind;
use crate::{
    resource::ResourceId,
    schema::{Relation, ResourceType},
};

/// A change of the edges that start from a resource in one relation.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationChange {
    /// Which relation.
    pub relation: Arc<Relation>,
    /// What to do with its edges.
    pub delta: Delta,
    /// What to do about targets that do not exist.
    pub unknown: UnknownTargets,
}

impl RelationChange {
    /// The targets that it adds, without those that do not exist and may be skipped: their ids go
    /// to `skipped`.
    ///
    /// # Errors
    /// [`UnknownTarget`](StoreErrorKind::UnknownTarget) for one that may not be skipped, and what
    /// the function fails with.
    pub fn existing_targets<E: From<StoreErrorKind>>(
        &self,
        skipped: &mut Vec<ResourceId>,
        mut exists: impl FnMut(&Target) -> Result<bool, E>,
    ) -> Result<Vec<ResourceId>, E> {
        let (Delta::Add(targets) | Delta::Replace(targets)) = &self.delta else {
            return Ok(Vec::new());
        };
        let mut existing = Vec::new();
        for target in targets {
            let id = target.id.clone();
            match (exists(target)?, self.unknown) {
                (true, _) => existing.push(id),
                (false, UnknownTargets::Skip) => skipped.push(id),
                (false, UnknownTargets::Refuse) => {
                    let relation = self.relation.clone();
                    return Err(StoreErrorKind::UnknownTarget { relation, target: id }.into());
                }
            }
        }
        Ok(existing)
    }
}

/// What to do with the edges of a resource in one relation. Closed: a store handles all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// Adds edges to these targets.
    Add(Vec<Target>),
    /// Removes the edges to these resources.
    Remove(Vec<ResourceId>),
    /// Makes these the only edges.
    Replace(Vec<Target>),
    /// Removes all edges.
    Clear,
}

/// The resource at the far end of an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its id.
    pub id: ResourceId,
    /// Its type, where the client named it; the store finds it out otherwise.
    pub resource_type: Option<Arc<ResourceType>>,
}

impl From<ResourceId> for Target {
    fn from(id: ResourceId) -> Self {
        Self { id, resource_type: None }
    }
}

/// What to do about targets that do not exist. Closed: a store handles both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum UnknownTargets {
    /// Fail the batch with [`UnknownTarget`](super::StoreErrorKind::UnknownTarget).
    #[default]
    Refuse,
    /// Leave the edge out and report the target in [`Written::skipped`](super::Written::skipped).
    Skip,
}
