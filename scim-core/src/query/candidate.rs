//! A resource as a store answered it, to be checked against a predicate.

use std::{borrow::Cow, fmt};

use super::{Predicate, Reach, Side, Subject};
use crate::{
    resource::{DocumentError, Meta, Object},
    schema::Relation,
    store::{Edge, Projection, Related, RelationView, Resource},
};

/// A resource that a store answered, seen as the [`Subject`] of a predicate. Its edges are those
/// that the projection asked for.
pub struct Candidate<'a> {
    resource: &'a Resource,
    values: Cow<'a, Object>,
    views: &'a [RelationView],
}

impl<'a> Candidate<'a> {
    /// Looks at a resource that was read with this projection.
    ///
    /// # Errors
    /// When the stored document is not what was written.
    pub fn new(resource: &'a Resource, projection: &'a Projection) -> Result<Self, DocumentError> {
        let values = Cow::Borrowed(resource.document.values()?);
        Ok(Self { resource, values, views: &projection.relations })
    }

    /// The same for one predicate: of the document only what that looks at is read.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn for_filter(
        resource: &'a Resource,
        projection: &'a Projection,
        filter: &Predicate,
    ) -> Result<Self, DocumentError> {
        let values = resource.document.members(&filter.members())?;
        Ok(Self { resource, values, views: &projection.relations })
    }

    /// Whether there are more edges of this kind than were read.
    pub(crate) fn is_cut_off(&self, view: &RelationView) -> bool {
        let related = self.related(&view.relation, view.side, view.reach);
        related.is_some_and(|related| related.next.is_some())
    }

    fn read(&self, relation: &Relation, side: Side, reach: Reach) -> &'a [Edge] {
        self.related(relation, side, reach).map_or(&[], |related| &related.edges)
    }

    /// Of several views of the same edges, the last: those before it are for showing, and may be
    /// shorter.
    fn related(&self, relation: &Relation, side: Side, reach: Reach) -> Option<&'a Related> {
        let wanted = |view: &RelationView| {
            *view.relation == *relation && view.side == side && view.reach == reach
        };
        let mut views = self.views.iter().zip(&self.resource.relations);
        views.rfind(|(view, _)| wanted(view)).map(|(_, related)| related)
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
        &self.values
    }

    fn edges(&self, relation: &Relation, side: Side, reach: Reach) -> Vec<Edge> {
        self.read(relation, side, reach).to_vec()
    }

    fn has_edge(&self, relation: &Relation, side: Side, reach: Reach, id: &str) -> bool {
        self.read(relation, side, reach).iter().any(|edge| *edge.id == *id)
    }
}
