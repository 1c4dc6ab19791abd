//! What derived data was derived by: an index that was filled under other rules would silently
//! miss rows.

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use scim_core::{
    Document,
    query::prepared_values,
    schema::{Attribute, Preparation, Registry, ResourceType, Returned, Uniqueness},
    store::{StoreError, StoreErrorKind},
};

use crate::{
    anchors::Known,
    column::Text,
    error::Failure,
    gathered::Gathered,
    index::{self, Entries, Index},
    writer::SharedAttached,
};

/// Changes whenever the same value would come out as another key.
const KEYS: u32 = 1;

/// Rows that a rebuild reads at a time.
const CHUNK: i64 = 500;

/// A registry with the indexes over it.
#[derive(Debug)]
pub(crate) struct Attached {
    pub(crate) registry: Arc<Registry>,
    indexes: HashMap<Box<str>, Vec<Index>>,
    known: Mutex<Known>,
}

/// The registry that was attached last.
pub(crate) fn attached(shared: &SharedAttached) -> Result<Arc<Attached>, StoreError> {
    let attached = shared.read().unwrap_or_else(PoisonError::into_inner).clone();
    attached.ok_or_else(|| StoreErrorKind::Unsupported("a store without a registry").into())
}

impl Attached {
    /// Indexes over the attributes of these paths, wherever a type has them.
    pub(crate) fn new(registry: &Arc<Registry>, paths: &[String]) -> Self {
        let mut numbers = 0..;
        let mut indexes = HashMap::new();
        for resource_type in registry.resource_types() {
            let attributes = paths.iter().filter_map(|path| indexable(resource_type, path));
            let numbered = attributes
                .zip(numbers.by_ref())
                .map(|(attribute, number)| Index { number, attribute: attribute.clone() })
                .collect();
            indexes.insert(resource_type.name().into(), numbered);
        }
        Self { registry: registry.clone(), indexes, known: Mutex::default() }
    }

    /// Takes what is known of the anchors of the indexes. It is given back when what becomes of
    /// them is committed, and otherwise forgotten.
    pub(crate) fn take_known(&self) -> Known {
        std::mem::take(&mut *self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Gives it back.
    pub(crate) fn give_known(&self, known: Known) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = known;
    }

    /// The indexes over the attributes of a type.
    pub(crate) fn indexes(&self, resource_type: &str) -> &[Index] {
        self.indexes.get(resource_type).map_or(&[], Vec::as_slice)
    }

    /// The index over this attribute of a type; of a multi-valued complex attribute its `value` is
    /// meant.
    pub(crate) fn index(
        &self,
        resource_type: &ResourceType,
        attribute: &Attribute,
    ) -> Option<&Index> {
        let value = attribute.sub_attribute("value").filter(|_| attribute.is_multi_valued());
        let attribute = value.map_or(attribute, |value| value);
        self.indexes(resource_type.name()).iter().find(|index| {
            *index.attribute == *attribute
                && index.attribute.preparation() == attribute.preparation()
        })
    }

    /// Whether some type has an index over the attribute of this path.
    pub(crate) fn knows(&self, path: &str) -> bool {
        let types = self.registry.resource_types();
        types.iter().any(|resource_type| indexable(resource_type, path).is_some())
    }

    /// Everything that derived data depends on, as text.
    fn fingerprint(&self) -> String {
        let mut text = format!("keys {KEYS}\n");
        for resource_type in self.registry.resource_types() {
            let mut line = |what: &str, attribute: &Attribute| {
                let (name, path) = (resource_type.name(), attribute.path());
                // Writing to a string does not fail.
                let _ = writeln!(text, "{what} {name} {path} {:?}", attribute.preparation());
            };
            for index in self.indexes(resource_type.name()) {
                line(&format!("index {}", index.number), &index.attribute);
            }
            unique(resource_type).for_each(|attribute| line("unique", attribute));
            every(resource_type).filter(|it| is_hidden(it)).for_each(|it| line("hidden", it));
        }
        text
    }
}

fn indexable<'a>(resource_type: &'a ResourceType, path: &str) -> Option<&'a Arc<Attribute>> {
    let attribute = resource_type.attribute_at(path)?;
    let is_document = !path.starts_with("meta.") && path != "id";
    (is_document && attribute.preparation() != Preparation::None).then_some(attribute)
}

fn every<'a>(resource_type: &'a ResourceType) -> impl Iterator<Item = &'a Arc<Attribute>> {
    let with_parts = |attribute: &'a Arc<Attribute>| {
        std::iter::once(attribute).chain(attribute.sub_attributes())
    };
    resource_type.all_attributes().flat_map(with_parts)
}

fn unique(resource_type: &ResourceType) -> impl Iterator<Item = &Arc<Attribute>> {
    every(resource_type).filter(|it| it.uniqueness() != Uniqueness::None && it.path() != "id")
}

fn is_hidden(attribute: &Attribute) -> bool {
    matches!(attribute.returned(), Returned::Never | Returned::Request)
}

/// Rebuilds what is derived from documents if it was derived under other rules.
///
/// # Errors
/// [`StoreErrorKind::Conflict`] when two resources hold what is one unique value now; nothing is
/// changed then.
pub(crate) fn bring_up_to_date(sql: &Connection, attached: &Attached) -> Result<(), Failure> {
    let transaction = Transaction::new_unchecked(sql, TransactionBehavior::Immediate)?;
    let known: Option<String> =
        transaction.query_row("SELECT text FROM fingerprint", [], |it| it.get(0)).optional()?;
    let fingerprint = attached.fingerprint();
    if known.as_ref() == Some(&fingerprint) {
        return Ok(());
    }
    transaction.execute("DELETE FROM value", [])?;
    transaction.execute("DELETE FROM anchor", [])?;
    set_extra_claims_aside(&transaction, known.as_deref().unwrap_or_default())?;
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
    transaction.commit()?;
    Ok(())
}

/// Takes all claims away, and notes which were not for the sake of the schema, such as those of
/// group names that a client's profile made unique: no document tells that they were there.
fn set_extra_claims_aside(sql: &Connection, known: &str) -> Result<(), Failure> {
    sql.execute_batch(
        "DROP TABLE IF EXISTS extra_claim;
         CREATE TEMP TABLE extra_claim (row INTEGER, type TEXT, attribute TEXT,
                                        PRIMARY KEY (row, attribute)) WITHOUT ROWID;
         INSERT OR IGNORE INTO extra_claim SELECT row, type, attribute FROM claim;
         DELETE FROM claim;",
    )?;
    let unique = known.lines().filter_map(|line| line.strip_prefix("unique "));
    for line in unique {
        let mut words = line.split(' ');
        sql.prepare_cached("DELETE FROM extra_claim WHERE type = ?1 AND attribute = ?2")?
            .execute(params![words.next(), words.next()])?;
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
        if let Some(resource_type) = attached.registry.resource_type(&stored.resource_type) {
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
