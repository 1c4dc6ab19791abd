//! Applying batches inside one transaction.

use std::collections::HashMap;

use rusqlite::{Transaction, named_params, params};
use scim_core::{
    Document, Object, ResourceId,
    schema::ResourceType,
    store::{
        Batch, Change, Delete, Delta, Effect, Insert, Key, RelationChange, Scope, StoreError,
        StoreErrorKind, Target, Write, Written,
    },
};
use serde_json::Value;

use crate::{
    STAFF,
    error::{Failure, Result},
    find,
    row::{Found, RowId, Table},
};

pub(crate) fn apply(
    db: &Transaction<'_>,
    scope: &Scope,
    mut batch: Batch,
) -> std::result::Result<Vec<Written>, StoreError> {
    let mut taken = HashMap::new();
    batch
        .assign_ids(|resource_type| next_id(db, Table::of(resource_type), &mut taken))
        .map_err(|failure| failure.0)?;
    let created = batch.now.as_micros();
    let writer = Writer { db, scope, created, at_the_end: batch.at_the_end() };
    let written = batch.entries.iter().enumerate().map(|(position, entry)| {
        writer.write(entry).map_err(|Failure(error)| error.in_entry(position))
    });
    written.collect()
}

/// The id of the next new row of a table. Numbers are never used again.
fn next_id(
    db: &Transaction<'_>,
    table: Table,
    taken: &mut HashMap<&'static str, i64>,
) -> Result<ResourceId> {
    let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1";
    let last = db.prepare_cached(sql)?.query_row([table.name()], |row| row.get::<_, i64>(0))?;
    let number = taken.entry(table.name()).or_insert(last);
    *number = number.saturating_add(1);
    Ok(RowId(table, *number).id())
}

struct Writer<'a> {
    db: &'a Transaction<'a>,
    scope: &'a Scope,
    created: i64,
    /// Whether the resources that the batch adds or removes are there at its end.
    at_the_end: HashMap<ResourceId, bool>,
}

impl Writer<'_> {
    fn write(&self, entry: &Write) -> Result<Written> {
        match entry {
            Write::Insert(insert) => self.insert(insert),
            Write::Change(change) => self.change(change),
            Write::Delete(delete) => self.delete(delete),
        }
    }

    fn insert(&self, Insert { key, document, claims, relations, .. }: &Insert) -> Result<Written> {
        let place = RowId::of(key).ok_or(StoreErrorKind::NotFound)?;
        for claim in claims {
            find::check_claim(self.db, self.scope, claim, place)?;
        }
        let label = if place.0 == Table::Accounts { "login" } else { "title" };
        let table = place.0.name();
        self.db
            .prepare_cached(&format!(
                "INSERT INTO {table} (id, company, {label}, created_at) VALUES (?, ?, '', ?)"
            ))?
            .execute(params![place.1, self.scope.tenant.as_str(), self.created])?;
        self.save(key, place, document)?;
        let (_, skipped) = self.relate(place, relations)?;
        let sql = format!("UPDATE {table} SET updated_at = created_at WHERE id = ?");
        self.db.prepare_cached(&sql)?.execute([place.1])?;
        self.written(key, Effect::Inserted, skipped)
    }

    fn change(&self, change: &Change) -> Result<Written> {
        let found = Found::expect(self.db, self.scope, &change.key)?;
        change.precondition.check(&found.meta)?;
        if let Some(document) = &change.document {
            for claim in &document.claims {
                find::check_claim(self.db, self.scope, claim, found.place)?;
            }
            self.save(&change.key, found.place, &document.after)?;
        }
        let (related, skipped) = self.relate(found.place, &change.relations)?;
        let effective = related || change.document.is_some();
        let effect = if effective { Effect::Changed } else { Effect::Unchanged };
        self.written(&change.key, effect, skipped)
    }

    fn delete(&self, Delete { key, precondition }: &Delete) -> Result<Written> {
        let Found { place, meta, .. } = Found::expect(self.db, self.scope, key)?;
        precondition.check(&meta)?;
        let RowId(table, number) = place;
        self.db
            .prepare_cached(
                "DELETE FROM team_members WHERE (kind, id) = (:kind, :id)
                OR (:kind = 't' AND team_id = :id)",
            )?
            .execute(named_params! { ":kind": table.letter(), ":id": number })?;
        let sql = format!("UPDATE {} SET deleted_at = ? WHERE id = ?", table.name());
        self.db.prepare_cached(&sql)?.execute([self.created, number])?;
        Ok(Written::new(key.id.clone(), meta, Effect::Deleted))
    }

    fn written(&self, key: &Key, effect: Effect, skipped: Vec<ResourceId>) -> Result<Written> {
        let meta = Found::expect(self.db, self.scope, key)?.meta;
        let mut written = Written::new(key.id.clone(), meta, effect);
        written.skipped = skipped;
        Ok(written)
    }

    /// Puts the values of a document where the application keeps them.
    fn save(&self, key: &Key, RowId(table, number): RowId, document: &Document) -> Result<()> {
        let resource_type = &key.resource_type;
        let values = document.values().map_err(|error| Failure(StoreError::internal(error)))?;
        let mut rest = values.clone();
        rest.remove("schemas");
        let display_name = rest.remove("displayName");
        let display_name = display_name.as_ref().and_then(Value::as_str);
        if table == Table::Teams {
            let sql = "UPDATE teams SET title = ? WHERE id = ?";
            let title = display_name.unwrap_or_default();
            self.db.prepare_cached(sql)?.execute(params![title, number])?;
        } else {
            let user_name = rest.remove("userName");
            let login = user_name.as_ref().and_then(Value::as_str);
            let locked = rest.remove("active") == Some(Value::Bool(false));
            let sql = "UPDATE accounts SET login = ?, full_name = ?, locked = ? WHERE id = ?";
            self.db.prepare_cached(sql)?.execute(params![login, display_name, locked, number])?;
            self.save_badge(number, rest.remove(STAFF).as_ref(), resource_type)?;
        }
        self.save_rest(table, number, &rest)
    }

    fn save_badge(&self, account: i64, staff: Option<&Value>, user: &ResourceType) -> Result<()> {
        let badge = staff.and_then(|staff| staff.get("badge")?.as_str());
        let Some(badge) = badge else {
            self.db
                .prepare_cached("DELETE FROM badges WHERE account_id = ?")?
                .execute([account])?;
            return Ok(());
        };
        if let (true, Some(attribute)) =
            (badge.len() > 12, user.resolve(Some(STAFF), "badge", None))
        {
            let (attribute, detail) = (attribute.clone(), "a badge has at most 12 characters");
            return Err(StoreErrorKind::Refused { attribute, detail }.into());
        }
        let sql = "INSERT INTO badges VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET number = ?2 WHERE number <> ?2";
        self.db.prepare_cached(sql)?.execute(params![account, badge])?;
        Ok(())
    }

    fn save_rest(&self, table: Table, number: i64, rest: &Object) -> Result<()> {
        let rest = serde_json::to_string(rest)?;
        let sql = "INSERT OR REPLACE INTO scim_rest VALUES (?, ?, ?)";
        self.db.prepare_cached(sql)?.execute(params![table.letter(), number, rest])?;
        Ok(())
    }

    /// Changes the members of a team; says whether any changed, and who was skipped.
    fn relate(
        &self,
        RowId(_, team): RowId,
        changes: &[RelationChange],
    ) -> Result<(bool, Vec<ResourceId>)> {
        let (mut changed, mut skipped) = (0, Vec::new());
        for change in changes {
            let members = change.existing_targets(&mut skipped, |target| self.exists(target))?;
            let (gone, listed) = match &change.delta {
                Delta::Add(_) => ("false AND", &members),
                Delta::Remove(ids) => ("", ids),
                Delta::Replace(_) | Delta::Clear => ("NOT", &members),
            };
            let listed: Vec<_> = listed.iter().map(ResourceId::as_str).collect();
            let sql = format!(
                "DELETE FROM team_members WHERE team_id = ?1
                AND {gone} kind || id IN (SELECT value FROM json_each(?2))"
            );
            let gone = params![team, serde_json::to_string(&listed)?];
            changed += self.db.prepare_cached(&sql)?.execute(gone)?;
            let sql = "INSERT OR IGNORE INTO team_members VALUES (?, ?, ?)";
            for RowId(table, number) in members.iter().filter_map(|id| RowId::parse(id)) {
                let member = params![team, table.letter(), number];
                changed += self.db.prepare_cached(sql)?.execute(member)?;
            }
        }
        Ok((changed > 0, skipped))
    }

    /// Whether there is such a resource at the end of the batch.
    fn exists(&self, target: &Target) -> Result<bool> {
        let Some(RowId(table, number)) = RowId::parse(&target.id) else { return Ok(false) };
        if target.resource_type.as_ref().is_some_and(|named| Table::of(named) != table) {
            return Ok(false);
        }
        if let Some(is_there) = self.at_the_end.get(&target.id) {
            return Ok(*is_there);
        }
        let view = table.letter();
        let sql = format!("SELECT 1 FROM scim_{view} WHERE company = ? AND id = ?");
        let mut statement = self.db.prepare_cached(&sql)?;
        Ok(statement.exists(params![self.scope.tenant.as_str(), number])?)
    }
}
