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

    /// How many edges of this kind were read.
    pub(crate) fn count(&self, view: &RelationView) -> usize {
        self.read(&view.relation, view.side, view.reach).len()
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{
        resource::{Document, ResourceId, Timestamp},
        schema::{Registry, ResourceType},
        store::{EdgePath, Position},
    };

    fn view(of: &ResourceType, side: Side, reach: Reach) -> RelationView {
        let relation = of.relations().first().unwrap().clone();
        RelationView { relation, side, reach, limit: 10 }
    }

    fn related(of: &Arc<ResourceType>, ids: &[&str]) -> Related {
        let edge = |id: &&str| Edge {
            id: ResourceId::from(*id),
            resource_type: of.clone(),
            label: None,
            path: EdgePath::Direct,
        };
        Related { edges: ids.iter().map(edge).collect(), next: None }
    }

    #[test]
    fn edges_are_those_of_the_view_that_is_asked_for() {
        let registry = Registry::standard();
        let group = registry.resource_type("Group").unwrap();
        let wishes = [
            (Side::Targets, Reach::Direct, "shown"),
            (Side::Targets, Reach::Direct, "1"),
            (Side::Targets, Reach::Transitive, "2"),
            (Side::Sources, Reach::Direct, "3"),
            (Side::Sources, Reach::Transitive, "4"),
        ];
        let document = Document::new(group, Object::new());
        let mut resource =
            Resource::new(group, ResourceId::from("g"), Meta::first(Timestamp::now()), document);
        let mut projection = Projection::default();
        for (side, reach, id) in wishes {
            projection.relations.push(view(group, side, reach));
            resource.relations.push(related(group, &[id, "everywhere"]));
        }
        resource.relations.last_mut().unwrap().next = Some(Position(vec![1].into()));

        let candidate = Candidate::new(&resource, &projection).unwrap();
        for (side, reach, id) in wishes.into_iter().skip(1) {
            let RelationView { relation, .. } = view(group, side, reach);
            let edges = candidate.edges(&relation, side, reach);
            assert_eq!(
                edges.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(),
                [id, "everywhere"]
            );
            for other in ["shown", "1", "2", "3", "4", "5"] {
                assert_eq!(candidate.has_edge(&relation, side, reach, other), other == id, "{id}");
            }
            assert!(candidate.has_edge(&relation, side, reach, "everywhere"), "{id}");
            assert_eq!(candidate.is_cut_off(&view(group, side, reach)), id == "4", "{id}");
            assert_eq!(candidate.count(&view(group, side, reach)), 2, "{id}");
        }
    }

    /// What is hidden may be secret.
    #[test]
    fn hidden_values_are_not_shown() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let mut values = Object::new();
        values.insert("userName".to_owned(), "bjensen".into());
        values.insert("password".to_owned(), "t1meMa$heen".into());
        let document = Document::new(user, values);
        let resource =
            Resource::new(user, ResourceId::from("u-1"), Meta::first(Timestamp::now()), document);
        let shown = format!("{:?}", Candidate::new(&resource, &Projection::default()).unwrap());
        assert!(shown.contains("u-1"), "{shown}");
        assert!(!shown.contains("t1meMa$heen"), "{shown}");
    }
}
