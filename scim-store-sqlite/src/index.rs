//! The index over attribute values and the table of unique values.

use std::{collections::BTreeSet, sync::Arc};

use rusqlite::{Connection, OptionalExtension, params};
use scim_core::{Object, ResourceId, query, schema::Attribute};

use crate::{cache::Value, error::Failure, rank::Entry, touch::Touches};

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

/// Enters a new document.
pub(crate) fn add(
    sql: &Connection,
    tenant: &str,
    row: i64,
    indexes: &[Index],
    values: &Object,
    touches: &Touches<'_>,
) -> Result<(), Failure> {
    for index in indexes {
        for key in index.keys(values) {
            enter(sql, tenant, row, index, key.as_deref(), touches)?;
        }
    }
    Ok(())
}

/// Takes a document out.
pub(crate) fn remove(
    sql: &Connection,
    tenant: &str,
    row: i64,
    indexes: &[Index],
    values: &Object,
    touches: &Touches<'_>,
) -> Result<(), Failure> {
    for index in indexes {
        for key in index.keys(values) {
            leave(sql, tenant, row, index, key.as_deref(), touches)?;
        }
    }
    Ok(())
}

/// Brings the entries of one document to those of another.
pub(crate) fn replace(
    sql: &Connection,
    tenant: &str,
    row: i64,
    indexes: &[Index],
    (before, after): (&Object, &Object),
    touches: &Touches<'_>,
) -> Result<(), Failure> {
    for index in indexes {
        let (before, after) = (index.keys(before), index.keys(after));
        for key in before.difference(&after) {
            leave(sql, tenant, row, index, key.as_deref(), touches)?;
        }
        for key in after.difference(&before) {
            enter(sql, tenant, row, index, key.as_deref(), touches)?;
        }
    }
    Ok(())
}

fn enter(
    sql: &Connection,
    tenant: &str,
    row: i64,
    index: &Index,
    key: Option<&[u8]>,
    touches: &Touches<'_>,
) -> Result<(), Failure> {
    if let Some(key) = key {
        touches.value_given(Value { tenant, index: index.number, key });
    }
    sql.prepare_cached(
        "INSERT INTO value (tenant, attribute, absent, key, row) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![tenant, index.number, key.is_none(), key.unwrap_or_default(), row])?;
    match index.is_order() {
        true => Entry { tenant, index, key, row }.count(sql),
        false => Ok(()),
    }
}

fn leave(
    sql: &Connection,
    tenant: &str,
    row: i64,
    index: &Index,
    key: Option<&[u8]>,
    touches: &Touches<'_>,
) -> Result<(), Failure> {
    if let Some(key) = key {
        touches.value_taken(Value { tenant, index: index.number, key });
    }
    sql.prepare_cached(
        "DELETE FROM value WHERE tenant = ?1 AND attribute = ?2 AND absent = ?3 AND key = ?4 \
         AND row = ?5",
    )?
    .execute(params![tenant, index.number, key.is_none(), key.unwrap_or_default(), row])?;
    match index.is_order() {
        true => Entry { tenant, index, key, row }.discount(sql),
        false => Ok(()),
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
