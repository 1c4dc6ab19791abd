//! The index over attribute values and the table of unique values.

use std::{collections::BTreeSet, sync::Arc};

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};
use scim_core::{Object, ResourceId, query, schema::Attribute};

use crate::{cache::Value, counts::Place, error::Failure, gathered::Gathered};

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

const ENTER: &str = "INSERT INTO value (tenant, attribute, absent, key, row) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT DO NOTHING";

const LEAVE: &str = "DELETE FROM value WHERE tenant = ?1 AND attribute = ?2 AND absent = ?3 \
                     AND key = ?4 AND row = ?5";

/// The entries of one resource in the indexes of its type.
pub(crate) struct Entries<'a> {
    pub(crate) sql: &'a Connection,
    pub(crate) gathered: &'a Gathered<'a>,
    pub(crate) tenant: &'a str,
    pub(crate) row: i64,
    pub(crate) indexes: &'a [Index],
}

impl Entries<'_> {
    /// Enters a new document.
    pub(crate) fn add(&self, values: &Object) -> Result<(), Failure> {
        let mut statement = self.sql.prepare_cached(ENTER)?;
        for index in self.indexes {
            for key in index.keys(values) {
                self.record(&mut statement, index, key, 1)?;
            }
        }
        Ok(())
    }

    /// Takes a document out.
    pub(crate) fn remove(&self, values: &Object) -> Result<(), Failure> {
        let mut statement = self.sql.prepare_cached(LEAVE)?;
        for index in self.indexes {
            for key in index.keys(values) {
                self.record(&mut statement, index, key, -1)?;
            }
        }
        Ok(())
    }

    /// Takes a document out that nobody can read, by the entries that are there.
    pub(crate) fn remove_unreadable(&self) -> Result<(), Failure> {
        let mut entered = self.sql.prepare_cached(
            "SELECT absent, key FROM value WHERE tenant = ?1 AND attribute = ?2 AND row = ?3",
        )?;
        let mut statement = self.sql.prepare_cached(LEAVE)?;
        for index in self.indexes {
            let keys = entered
                .query_map(params![self.tenant, index.number, self.row], |it| {
                    Ok(if it.get(0)? { None } else { Some(it.get(1)?) })
                })?
                .collect::<Result<Vec<_>, _>>()?;
            for key in keys {
                self.record(&mut statement, index, key, -1)?;
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
        let mut enter = self.sql.prepare_cached(ENTER)?;
        let mut leave = self.sql.prepare_cached(LEAVE)?;
        for index in self.indexes.iter().filter(|index| index.depends_on(changed)) {
            let (before, after) = (index.keys(before), index.keys(after));
            for key in before.difference(&after) {
                self.record(&mut leave, index, key.clone(), -1)?;
            }
            for key in after.difference(&before) {
                self.record(&mut enter, index, key.clone(), 1)?;
            }
        }
        Ok(())
    }

    /// Makes (1) or removes (-1) an entry, with the statement that does.
    fn record(
        &self,
        statement: &mut CachedStatement<'_>,
        index: &Index,
        key: Option<Vec<u8>>,
        by: i64,
    ) -> Result<(), Failure> {
        if let Some(key) = &key {
            let value = Value { tenant: self.tenant, index: index.number, key };
            match by {
                1 => self.gathered.touches.value_given(value),
                _ => self.gathered.touches.value_taken(value),
            }
        }
        let (absent, key) = (key.is_none(), key.unwrap_or_default());
        let place = Place { absent, key, row: self.row };
        let recorded =
            statement.execute(params![self.tenant, index.number, absent, place.key, place.row])?;
        if recorded > 0 && index.is_order() {
            self.gathered.counts.entry(self.tenant, index.number, place, by);
        }
        Ok(())
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
