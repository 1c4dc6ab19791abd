//! A row as filters and sort keys look at it.

use std::{borrow::Cow, cell::OnceCell};

use scim_core::{
    DocumentError, Meta, Object,
    query::{Reach, Side, Subject},
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
    /// Comparisons that a look at one edge takes.
    each: usize,
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
        (work, each): (&'a Work, usize),
    ) -> Self {
        let (values, failure) = (OnceCell::new(), OnceCell::new());
        Self { state, place, row, work, each, meta: row.meta(), members, values, failure }
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
        far_ends(self.state.edges(), self.place, relation, side, reach, RowId::FIRST)
            .take_while(|_| self.work.take(self.each))
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
