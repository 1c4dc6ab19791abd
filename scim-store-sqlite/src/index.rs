//! The index over attribute values and the table of unique values.

use std::{collections::BTreeSet, sync::Arc};

use rusqlite::{Connection, OptionalExtension, params};
use scim_core::{Object, ResourceId, query, schema::Attribute};

use crate::{
    counts::{Counts, Place},
    error::Failure,
};

/// An attribute of a resource type whose values are indexed.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// Stands for type and attribute in the table.
    pub(crate) number: i64,
    pub(crate) attribute: Arc<Attribute>,
}

impl Index {
    /// Whether a resource has at most one value, so that the index is also an order.
    pub(crate) fn is_order(&self) -> bool {
        !self.attribute.is_multi_valued() && !self.attribute.is_in_multi_valued()
    }

    /// Whether its entries may be others after a change of these attributes.
    fn depends_on(&self, changed: &[Arc<Attribute>]) -> bool {
        changed.iter().any(|changed| {
            let rest = self.attribute.path().strip_prefix(changed.path());
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    }

    /// What stands in the index for a document: `None` for the absence of a value.
    fn keys(&self, values: &Object) -> BTreeSet<Option<Vec<u8>>> {
        let prepared = query::prepared_values(&self.attribute, values);
        let mut keys: BTreeSet<_> = prepared.iter().map(|it| Some(it.to_key())).collect();
        if keys.is_empty() && self.is_order() {
            keys.insert(None);
        }
        keys
    }
}

/// The entries of one resource in the indexes of its type.
pub(crate) struct Entries<'a> {
    pub(crate) sql: &'a Connection,
    pub(crate) counts: &'a Counts,
    pub(crate) tenant: &'a str,
    pub(crate) row: i64,
    pub(crate) indexes: &'a [Index],
}

impl Entries<'_> {
    /// Enters a new document.
    pub(crate) fn add(&self, values: &Object) -> Result<(), Failure> {
        for index in self.indexes {
            for key in index.keys(values) {
                self.enter(index, key)?;
            }
        }
        Ok(())
    }

    /// Takes a document out.
    pub(crate) fn remove(&self, values: &Object) -> Result<(), Failure> {
        for index in self.indexes {
            for key in index.keys(values) {
                self.leave(index, key)?;
            }
        }
        Ok(())
    }

    /// Whether a change of these attributes changes any entry.
    pub(crate) fn depend_on(&self, changed: &[Arc<Attribute>]) -> bool {
        self.indexes.iter().any(|index| index.depends_on(changed))
    }

    /// Brings the entries of one document to those of another, in which these attributes differ.
    pub(crate) fn replace(
        &self,
        changed: &[Arc<Attribute>],
        before: &Object,
        after: &Object,
    ) -> Result<(), Failure> {
        for index in self.indexes.iter().filter(|index| index.depends_on(changed)) {
            let (before, after) = (index.keys(before), index.keys(after));
            for key in before.difference(&after) {
                self.leave(index, key.clone())?;
            }
            for key in after.difference(&before) {
                self.enter(index, key.clone())?;
            }
        }
        Ok(())
    }

    fn enter(&self, index: &Index, key: Option<Vec<u8>>) -> Result<(), Failure> {
        let place = self.place(key);
        self.sql
            .prepare_cached(
                "INSERT INTO value (tenant, attribute, absent, key, row) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![self.tenant, index.number, place.absent, place.key, place.row])?;
        self.count(index, place, 1);
        Ok(())
    }

    fn leave(&self, index: &Index, key: Option<Vec<u8>>) -> Result<(), Failure> {
        let place = self.place(key);
        self.sql
            .prepare_cached(
                "DELETE FROM value WHERE tenant = ?1 AND attribute = ?2 AND absent = ?3 \
                 AND key = ?4 AND row = ?5",
            )?
            .execute(params![self.tenant, index.number, place.absent, place.key, place.row])?;
        self.count(index, place, -1);
        Ok(())
    }

    fn place(&self, key: Option<Vec<u8>>) -> Place {
        Place { absent: key.is_none(), key: key.unwrap_or_default(), row: self.row }
    }

    fn count(&self, index: &Index, place: Place, by: i64) {
        if index.is_order() {
            self.counts.entry(self.tenant, index.number, place, by);
        }
    }
}

/// Takes a unique value for a resource; answers who holds it if another one does.
pub(crate) fn claim(
    sql: &Connection,
    tenant: &str,
    resource_type: &str,
    attribute: &str,
    key: &[u8],
    row: i64,
) -> Result<Option<ResourceId>, Failure> {
    let taken = sql
        .prepare_cached(
            "INSERT INTO claim (tenant, type, attribute, key, row) VALUES (?1, ?2, ?3, ?4, ?5) \
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![tenant, resource_type, attribute, key, row])?;
    if taken > 0 {
        return Ok(None);
    }
    let holder = sql
        .prepare_cached(
            "SELECT r.id FROM claim c JOIN resource r ON r.row = c.row \
             WHERE c.tenant = ?1 AND c.type = ?2 AND c.attribute = ?3 AND c.key = ?4 \
             AND c.row <> ?5",
        )?
        .query_row(params![tenant, resource_type, attribute, key, row], |it| it.get::<_, String>(0))
        .optional()?;
    Ok(holder.map(ResourceId::from))
}
