//! A row as filters and sort keys look at it.

use std::{
    borrow::Cow,
    cell::{Cell, OnceCell},
};

use scim_core::{
    DocumentError, Meta, Object,
    query::{Predicate, Reach, RelatedTerm, RelatedTest, Side, Subject, eval_within},
    schema::Relation,
    store::{Edge, EdgePath, StoreError},
};

use crate::{
    reach::{far_ends, leads_to},
    row::{Row, RowId},
    state::State,
    work::Work,
};

/// A row whose document is read when a filter looks into it, as far as the filter looks.
pub(crate) struct RowSubject<'a> {
    state: &'a State,
    place: RowId,
    row: &'a Row,
    work: &'a Work,
    /// Comparisons that the test of edges that is evaluated makes with each.
    per_edge: Cell<usize>,
    meta: Meta,
    /// Names of the members of the document that are looked at.
    members: &'a [&'a str],
    values: OnceCell<Object>,
    failure: OnceCell<DocumentError>,
}

impl<'a> RowSubject<'a> {
    pub(crate) fn new(
        state: &'a State,
        place: RowId,
        row: &'a Row,
        members: &'a [&'a str],
        work: &'a Work,
    ) -> Self {
        let (values, failure) = (OnceCell::new(), OnceCell::new());
        let (per_edge, meta) = (Cell::new(1), row.meta());
        Self { state, place, row, work, per_edge, meta, members, values, failure }
    }

    /// Whether the row matches, as [`eval_within`] says, with each test of edges counted by itself;
    /// of no use once the work is too much.
    pub(crate) fn matches(&self, filter: &Predicate) -> bool {
        match filter {
            Predicate::And(parts) => parts.iter().all(|part| self.matches(part)),
            Predicate::Or(parts) => parts.iter().any(|part| self.matches(part)),
            Predicate::Not(part) => !self.matches(part),
            Predicate::Related(RelatedTerm { relation, side, reach, test: RelatedTest::Any }) => {
                self.each_edge(relation, *side, *reach).next().is_some()
            }
            _ => {
                self.per_edge.set(filter.comparisons());
                eval_within(filter, self, &|more| self.work.take(more)).unwrap_or_default()
            }
        }
    }

    fn each_edge<'s>(
        &'s self,
        relation: &'s Relation,
        side: Side,
        reach: Reach,
    ) -> impl Iterator<Item = Edge> + 's {
        let state: &'s State = self.state;
        let ends = far_ends(state.edges(), self.place, relation, side, reach, RowId::FIRST);
        ends.filter_map(move |(place, path)| edge(state, place, path))
    }

    /// What was found out about the row, unless its document could not be parsed.
    pub(crate) fn checked<T>(self, finding: T) -> Result<T, StoreError> {
        match self.failure.into_inner() {
            None => Ok(finding),
            Some(error) => Err(StoreError::internal(error)),
        }
    }
}

impl Subject for RowSubject<'_> {
    fn id(&self) -> &str {
        &self.row.id
    }

    fn meta(&self) -> &Meta {
        &self.meta
    }

    fn values(&self) -> &Object {
        self.values.get_or_init(|| {
            let read = self.row.document().members(self.members).map(Cow::into_owned);
            read.unwrap_or_else(|error| {
                self.failure.get_or_init(|| error);
                Object::new()
            })
        })
    }

    fn edges(&self, relation: &Relation, side: Side, reach: Reach) -> Vec<Edge> {
        let edges = self.each_edge(relation, side, reach);
        edges.take_while(|_| self.work.take(self.per_edge.get())).collect()
    }

    fn has_edge(&self, relation: &Relation, side: Side, reach: Reach, id: &str) -> bool {
        let other = self.state.find(id);
        other.is_some_and(|other| {
            leads_to(self.state.edges(), self.place, relation, side, reach, other)
        })
    }
}

/// The edge whose far end is this row.
pub(crate) fn edge(state: &State, place: RowId, path: EdgePath) -> Option<Edge> {
    let table = state.table_of(place)?;
    let row = table.row(place.number)?;
    Some(Edge {
        id: row.id.clone(),
        resource_type: table.resource_type().clone(),
        label: row.label.clone(),
        path,
    })
}
