//! A row as filters and sort keys look at it.

use scim_core::{
    Meta, Object,
    query::{Reach, Side, Subject},
    schema::Relation,
    store::{Edge, EdgePath, StoreError},
};

use crate::{
    reach::{far_ends, leads_to},
    row::{Row, RowId},
    state::State,
};

pub(crate) struct RowSubject<'a> {
    state: &'a State,
    place: RowId,
    row: &'a Row,
    meta: Meta,
    values: &'a Object,
}

impl<'a> RowSubject<'a> {
    pub(crate) fn new(state: &'a State, place: RowId, row: &'a Row) -> Result<Self, StoreError> {
        Ok(Self { state, place, row, meta: row.meta(), values: row.values()? })
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
        self.values
    }

    fn edges(&self, relation: &Relation, side: Side, reach: Reach) -> Vec<Edge> {
        far_ends(self.state.edges(), self.place, relation, side, reach, RowId::FIRST)
            .filter_map(|(place, path)| edge(self.state, place, path))
            .collect()
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
