//! All rows of one resource type in one tenant.

use std::sync::Arc;

use scim_core::{
    Document,
    query::prepared_values,
    schema::{Attribute, ResourceType},
    store::{Claim, StoreError, StoreErrorKind},
};

use crate::{
    index::{Changed, Index, Indexed},
    keys::KeySet,
    numbered::Numbered,
    row::{Row, Unique, path_of, unique},
};

/// The rows of one resource type in the order of their insertion, their unique values and their
/// indexes.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    resource_type: Arc<ResourceType>,
    rows: Numbered<Arc<Row>>,
    /// Unique values, and the row that holds each.
    claims: KeySet,
    /// Paths that were claimed for the sake of a definition: of this one, or of another that had
    /// attributes which this one lacks.
    unique: Arc<[Box<str>]>,
    indexes: Vec<Index>,
}

impl Table {
    /// An empty table with an index for each of these paths that the type has.
    pub(crate) fn new(resource_type: &Arc<ResourceType>, indexed: &[Box<str>]) -> Self {
        Self {
            resource_type: resource_type.clone(),
            rows: Numbered::default(),
            claims: KeySet::default(),
            unique: resource_type.unique_attributes().map(|it| it.path().into()).collect(),
            indexes: indexed.iter().filter_map(|path| Index::over(resource_type, path)).collect(),
        }
    }

    /// The same rows under another definition of their type: what is derived from their documents
    /// is derived anew.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`] when two of them hold what is one unique value now.
    pub(crate) fn redefined(
        &self,
        resource_type: &Arc<ResourceType>,
        indexed: &[Box<str>],
    ) -> Result<Self, StoreError> {
        let mut table = Self::new(resource_type, indexed);
        let elsewhere = self.unique.iter().filter(|it| resource_type.attribute_at(it).is_none());
        table.unique = table.unique.iter().chain(elsewhere).cloned().collect();
        for (number, before) in self.rows.from(0) {
            // An attribute may have become one that is hidden.
            let document =
                before.document().redefined(resource_type).map_err(StoreError::internal)?;
            let values = document.values().map_err(StoreError::internal)?;
            let mut row = before.with(&document);
            for attribute in self.claimed(before, resource_type) {
                for value in prepared_values(attribute, values) {
                    let claim = Claim { attribute: attribute.clone(), value };
                    table.claim(number, &mut row, &claim)?;
                }
            }
            for unique in before.claims.iter().filter(|it| is_unknown(it, resource_type)) {
                table.keep(number, &mut row, unique.clone());
            }
            table.put(number, row, &document, Changed::Everything)?;
        }
        Ok(table)
    }

    /// What a row claims under another definition of its type: what that makes unique, and what was
    /// claimed for other reasons than a definition so far, as the names of groups are.
    fn claimed<'a>(
        &'a self,
        row: &'a Row,
        resource_type: &'a ResourceType,
    ) -> impl Iterator<Item = &'a Arc<Attribute>> {
        let is_extra = |path: &&str| self.unique.iter().all(|it| **it != **path);
        let extra = row.claims.iter().filter_map(|unique| path_of(unique)).filter(is_extra);
        let extra = extra.filter_map(|path| resource_type.attribute_at(path));
        resource_type.unique_attributes().chain(extra)
    }

    pub(crate) fn resource_type(&self) -> &Arc<ResourceType> {
        &self.resource_type
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn row(&self, number: u64) -> Option<&Arc<Row>> {
        self.rows.get(number)
    }

    /// The rows after this number, in order.
    pub(crate) fn rows_after(&self, number: u64) -> impl Iterator<Item = (u64, &Arc<Row>)> {
        self.rows.from(number.saturating_add(1))
    }

    /// The numbers of the rows after this number, in order and without the first few.
    pub(crate) fn numbers_after(&self, number: u64, skipped: usize) -> impl Iterator<Item = u64> {
        let next = number.saturating_add(1);
        let first = match skipped {
            0 => Some(next),
            _ => self.rows.number_at(self.rows.rank(next).saturating_add(skipped)),
        };
        first.into_iter().flat_map(|first| self.rows.from(first)).map(|(number, _)| number)
    }

    /// The index over this attribute.
    pub(crate) fn index(&self, attribute: &Attribute) -> Option<&Index> {
        self.indexes.iter().find(|index| index.serves(attribute))
    }

    /// Puts a row with this document in the place of the one with its number, if there is one.
    pub(crate) fn put(
        &mut self,
        number: u64,
        row: Row,
        document: &Document,
        changed: Changed<'_>,
    ) -> Result<(), StoreError> {
        let row = Arc::new(row);
        let before = self.rows.insert(number, row.clone());
        let old = before.as_ref().map(|row| row.document());
        self.reindex(number, before.as_deref().zip(old.as_ref()), Some((&row, document)), changed)
    }

    /// Takes a row out, with its unique values.
    pub(crate) fn remove(&mut self, number: u64) -> Result<(), StoreError> {
        let Some(row) = self.rows.remove(number) else { return Ok(()) };
        for claim in &row.claims {
            self.claims.remove((claim, number));
        }
        self.reindex(number, Some((&row, &row.document())), None, Changed::Everything)
    }

    /// The row that holds a unique value.
    fn holder(&self, unique: &[u8]) -> Option<u64> {
        let found = self.claims.from((unique, 0)).next().filter(|at| at.has_key(unique))?;
        Some(found.row)
    }

    /// Gives a unique value to a row.
    ///
    /// # Errors
    /// [`StoreErrorKind::Conflict`] when another one holds it.
    pub(crate) fn claim(
        &mut self,
        number: u64,
        row: &mut Row,
        claim: &Claim,
    ) -> Result<(), StoreErrorKind> {
        let unique = unique(claim);
        match self.holder(&unique) {
            Some(holder) if holder == number => {}
            Some(holder) => {
                let holder = self.rows.get(holder).ok_or(StoreErrorKind::Internal)?.id.clone();
                return Err(StoreErrorKind::Conflict {
                    attribute: claim.attribute.clone(),
                    holder,
                });
            }
            None => self.keep(number, row, unique),
        }
        Ok(())
    }

    /// Gives a unique value to a row that nobody else holds.
    fn keep(&mut self, number: u64, row: &mut Row, unique: Unique) {
        self.claims.insert((&unique, number));
        row.claims.push(unique);
    }

    /// Frees a unique value of a row.
    pub(crate) fn release(&mut self, unique: &[u8], number: u64) {
        self.claims.remove((unique, number));
    }

    fn reindex(
        &mut self,
        number: u64,
        before: Option<Indexed<'_>>,
        after: Option<Indexed<'_>>,
        changed: Changed<'_>,
    ) -> Result<(), StoreError> {
        let mut indexes = self.indexes.iter_mut();
        indexes.try_for_each(|index| index.update(number, before, after, changed))
    }
}

/// Whether a unique value is of an attribute that this definition of the type lacks.
fn is_unknown(unique: &Unique, resource_type: &ResourceType) -> bool {
    path_of(unique).is_some_and(|path| resource_type.attribute_at(path).is_none())
}
