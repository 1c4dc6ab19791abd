//! Applies one batch.

use rusqlite::{Connection, OptionalExtension, Row, params};
use scim_core::{
    Document, Meta, Timestamp,
    store::{
        Batch, Change, Claim, Delete, DocumentChange, Effect, Insert, Key, Precondition,
        StoreError, StoreErrorKind, Tenant, Write, Written,
    },
};

use crate::{
    attached::Attached,
    column::{Text, meta},
    edges::{self, Deltas, Fate},
    error::Failure,
    gathered::Gathered,
    index::{self, Entries},
};

/// Applies the entries in order.
///
/// # Errors
/// The first failure; what was applied until then is the caller's to undo.
pub(crate) fn apply(
    sql: &Connection,
    attached: &Attached,
    tenant: &Tenant,
    batch: &Batch,
    gathered: &Gathered<'_>,
) -> Result<Vec<Written>, Failure> {
    let inserts = batch.entries.iter().filter(|entry| matches!(entry, Write::Insert(_))).count();
    let fate = Fate::of(batch, if inserts > 0 { gathered.take_rows(sql, inserts)? } else { 0 });
    let tenant = tenant.as_str();
    let now = gathered.stamp(batch.now);
    let step = Step { sql, attached, tenant, now, fate: &fate, gathered };
    let entries = batch.entries.iter().enumerate();
    entries
        .map(|(entry, write)| {
            let written = match write {
                Write::Insert(insert) => step.insert(entry, insert),
                Write::Change(change) => step.change(change),
                Write::Delete(delete) => step.delete(delete),
            };
            written.map_err(|failure| at(entry, failure))
        })
        .collect()
}

/// Names the entry that failed, unless the failure is the database's.
fn at(entry: usize, failure: Failure) -> Failure {
    match failure.0.kind() {
        kind @ (StoreErrorKind::NotFound
        | StoreErrorKind::VersionMismatch
        | StoreErrorKind::Stale
        | StoreErrorKind::Conflict { .. }
        | StoreErrorKind::UnknownTarget { .. }) => StoreError::at(entry, kind.clone()).into(),
        _ => failure,
    }
}

/// What all entries of one batch are applied with.
struct Step<'a> {
    sql: &'a Connection,
    attached: &'a Attached,
    tenant: &'a str,
    now: Timestamp,
    fate: &'a Fate,
    gathered: &'a Gathered<'a>,
}

/// A resource as it is before a write.
struct Current {
    row: i64,
    version: u64,
    revision: u64,
    created: Timestamp,
    last_modified: Timestamp,
    /// The text that stands for it where others refer to it.
    label: Option<Box<str>>,
}

impl Current {
    fn read(it: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            row: it.get(0)?,
            version: it.get(1)?,
            revision: it.get(2)?,
            created: Timestamp::from_micros(it.get(3)?),
            last_modified: Timestamp::from_micros(it.get(4)?),
            label: it.get(5)?,
        })
    }

    fn meta(&self) -> Meta {
        meta(self.version, self.revision, self.created.as_micros(), self.last_modified.as_micros())
    }
}

impl Step<'_> {
    fn insert(&self, entry: usize, insert: &Insert) -> Result<Written, Failure> {
        let Insert { key, document, label, claims, relations, .. } = insert;
        let row = self.fate.row_of(entry).ok_or(StoreErrorKind::Internal)?;
        // What is most likely to fail comes first, while nothing has to be undone.
        self.claim(key, row, claims)?;
        let inserted = self
            .sql
            .prepare_cached(
                "INSERT INTO resource (row, tenant, type, id, version, revision, created, \
                 last_modified, label, visible, hidden) \
                 VALUES (?1, ?2, ?3, ?4, 1, 1, ?5, ?5, ?6, ?7, ?8) \
                 ON CONFLICT (tenant, id) DO NOTHING",
            )?
            .execute(params![
                row,
                self.tenant,
                key.resource_type.name(),
                key.id.as_str(),
                self.now.as_micros(),
                label,
                Text(document.visible()),
                Text(document.hidden()),
            ])?;
        if inserted == 0 {
            return Err(taken_id(key));
        }
        self.count(key, row, 1);
        self.entries(key, row).add(document.values()?)?;
        let outcome = self.deltas(row).apply(relations)?;
        let now = self.now.as_micros();
        let mut written = Written::new(key.id.clone(), meta(1, 1, now, now), Effect::Inserted);
        written.skipped = outcome.skipped;
        Ok(written)
    }

    fn change(&self, change: &Change) -> Result<Written, Failure> {
        let Change { key, precondition, document, relations, .. } = change;
        let mut current = self.find(key, precondition)?;
        let before = current.version;
        let mut moved = document.is_some();
        let (touches, type_name) = (&self.gathered.touches, key.resource_type.name());
        match document {
            Some(_) => touches.document(self.tenant, type_name, key.id.as_str()),
            None => touches.resource(self.tenant, type_name, key.id.as_str()),
        }
        if document.is_some() {
            current.revision += 1;
        }
        let outcome = self.deltas(current.row).apply(relations)?;
        moved |= outcome.effective;
        if moved {
            current.version += 1;
            current.last_modified = self.now.after(current.last_modified);
            self.gathered.stamped(current.last_modified);
        }
        match document {
            Some(document) => self.change_document(key, &current, document)?,
            None if moved => self.change_meta(&current)?,
            None => {}
        }
        let effect = if moved { Effect::Changed } else { Effect::Unchanged };
        let mut written = Written::new(key.id.clone(), current.meta(), effect);
        (written.before, written.skipped) = (Some(before.into()), outcome.skipped);
        Ok(written)
    }

    fn change_meta(&self, to: &Current) -> Result<(), Failure> {
        self.sql
            .prepare_cached(
                "UPDATE resource SET version = ?3, revision = ?4, last_modified = ?5 \
                 WHERE tenant = ?1 AND row = ?2",
            )?
            .execute(params![
                self.tenant,
                to.row,
                to.version,
                to.revision,
                to.last_modified.as_micros(),
            ])?;
        Ok(())
    }

    /// Writes the document with its metadata, claims and indexes.
    fn change_document(
        &self,
        key: &Key,
        to: &Current,
        change: &DocumentChange,
    ) -> Result<(), Failure> {
        self.release(key, to.row, &change.releases)?;
        self.claim(key, to.row, &change.claims)?;
        let after = &change.after;
        if to.label != change.label {
            self.gathered.touches.relations(self.tenant);
        }
        let entries = self.entries(key, to.row);
        if entries.depend_on(&change.changed) {
            let before = self.document(to.row)?;
            entries.replace(&change.changed, before.values()?, after.values()?)?;
        }
        self.sql
            .prepare_cached(
                "UPDATE resource SET version = ?3, revision = ?4, last_modified = ?5, \
                 label = ?6, visible = ?7, hidden = ?8 WHERE tenant = ?1 AND row = ?2",
            )?
            .execute(params![
                self.tenant,
                to.row,
                to.version,
                to.revision,
                to.last_modified.as_micros(),
                change.label,
                Text(after.visible()),
                Text(after.hidden()),
            ])?;
        Ok(())
    }

    fn delete(&self, delete: &Delete) -> Result<Written, Failure> {
        let Delete { key, precondition } = delete;
        let current = self.find(key, precondition)?;
        let document = self.document(current.row)?;
        let touches = &self.gathered.touches;
        touches.resource(self.tenant, key.resource_type.name(), key.id.as_str());
        touches.relations(self.tenant);
        let entries = self.entries(key, current.row);
        match document.values() {
            Ok(values) => entries.remove(values)?,
            Err(_) => entries.remove_unreadable()?,
        }
        self.sql
            .prepare_cached("DELETE FROM claim WHERE tenant = ?1 AND row = ?2")?
            .execute(params![self.tenant, current.row])?;
        edges::remove_resource(self.sql, self.tenant, current.row, self.now, self.gathered)?;
        self.sql
            .prepare_cached("DELETE FROM resource WHERE tenant = ?1 AND row = ?2")?
            .execute(params![self.tenant, current.row])?;
        self.count(key, current.row, -1);
        let mut written = Written::new(key.id.clone(), current.meta(), Effect::Deleted);
        written.before = Some(current.version.into());
        Ok(written)
    }

    fn find(&self, key: &Key, precondition: &Precondition) -> Result<Current, Failure> {
        let current = self
            .sql
            .prepare_cached(
                "SELECT row, version, revision, created, last_modified, label FROM resource \
                 WHERE tenant = ?1 AND type = ?2 AND id = ?3",
            )?
            .query_row(
                params![self.tenant, key.resource_type.name(), key.id.as_str()],
                Current::read,
            )
            .optional()?
            .ok_or(StoreErrorKind::NotFound)?;
        precondition.check(&current.meta())?;
        Ok(current)
    }

    fn document(&self, row: i64) -> Result<Document, Failure> {
        let document = self
            .sql
            .prepare_cached("SELECT visible, hidden FROM resource WHERE tenant = ?1 AND row = ?2")?
            .query_row(params![self.tenant, row], |it| Text::document(it, 0, 1))?;
        Ok(document)
    }

    fn release(&self, key: &Key, row: i64, claims: &[Claim]) -> Result<(), Failure> {
        for claim in claims {
            self.sql
                .prepare_cached(
                    "DELETE FROM claim WHERE tenant = ?1 AND type = ?2 AND attribute = ?3 \
                     AND key = ?4 AND row = ?5",
                )?
                .execute(params![
                    self.tenant,
                    key.resource_type.name(),
                    claim.attribute.path(),
                    claim.value.to_key(),
                    row,
                ])?;
        }
        Ok(())
    }

    fn claim(&self, key: &Key, row: i64, claims: &[Claim]) -> Result<(), Failure> {
        for claim in claims {
            let type_name = key.resource_type.name();
            let holder = index::claim(
                self.sql,
                self.tenant,
                type_name,
                claim.attribute.path(),
                &claim.value.to_key(),
                row,
            )?;
            if let Some(holder) = holder {
                let attribute = claim.attribute.clone();
                return Err(StoreErrorKind::Conflict { attribute, holder }.into());
            }
        }
        Ok(())
    }

    fn count(&self, key: &Key, row: i64, by: i64) {
        self.gathered.counts.row(self.tenant, key.resource_type.name(), row, by);
    }

    fn entries(&self, key: &Key, row: i64) -> Entries<'_> {
        let indexes = self.attached.indexes(key.resource_type.name());
        let (sql, tenant, gathered) = (self.sql, self.tenant, self.gathered);
        Entries { sql, gathered, tenant, row, indexes }
    }

    fn deltas(&self, row: i64) -> Deltas<'_> {
        let (sql, tenant, gathered) = (self.sql, self.tenant, self.gathered);
        Deltas { sql, tenant, fate: self.fate, row, gathered }
    }
}

fn taken_id(key: &Key) -> Failure {
    match key.resource_type.attribute("id") {
        Some(attribute) => {
            let attribute = attribute.clone();
            StoreErrorKind::Conflict { attribute, holder: key.id.clone() }.into()
        }
        None => StoreErrorKind::Internal.into(),
    }
}
