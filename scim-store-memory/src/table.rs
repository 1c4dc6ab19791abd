//! All rows of one resource type in one tenant.

use std::sync::Arc;

use imbl::{HashMap, OrdMap};
use scim_core::{
    schema::{Attribute, ResourceType},
    store::StoreError,
};

use crate::{
    index::Index,
    row::{Row, Unique},
};

/// The rows of one resource type in the order of their insertion, their unique values and their
/// indexes.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    resource_type: Arc<ResourceType>,
    rows: OrdMap<u64, Arc<Row>>,
    claims: HashMap<Arc<Unique>, u64>,
    indexes: Vec<Index>,
}

impl Table {
    /// An empty table with an index for each of these paths that the type has.
    pub(crate) fn new(resource_type: &Arc<ResourceType>, indexed: &[Box<str>]) -> Self {
        Self {
            resource_type: resource_type.clone(),
            rows: OrdMap::new(),
            claims: HashMap::new(),
            indexes: indexed.iter().filter_map(|path| Index::over(resource_type, path)).collect(),
        }
    }

    /// The same rows under another definition of their type, indexed anew.
    pub(crate) fn redefined(
        &self,
        resource_type: &Arc<ResourceType>,
        indexed: &[Box<str>],
    ) -> Result<Self, StoreError> {
        let mut table = Self::new(resource_type, indexed);
        for (number, row) in &self.rows {
            for index in &mut table.indexes {
                index.update(*number, None, Some(row))?;
            }
        }
        Ok(Self { rows: self.rows.clone(), claims: self.claims.clone(), ..table })
    }

    pub(crate) fn resource_type(&self) -> &Arc<ResourceType> {
        &self.resource_type
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn row(&self, number: u64) -> Option<&Arc<Row>> {
        self.rows.get(&number)
    }

    /// The rows after this number, in order.
    pub(crate) fn rows_after(&self, number: u64) -> impl Iterator<Item = (u64, &Arc<Row>)> {
        self.rows.range(number.saturating_add(1)..).map(|(number, row)| (*number, row))
    }

    /// The index over this attribute.
    pub(crate) fn index(&self, attribute: &Attribute) -> Option<&Index> {
        self.indexes.iter().find(|index| index.serves(attribute))
    }

    /// Puts a row in the place of the one with its number, if there is one.
    pub(crate) fn put(&mut self, number: u64, row: Row) -> Result<(), StoreError> {
        let row = Arc::new(row);
        let before = self.rows.insert(number, row.clone());
        self.reindex(number, before.as_deref(), Some(&row))
    }

    /// Takes a row out, with its unique values.
    pub(crate) fn remove(&mut self, number: u64) -> Result<(), StoreError> {
        let Some(row) = self.rows.remove(&number) else { return Ok(()) };
        for claim in &row.claims {
            self.claims.remove(claim);
        }
        self.reindex(number, Some(&row), None)
    }

    /// The row that holds a unique value.
    pub(crate) fn holder(&self, unique: &Unique) -> Option<(u64, &Arc<Row>)> {
        let number = *self.claims.get(unique)?;
        Some((number, self.rows.get(&number)?))
    }

    /// Gives a unique value to a row.
    pub(crate) fn claim(&mut self, unique: Arc<Unique>, number: u64) {
        self.claims.insert(unique, number);
    }

    /// Frees a unique value.
    pub(crate) fn release(&mut self, unique: &Unique) {
        self.claims.remove(unique);
    }

    fn reindex(
        &mut self,
        number: u64,
        before: Option<&Row>,
        after: Option<&Row>,
    ) -> Result<(), StoreError> {
        self.indexes.iter_mut().try_for_each(|index| index.update(number, before, after))
    }
}
