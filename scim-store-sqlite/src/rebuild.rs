//! Derives anew what was derived by other rules: an index that was filled under these would silently
//! miss rows.

use std::{collections::HashSet, sync::Arc};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use scim_core::{
    Document, Object,
    query::prepared_values,
    schema::{Attribute, ResourceType},
    store::{StoreError, StoreErrorKind},
};

use crate::{
    anchors::Known,
    attached::{Attached, unique_lines},
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
    let known = known.unwrap_or_default();
    let fingerprint = attached.fingerprint(&known);
    if known == fingerprint {
        return Ok(None);
    }
    // All that is kept in memory is forgotten afterwards.
    let gathered = Gathered::new(None, Known::default());
    let unique = unique_lines(&known).map(|(_, it)| it).collect();
    Rebuild { sql: &transaction, attached, gathered, unique }.run()?;
    transaction.execute(
        "INSERT INTO fingerprint (only, text) VALUES (1, ?1) \
         ON CONFLICT DO UPDATE SET text = ?1",
        [fingerprint],
    )?;
    Ok(Some(transaction))
}

/// What a rebuild works with.
struct Rebuild<'a> {
    sql: &'a Connection,
    attached: &'a Attached,
    gathered: Gathered<'a>,
    /// Types and paths that were claimed for the sake of the schema so far.
    unique: HashSet<(&'a str, &'a str)>,
}

struct Stored {
    row: i64,
    tenant: String,
    resource_type: String,
    document: Document,
}

impl Rebuild<'_> {
    fn run(&self) -> Result<(), Failure> {
        self.sql.execute("DELETE FROM value", [])?;
        self.sql.execute("DELETE FROM anchor", [])?;
        self.set_claims_aside()?;
        let mut last = 0;
        while let Some(row) = self.some(last)? {
            last = row;
        }
        self.sql.execute("DROP TABLE old_claim", [])?;
        Ok(())
    }

    /// Takes the claims of all types that are served away, but keeps them in mind: no document tells
    /// which were made for other reasons than the schema, such as those of group names that a
    /// client's profile made unique. Those of other types stay until somebody knows what is unique
    /// of them.
    fn set_claims_aside(&self) -> Result<(), Failure> {
        self.sql.execute_batch(
            "DROP TABLE IF EXISTS old_claim;
             CREATE TEMP TABLE old_claim (row INTEGER, tenant TEXT, type TEXT, attribute TEXT,
                                          key BLOB, PRIMARY KEY (row, attribute, key)) WITHOUT ROWID;",
        )?;
        for resource_type in self.attached.types.iter() {
            let name = [resource_type.name()];
            self.sql.execute(
                "INSERT INTO old_claim SELECT row, tenant, type, attribute, key FROM claim \
                 WHERE type = ?1",
                name,
            )?;
            self.sql.execute("DELETE FROM claim WHERE type = ?1", name)?;
        }
        Ok(())
    }

    /// Rebuilds the next rows and answers with the last of them.
    fn some(&self, after: i64) -> Result<Option<i64>, Failure> {
        let stored: Vec<Stored> = self
            .sql
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
            if let Some(resource_type) = self.attached.types.named(&stored.resource_type) {
                // An attribute may have become one that is hidden.
                match stored.document.redefined(resource_type) {
                    Ok(document) => self.one(resource_type, stored, &document)?,
                    Err(_) => self.unreadable(resource_type, stored)?,
                }
            }
        }
        self.gathered.counts.write(self.sql)?;
        Ok(stored.last().map(|stored| stored.row))
    }

    fn one(
        &self,
        resource_type: &ResourceType,
        stored: &Stored,
        document: &Document,
    ) -> Result<(), Failure> {
        let Stored { row, tenant, .. } = stored;
        let values = document.values().map_err(StoreError::internal)?;
        if *document != stored.document {
            self.sql
                .prepare_cached(
                    "UPDATE resource SET visible = ?3, hidden = ?4 WHERE tenant = ?1 AND row = ?2",
                )?
                .execute(params![tenant, row, Text(document.visible()), Text(document.hidden())])?;
        }
        self.entries(resource_type, stored).add(values)?;
        let extra = self.claimed_beyond(resource_type, *row)?;
        for attribute in resource_type.unique_attributes().chain(extra) {
            for value in prepared_values(attribute, values) {
                let key = value.to_key();
                let (name, path) = (resource_type.name(), attribute.path());
                if let Some(holder) = index::claim(self.sql, tenant, name, path, &key, *row)? {
                    let attribute = attribute.clone();
                    return Err(StoreErrorKind::Conflict { attribute, holder }.into());
                }
            }
        }
        Ok(())
    }

    /// A document that nobody can read stands as one without values, and holds what it claimed: it
    /// keeps nobody from the others, and can be deleted.
    fn unreadable(&self, resource_type: &ResourceType, stored: &Stored) -> Result<(), Failure> {
        self.entries(resource_type, stored).add(&Object::new())?;
        self.keep_claims(stored.row, None)
    }

    /// Gives a row back what it claimed, of one attribute or of all.
    fn keep_claims(&self, row: i64, path: Option<&str>) -> Result<(), Failure> {
        self.sql
            .prepare_cached(
                "INSERT OR IGNORE INTO claim (tenant, type, attribute, key, row) \
                 SELECT tenant, type, attribute, key, row FROM old_claim \
                 WHERE row = ?1 AND attribute = ifnull(?2, attribute)",
            )?
            .execute(params![row, path])?;
        Ok(())
    }

    fn entries<'b>(&'b self, resource_type: &ResourceType, stored: &'b Stored) -> Entries<'b> {
        let indexes = self.attached.indexes(resource_type.name());
        let Stored { row, tenant, .. } = stored;
        Entries { sql: self.sql, gathered: &self.gathered, tenant, row: *row, indexes }
    }

    /// The attributes of a row that had a claim beyond those of the schema. What is claimed of
    /// attributes that this definition of the type lacks stays claimed: another one has them.
    fn claimed_beyond<'b>(
        &self,
        resource_type: &'b ResourceType,
        row: i64,
    ) -> Result<Vec<&'b Arc<Attribute>>, Failure> {
        let paths: Vec<String> = self
            .sql
            .prepare_cached("SELECT DISTINCT attribute FROM old_claim WHERE row = ?1")?
            .query_map([row], |it| it.get(0))?
            .collect::<Result<_, _>>()?;
        let mut beyond = Vec::new();
        for path in &paths {
            match resource_type.attribute_at(path) {
                Some(_) if self.unique.contains(&(resource_type.name(), path)) => {}
                Some(attribute) => beyond.push(attribute),
                None => self.keep_claims(row, Some(path))?,
            }
        }
        Ok(beyond)
    }
}
