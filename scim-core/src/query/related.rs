//! Tests on the edges of a resource.

use std::sync::Arc;

use super::Predicate;
use crate::{
    resource::ResourceId,
    schema::{Attribute, Relation, ResourceType},
};

/// From which end a relation is looked at. Closed: a relation has two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// From a source: what it points at (the members of a group).
    Targets,
    /// From a target: what points at it (the groups of a user).
    Sources,
}

/// How far edges are followed. Closed: a store handles both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Over one edge.
    Direct,
    /// Over any number of edges of the same relation; a resource on a cycle reaches itself.
    Transitive,
}

/// A test on the edges of a resource.
#[derive(Clone, Debug, PartialEq)]
pub struct RelatedTerm {
    /// Which edges.
    pub relation: Arc<Relation>,
    /// From which end.
    pub side: Side,
    /// How far they are followed.
    pub reach: Reach,
    /// What is asked of them.
    pub test: RelatedTest,
}

impl RelatedTerm {
    /// The attribute under which the resource shows the edges.
    pub(super) fn attribute<'a>(
        &'a self,
        resource_type: &'a ResourceType,
    ) -> Option<&'a Attribute> {
        match self.side {
            Side::Targets => Some(self.relation.attribute()),
            Side::Sources => {
                let mut inverses = resource_type.inverses().iter();
                inverses.find(|it| *it.relation() == self.relation).map(|it| &**it.attribute())
            }
        }
    }
}

/// What is asked of the edges of a resource.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RelatedTest {
    /// There is at least one.
    Any,
    /// There is one to (or from) the resource with this id.
    Id(ResourceId),
    /// There is one whose value object (`value`, `type`, `display`) matches; attributes in the
    /// predicate are sub-attributes of the relation's attribute or of its inverse.
    Matches(Box<Predicate>),
}
