//! Derives anew what was derived by other rules: an index that was filled under these would silently
//! miss rows.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use scim_core::{
    Document,
    query::prepared_values,
    schema::{Attribute, ResourceType},
    store::StoreErrorKind,
};

use crate::{
    anchors::Known,
    attached::{Attached, unique, unique_lines},
    column::Text,
    error::Failure,
    gathered::Gathered,
    index::{self, Entries},
};

/// Rows that a rebuild reads at a time.
const CHUNK: i64 = 500;

/// Rebuilds what is derived from documents if it was derived under other rules; it is the caller's
/// to commit.
///
/// # Errors
/// [`StoreErrorKind::Conflict`] when two resources hold what is one unique value now.
pub(crate) fn bring_up_to_date<'a>(
    sql: &'a Connection,
    attached: &Attached,
) -> Result<Option<Transaction<'a>>, Failure> {
    let transaction = Transaction::new_unchecked(sql, TransactionBehavior::Immediate)?;
    let known: Option<String> =
        transaction.query_row("SELECT text FROM fingerprint", [], |it| it.get(0)).optional()?;
    let fingerprint = attached.fingerprint(known.as_deref().unwrap_or_default());
    if known.as_ref() == Some(&fingerprint) {
        return Ok(None);
    }
    transaction.execute("DELETE FROM value", [])?;
    transaction.execute("DELETE FROM anchor", [])?;
    set_extra_claims_aside(&transaction, attached, known.as_deref().unwrap_or_default())?;
    let mut last = 0;
    // All that is kept in memory is forgotten afterwards.
    let gathered = Gathered::new(None, Known::default());
    while let Some(row) = rebuild_some(&transaction, attached, &gathered, last)? {
        last = row;
    }
    transaction.execute("DROP TABLE extra_claim", [])?;
    transaction.execute(
        "INSERT INTO fingerprint (only, text) VALUES (1, ?1) \
         ON CONFLICT DO UPDATE SET text = ?1",
        [fingerprint],
    )?;
    Ok(Some(transaction))
}

/// Takes the claims of all types that are served away, and notes which were not for the sake of the
/// schema, such as those of group names that a client's profile made unique: no document tells that
/// they were there. Those of other types stay until somebody knows what is unique of them.
fn set_extra_claims_aside(
    sql: &Connection,
    attached: &Attached,
    known: &str,
) -> Result<(), Failure> {
    sql.execute_batch(
        "DROP TABLE IF EXISTS extra_claim;
         CREATE TEMP TABLE extra_claim (row INTEGER, type TEXT, attribute TEXT,
                                        PRIMARY KEY (row, attribute)) WITHOUT ROWID;",
    )?;
    for resource_type in attached.types.iter() {
        sql.execute(
            "INSERT OR IGNORE INTO extra_claim SELECT row, type, attribute FROM claim \
             WHERE type = ?1",
            [resource_type.name()],
        )?;
        sql.execute("DELETE FROM claim WHERE type = ?1", [resource_type.name()])?;
    }
    for (_, (name, path)) in unique_lines(known) {
        sql.prepare_cached("DELETE FROM extra_claim WHERE type = ?1 AND attribute = ?2")?
            .execute(params![name, path])?;
    }
    Ok(())
}

/// The attributes of a row that had a claim beyond those of the schema.
fn extra_claims<'a>(
    sql: &Connection,
    resource_type: &'a ResourceType,
    row: i64,
) -> Result<Vec<&'a Arc<Attribute>>, Failure> {
    let paths: Vec<String> = sql
        .prepare_cached("SELECT attribute FROM extra_claim WHERE row = ?1")?
        .query_map([row], |it| it.get(0))?
        .collect::<Result<_, _>>()?;
    Ok(paths.iter().filter_map(|path| resource_type.attribute_at(path)).collect())
}

struct Stored {
    row: i64,
    tenant: String,
    resource_type: String,
    document: Document,
}

/// Rebuilds the next rows and answers with the last of them.
fn rebuild_some(
    sql: &Connection,
    attached: &Attached,
    gathered: &Gathered<'_>,
    after: i64,
) -> Result<Option<i64>, Failure> {
    let stored: Vec<Stored> = sql
        .prepare_cached(
            "SELECT row, tenant, type, visible, hidden FROM resource \
             WHERE row > ?1 ORDER BY row LIMIT ?2",
        )?
        .query_map([after, CHUNK], |it| {
            Ok(Stored {
                row: it.get(0)?,
                tenant: it.get(1)?,
                resource_type: it.get(2)?,
                document: Text::document(it, 3, 4)?,
            })
        })?
        .collect::<Result<_, _>>()?;
    for stored in &stored {
        if let Some(resource_type) = attached.types.named(&stored.resource_type) {
            rebuild(sql, attached, gathered, resource_type, stored)?;
        }
    }
    gathered.counts.write(sql)?;
    Ok(stored.last().map(|stored| stored.row))
}

fn rebuild(
    sql: &Connection,
    attached: &Attached,
    gathered: &Gathered<'_>,
    resource_type: &ResourceType,
    stored: &Stored,
) -> Result<(), Failure> {
    let Stored { row, tenant, document, .. } = stored;
    let values = document.values()?;
    // An attribute may have become one that is hidden.
    let split = Document::new(resource_type, values.clone());
    if split != *document {
        sql.prepare_cached(
            "UPDATE resource SET visible = ?3, hidden = ?4 WHERE tenant = ?1 AND row = ?2",
        )?
        .execute(params![tenant, row, Text(split.visible()), Text(split.hidden())])?;
    }
    let indexes = attached.indexes(resource_type.name());
    Entries { sql, gathered, tenant, row: *row, indexes }.add(values)?;
    let extra = extra_claims(sql, resource_type, *row)?;
    for attribute in unique(resource_type).chain(extra) {
        for value in prepared_values(attribute, values) {
            let key = value.to_key();
            let (name, path) = (resource_type.name(), attribute.path());
            if let Some(holder) = index::claim(sql, tenant, name, path, &key, *row)? {
                let attribute = attribute.clone();
                return Err(StoreErrorKind::Conflict { attribute, holder }.into());
            }
        }
    }
    Ok(())
}
