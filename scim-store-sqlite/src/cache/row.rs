//! A resource as it is kept in memory, with what is known of its edges.

use std::sync::Arc;

use scim_core::{
    query::{Reach, Side},
    store::{Edge, Hidden, Key, Projection, Related, RelationView, Resource},
};

use super::shards::Kept;

/// What a resource takes up beside its texts, about.
const OVERHEAD: usize = 400;

/// What an edge takes up, about.
const EDGE: usize = 160;

/// A resource that was read or written.
#[derive(Debug)]
pub(super) struct Row {
    tenant: Box<str>,
    /// With the hidden part, without edges.
    resource: Resource,
    pub(super) edges: Edges,
}

/// What is known of the edges of a resource.
#[derive(Debug, Default)]
pub(super) enum Edges {
    #[default]
    Unknown,
    /// There are none at all.
    None { relations: u64 },
    /// Those of some views.
    Known { views: Vec<RelationView>, related: Vec<Related>, relations: u64 },
}

impl Edges {
    /// Those of a resource that was read since the relations of its tenant stood so.
    pub(super) fn read(views: &[RelationView], it: &Resource, relations: Option<u64>) -> Self {
        let is_whole = it.relations.iter().all(|related| related.next.is_none());
        match relations {
            Some(relations) if is_whole && views.iter().all(is_kept) => {
                let (views, related) = (views.to_vec(), it.relations.clone());
                Self::Known { views, related, relations }
            }
            _ => Self::Unknown,
        }
    }
}

impl Row {
    pub(super) fn new(tenant: &str, it: &Resource, edges: Edges) -> Self {
        let resource =
            Resource::new(&it.resource_type, it.id.clone(), it.meta.clone(), it.document.clone());
        Self { tenant: tenant.into(), resource, edges }
    }

    /// Whether it is the resource of this tenant and key.
    pub(super) fn is(&self, tenant: &str, key: &Key) -> bool {
        *self.tenant == *tenant
            && Arc::ptr_eq(&self.resource.resource_type, &key.resource_type)
            && self.resource.id == key.id
    }

    /// The resource as it is wanted, if that much is known.
    pub(super) fn answer(&self, projection: &Projection, now: Option<u64>) -> Option<Resource> {
        let wanted = &projection.relations;
        let related = match &self.edges {
            _ if wanted.is_empty() => Vec::new(),
            Edges::None { relations } => {
                (Some(*relations) == now).then(|| vec![Related::default(); wanted.len()])?
            }
            Edges::Known { views, related, relations } => {
                let is_it = Some(*relations) == now && are_same(views, wanted);
                is_it.then(|| related.clone())?
            }
            Edges::Unknown => return None,
        };
        let mut resource = self.resource.clone();
        resource.relations = related;
        if projection.hidden == Hidden::Skip {
            resource.document = resource.document.without_hidden();
        }
        Some(resource)
    }
}

impl Kept for Row {
    fn bytes(&self) -> usize {
        let edges = match &self.edges {
            Edges::Known { related, .. } => {
                related.iter().flat_map(|it| &it.edges).map(taken_by).sum()
            }
            Edges::Unknown | Edges::None { .. } => 0,
        };
        let Resource { id, document, .. } = &self.resource;
        let text = document.visible().len() + document.hidden().len();
        OVERHEAD + text + self.tenant.len() + id.as_str().len() + edges
    }
}

/// Each edge has texts of its own, even where many lead to the same resource.
fn taken_by(edge: &Edge) -> usize {
    EDGE + edge.id.as_str().len() + edge.label.as_ref().map_or(0, |label| label.len())
}

/// Whether the writer can tell when the edges of such a view change: those that lead down through
/// several levels change far away.
fn is_kept(view: &RelationView) -> bool {
    (view.side, view.reach) != (Side::Targets, Reach::Transitive)
}

fn are_same(known: &[RelationView], wanted: &[RelationView]) -> bool {
    let is_same = |(one, other): (&RelationView, &RelationView)| {
        Arc::ptr_eq(&one.relation, &other.relation)
            && (one.side, one.reach, one.limit) == (other.side, other.reach, other.limit)
    };
    known.len() == wanted.len() && known.iter().zip(wanted).all(is_same)
}

#[cfg(test)]
mod tests {
    use scim_core::{Document, Meta, Timestamp, schema::Registry, store::EdgePath};

    use super::*;

    #[test]
    fn every_text_is_counted() {
        let registry = Registry::standard();
        let users = registry.resource_type("User").unwrap();
        let time = Timestamp::from_micros(0);
        let meta =
            Meta { version: 1.into(), revision: 1.into(), created: time, last_modified: time };
        let long = |letter: &str| letter.repeat(1_000_000);
        let document = Document::from_stored(long("v"), long("h"));
        let resource = Resource::new(users, long("i").into(), meta, document);
        let edge = Edge {
            id: long("e").into(),
            resource_type: users.clone(),
            label: Some(long("l").into()),
            path: EdgePath::Direct,
        };
        let related = vec![Related { edges: vec![edge.clone(), edge], next: None }];
        let edges = Edges::Known { views: Vec::new(), related, relations: 0 };
        let bytes = Row::new(&long("t"), &resource, edges).bytes();
        assert!((8_000_000..8_010_000).contains(&bytes), "{bytes}");
    }
}
