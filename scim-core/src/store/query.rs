//! What is asked of a store, and what it answers.

use std::sync::Arc;

use bytes::Bytes;

use crate::{
    query::{Predicate, Reach, Side, SortKey},
    resource::{Document, Meta, ResourceId},
    schema::{Relation, ResourceType},
};

/// A resource as a store answers it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Resource {
    /// Its type.
    pub resource_type: Arc<ResourceType>,
    /// Its id.
    pub id: ResourceId,
    /// Its metadata.
    pub meta: Meta,
    /// Its document.
    pub document: Document,
    /// Its edges: one entry for each view of the projection, in order.
    pub relations: Vec<Related>,
}

impl Resource {
    /// A resource without edges.
    pub fn new(
        resource_type: &Arc<ResourceType>,
        id: ResourceId,
        meta: Meta,
        document: Document,
    ) -> Self {
        Self { resource_type: resource_type.clone(), id, meta, document, relations: Vec::new() }
    }
}

/// What of a resource is wanted beside the visible part of its document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    /// Whether the hidden part of the document is wanted.
    pub hidden: Hidden,
    /// Which edges are wanted.
    pub relations: Vec<RelationView>,
}

/// Whether the hidden part of a document is wanted. Closed: it is, or it is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Hidden {
    /// It need not be read.
    #[default]
    Skip,
    /// It is needed, as for changing the document.
    Load,
}

/// A wish for the edges of a resource in one relation.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationView {
    /// Which relation.
    pub relation: Arc<Relation>,
    /// From which end.
    pub side: Side,
    /// How far edges are followed.
    pub reach: Reach,
    /// How many edges one answer may hold at the most; more are read by [`Related::next`].
    pub limit: usize,
}

/// The edges of one resource in one relation, or the first of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Related {
    /// The edges, in an order that stays.
    pub edges: Vec<Edge>,
    /// Where the next edges begin, if there are more.
    pub next: Option<Position>,
}

/// The far end of an edge.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Id of the resource there.
    pub id: ResourceId,
    /// Its type.
    pub resource_type: Arc<ResourceType>,
    /// The text that represents it (`display`).
    pub label: Option<Arc<str>>,
    /// Whether it is reached over one edge or over several.
    pub path: EdgePath,
}

/// How the far end of an edge is reached (RFC 7643 §4.1.2, the `type` of `groups`). Closed by
/// the RFC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgePath {
    /// Over one edge (perhaps over several too).
    Direct,
    /// Only over several edges.
    Indirect,
}

/// A place in an ordered answer, in the store's own encoding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position(pub Bytes);

/// Which resources of one type are wanted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Query {
    /// Their type.
    pub resource_type: Arc<ResourceType>,
    /// What they must match; `None` means all.
    pub filter: Option<Predicate>,
    /// The order, most significant key first; ties keep the store's stable order. Empty leaves
    /// the order to the store.
    pub sort: Vec<SortKey>,
    /// Where the page begins.
    pub start: Start,
    /// How many resources the page may hold at the most.
    pub limit: usize,
    /// Whether the number of all matches is wanted.
    pub total: Total,
    /// What of each resource is wanted.
    pub projection: Projection,
    /// How many comparisons the store may make on resources, keys or edges that it goes through
    /// one by one: each counts as often as the filter has
    /// [comparisons](Predicate::comparisons), and once for each sort key that it is read for. What
    /// many or long values take beyond that counts as well, as
    /// [`eval_within`](crate::query::eval_within) tells it.
    pub budget: u64,
}

impl Query {
    /// The first `limit` resources of a type, in the store's order, without a total and whatever
    /// that takes.
    pub fn new(resource_type: &Arc<ResourceType>, limit: usize) -> Self {
        Self {
            resource_type: resource_type.clone(),
            filter: None,
            sort: Vec::new(),
            start: Start::Index(0),
            limit,
            total: Total::Skip,
            projection: Projection::default(),
            budget: u64::MAX,
        }
    }
}

/// Where a page begins. Closed: a store handles both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// After this many matches.
    Index(u64),
    /// After the last resource of an earlier page.
    After(Position),
}

/// Whether the number of all matches is wanted. Closed: it is, or it is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Total {
    /// It need not be known.
    #[default]
    Skip,
    /// It is wanted.
    Count,
}

/// Resources that match, or candidates that may.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Page {
    /// The resources, in the order asked for.
    pub resources: Vec<Resource>,
    /// The number of all matches, if it was wanted and the residual is empty.
    pub total: Option<u64>,
    /// Where the next page begins, if there are more.
    pub next: Option<Position>,
    /// What the store left to the engine.
    pub residual: Residual,
}

/// The part of a query that a store did not do. The default is "nothing".
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Residual {
    /// What still has to be checked on each candidate.
    pub filter: Option<Predicate>,
    /// The order that the candidates do not have; empty when they are in order.
    pub sort: Vec<SortKey>,
}

impl Residual {
    /// All that a query asks for, left to the engine: what a store answers that only narrows the
    /// candidates, or does not even do that.
    pub fn of(query: &Query) -> Self {
        Self { filter: query.filter.clone(), sort: query.sort.clone() }
    }

    /// Whether the store did all of the query.
    pub fn is_empty(&self) -> bool {
        self.filter.is_none() && self.sort.is_empty()
    }
}

/// Which edges are wanted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RelatedQuery {
    /// Type of the resources whose edges are wanted.
    pub resource_type: Arc<ResourceType>,
    /// Their ids.
    pub ids: Vec<ResourceId>,
    /// Which of their edges, and how many for each.
    pub view: RelationView,
    /// Where to go on, for a query about a single resource.
    pub after: Option<Position>,
}

impl RelatedQuery {
    /// The first edges of some resources.
    pub fn new(
        resource_type: &Arc<ResourceType>,
        ids: Vec<ResourceId>,
        view: RelationView,
    ) -> Self {
        Self { resource_type: resource_type.clone(), ids, view, after: None }
    }
}
