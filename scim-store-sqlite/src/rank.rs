//! The n-th row of an order without walking there: counts over stretches of it, which every write
//! keeps up to date in its own transaction (`counts`).

use rusqlite::{Connection, OptionalExtension, params, types::Value};
use scim_core::query::SortOrder;

use crate::error::Failure;

/// Row numbers of a stretch, as a power of two.
pub(crate) const STRETCH: u32 = 10;

/// An order with counts over its stretches.
#[derive(Clone, Debug)]
pub(crate) enum Ranked {
    /// That of the rows of a type.
    Rows {
        /// Name of the type.
        resource_type: String,
    },
    /// That of the index of this number.
    Entries {
        /// The number.
        index: i64,
        /// Its direction.
        order: SortOrder,
    },
}

impl Ranked {
    /// The values that the row after this many others is ordered by; `None` beyond the end.
    pub(crate) fn seek(
        &self,
        sql: &Connection,
        tenant: &str,
        skipped: u64,
    ) -> Result<Option<Vec<Value>>, Failure> {
        match self {
            Self::Rows { resource_type } => seek_row(sql, tenant, resource_type, skipped),
            Self::Entries { index, order } => seek_entry(sql, tenant, *index, *order, skipped),
        }
    }
}

fn seek_row(
    sql: &Connection,
    tenant: &str,
    resource_type: &str,
    skipped: u64,
) -> Result<Option<Vec<Value>>, Failure> {
    let mut stretches = sql.prepare_cached(
        "SELECT number, count FROM stretch WHERE tenant = ?1 AND type = ?2 ORDER BY number",
    )?;
    let mut stretches = stretches.query(params![tenant, resource_type])?;
    let mut left = skipped;
    while let Some(stretch) = stretches.next()? {
        let count: u64 = stretch.get(1)?;
        if count <= left {
            left -= count;
            continue;
        }
        let first = stretch.get::<_, i64>(0)? << STRETCH;
        let row = sql
            .prepare_cached(
                "SELECT row FROM resource WHERE tenant = ?1 AND type = ?2 AND row >= ?3 \
                 ORDER BY row LIMIT 1 OFFSET ?4",
            )?
            .query_row(params![tenant, resource_type, first, left], |it| it.get::<_, Value>(0))?;
        return Ok(Some(vec![row]));
    }
    Ok(None)
}

fn seek_entry(
    sql: &Connection,
    tenant: &str,
    index: i64,
    order: SortOrder,
    skipped: u64,
) -> Result<Option<Vec<Value>>, Failure> {
    let mut anchors = sql.prepare_cached(match order {
        SortOrder::Ascending => {
            "SELECT count, absent, key, row FROM anchor WHERE tenant = ?1 AND attribute = ?2 \
             ORDER BY absent, key, row"
        }
        SortOrder::Descending => {
            "SELECT count, absent, key, row FROM anchor WHERE tenant = ?1 AND attribute = ?2 \
             ORDER BY absent DESC, key DESC, row DESC"
        }
    })?;
    let mut anchors = anchors.query(params![tenant, index])?;
    let mut left = skipped;
    // Downwards, a stretch is entered where the one above it starts.
    let mut above = [Value::Integer(2), Value::Blob(Vec::new()), Value::Integer(0)];
    while let Some(anchor) = anchors.next()? {
        let start = [anchor.get(1)?, anchor.get(2)?, anchor.get(3)?];
        match (left.checked_sub(anchor.get(0)?), order) {
            (Some(rest), _) => (left, above) = (rest, start),
            (None, SortOrder::Ascending) => return from(sql, tenant, index, order, &start, left),
            (None, SortOrder::Descending) => return from(sql, tenant, index, order, &above, left),
        }
    }
    Ok(None)
}

/// The entry this many after the start of a stretch.
fn from(
    sql: &Connection,
    tenant: &str,
    index: i64,
    order: SortOrder,
    [absent, key, row]: &[Value; 3],
    left: u64,
) -> Result<Option<Vec<Value>>, Failure> {
    let mut statement = sql.prepare_cached(match order {
        SortOrder::Ascending => {
            "SELECT absent, key, row FROM value WHERE tenant = ?1 AND attribute = ?2 \
             AND (absent, key, row) >= (?3, ?4, ?5) ORDER BY absent, key, row LIMIT 1 OFFSET ?6"
        }
        SortOrder::Descending => {
            "SELECT absent, key, row FROM value WHERE tenant = ?1 AND attribute = ?2 \
             AND (absent, key, row) < (?3, ?4, ?5) \
             ORDER BY absent DESC, key DESC, row DESC LIMIT 1 OFFSET ?6"
        }
    })?;
    let entry = statement
        .query_row(params![tenant, index, absent, key, row, left], |it| {
            Ok(vec![it.get(0)?, it.get(1)?, it.get(2)?])
        })
        .optional()?;
    Ok(entry)
}
