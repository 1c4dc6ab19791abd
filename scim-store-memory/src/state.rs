//! Everything one tenant has, at one moment.

use std::sync::Arc;

use imbl::HashMap;
use scim_core::{
    Document, ResourceId, Timestamp,
    schema::{Registry, ResourceType},
    store::{Key, StoreError},
};

use crate::{
    edges::Edges,
    index::Changed,
    row::{Row, RowId},
    table::Table,
};

/// An immutable state of persistent maps: cloning it costs a few reference counts, and a clone
/// shares all that a write does not touch.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    tables: Vec<Table>,
    ids: HashMap<ResourceId, RowId>,
    edges: Edges,
    last_number: u64,
    /// The latest time that anything was stamped with.
    latest: Option<Timestamp>,
}

impl State {
    /// The table of a resource type, if any resource of the type was ever added.
    pub(crate) fn table(&self, resource_type: &ResourceType) -> Option<(usize, &Table)> {
        self.tables
            .iter()
            .enumerate()
            .find(|(_, table)| table.resource_type().name() == resource_type.name())
    }

    /// The table in which a row is.
    pub(crate) fn table_of(&self, row: RowId) -> Option<&Table> {
        self.tables.get(row.table)
    }

    /// Where the resource with this id is, whatever its type.
    pub(crate) fn find(&self, id: &str) -> Option<RowId> {
        self.ids.get(id).copied()
    }

    /// Where the resource of this type and id is.
    pub(crate) fn find_key(&self, key: &Key) -> Option<RowId> {
        let row = self.find(&key.id)?;
        let table = self.table_of(row)?;
        (table.resource_type().name() == key.resource_type.name()).then_some(row)
    }

    pub(crate) fn row(&self, row: RowId) -> Option<&Arc<Row>> {
        self.table_of(row)?.row(row.number)
    }

    pub(crate) fn edges(&self) -> &Edges {
        &self.edges
    }

    pub(crate) fn edges_mut(&mut self) -> &mut Edges {
        &mut self.edges
    }

    pub(crate) fn table_mut(&mut self, row: RowId) -> Option<&mut Table> {
        self.tables.get_mut(row.table)
    }

    /// A place for a new row of this type.
    pub(crate) fn allocate(
        &mut self,
        resource_type: &Arc<ResourceType>,
        indexed: &[Box<str>],
    ) -> RowId {
        let table = match self.table(resource_type) {
            Some((position, _)) => position,
            None => {
                self.tables.push(Table::new(resource_type, indexed));
                self.tables.len().saturating_sub(1)
            }
        };
        self.last_number = self.last_number.saturating_add(1);
        RowId { number: self.last_number, table }
    }

    /// The time to stamp on what a batch changes: that of the batch, or one later than all before.
    /// Whoever asks for what changed since the last that was seen must not miss what comes later.
    pub(crate) fn stamp(&self, now: Timestamp) -> Timestamp {
        self.latest.map_or(now, |latest| now.after(latest))
    }

    /// Puts a row with this document in its place.
    pub(crate) fn put(
        &mut self,
        place: RowId,
        row: Row,
        document: &Document,
        changed: Changed<'_>,
    ) -> Result<(), StoreError> {
        self.latest = self.latest.max(Some(row.last_modified));
        if !self.ids.contains_key(&row.id) {
            self.ids.insert(row.id.clone(), place);
        }
        self.table_mut(place)
            .map_or(Ok(()), |table| table.put(place.number, row, document, changed))
    }

    /// Takes a row out, but not its edges.
    pub(crate) fn remove(&mut self, place: RowId) -> Result<(), StoreError> {
        if let Some(id) = self.row(place).map(|row| row.id.clone()) {
            self.ids.remove(&id);
        }
        self.table_mut(place).map_or(Ok(()), |table| table.remove(place.number))
    }

    /// The same resources under the definitions of another registry.
    pub(crate) fn redefined(
        &self,
        registry: &Registry,
        indexed: &[Box<str>],
    ) -> Result<Self, StoreError> {
        let redefine = |table: &Table| match registry.resource_type(table.resource_type().name()) {
            Some(new) if !Arc::ptr_eq(new, table.resource_type()) => table.redefined(new, indexed),
            _ => Ok(table.clone()),
        };
        let tables = self.tables.iter().map(redefine).collect::<Result<_, _>>()?;
        Ok(Self { tables, ..self.clone() })
    }
}
