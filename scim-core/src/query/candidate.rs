//! A resource as a store answered it, to be checked against a predicate.

use std::fmt;

use super::{Reach, Side, Subject};
use crate::{
    resource::{DocumentError, Meta, Object},
    schema::Relation,
    store::{Edge, Projection, RelationView, Resource},
};

/// A resource that a store answered, seen as the [`Subject`] of a predicate. Its edges are those
/// that the projection asked for.
pub struct Candidate<'a> {
    resource: &'a Resource,
    values: &'a Object,
    views: &'a [RelationView],
}

impl<'a> Candidate<'a> {
    /// Looks at a resource that was read with this projection.
    ///
    /// # Errors
    /// When the stored document is not what was written.
    pub fn new(resource: &'a Resource, projection: &'a Projection) -> Result<Self, DocumentError> {
        let values = resource.document.values()?;
        Ok(Self { resource, values, views: &projection.relations })
    }

    fn read(&self, relation: &Relation, side: Side, reach: Reach) -> &'a [Edge] {
        let wanted = |view: &RelationView| {
            *view.relation == *relation && view.side == side && view.reach == reach
        };
        let mut views = self.views.iter().zip(&self.resource.relations);
        views.find(|(view, _)| wanted(view)).map_or(&[], |(_, related)| &related.edges)
    }
}

impl fmt::Debug for Candidate<'_> {
    /// Leaves the hidden values out: some may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Candidate").field(self.resource).finish()
    }
}

impl Subject for Candidate<'_> {
    fn id(&self) -> &str {
        &self.resource.id
    }

    fn meta(&self) -> &Meta {
        &self.resource.meta
    }

    fn values(&self) -> &Object {
        self.values
    }

    fn edges(&self, relation: &Relation, side: Side, reach: Reach) -> Vec<Edge> {
        self.read(relation, side, reach).to_vec()
    }

    fn has_edge(&self, relation: &Relation, side: Side, reach: Reach, id: &str) -> bool {
        self.read(relation, side, reach).iter().any(|edge| *edge.id == *id)
    }
}
