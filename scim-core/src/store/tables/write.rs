//! Batches, entry by entry.

use std::collections::HashMap;

use super::{Fault, Row, Scan, Tables};
use crate::{
    query::{Lookup, prepared_values},
    resource::{ResourceId, Timestamp},
    schema::Relation,
    store::{
        Batch, Change, Claim, Delete, Effect, IdSource, Insert, Key, RelationChange, Scope,
        ServedTypes, StoreError, StoreErrorKind, Target, Write, Written,
    },
};

/// Applies a batch; `fail` says which entry a fault belongs to.
pub(super) fn apply(
    tables: &dyn Tables,
    types: &ServedTypes,
    scope: &Scope,
    mut batch: Batch,
    ids: IdSource,
    fail: impl Fn(Fault, usize) -> StoreError,
) -> Result<Vec<Written>, Fault> {
    if ids == IdSource::Store {
        let mut before = HashMap::<_, i64>::new();
        batch.assign_ids(|resource_type| {
            let before = before.entry(resource_type.name().to_owned()).or_default();
            let id = tables.new_id(resource_type, *before)?;
            *before = before.saturating_add(1);
            Ok::<_, Fault>(id)
        })?;
    }
    let ends = batch.ends(|_, insert| insert.key.clone());
    let writer = Writer { tables, types, scope, now: batch.now, ends };
    let written = batch.entries.iter().enumerate().map(|(position, entry)| {
        let written = match entry {
            Write::Insert(insert) => writer.insert(insert),
            Write::Change(change) => writer.change(change),
            Write::Delete(delete) => writer.delete(delete),
        };
        written.map_err(|fault| fail(fault, position).into())
    });
    written.collect()
}

struct Writer<'a> {
    tables: &'a dyn Tables,
    types: &'a ServedTypes,
    scope: &'a Scope,
    now: Timestamp,
    ends: HashMap<ResourceId, Option<Key>>,
}

impl Writer<'_> {
    fn insert(
        &self,
        Insert { key, document, claims, relations, .. }: &Insert,
    ) -> Result<Written, Fault> {
        self.check_claims(key, claims)?;
        self.tables.insert(self.scope, key, document, self.now)?;
        let (_, skipped) = self.relate(key, relations)?;
        self.tables.inserted(self.scope, key)?;
        self.written(key, Effect::Inserted, skipped)
    }

    fn change(
        &self,
        Change { key, precondition, document, relations }: &Change,
    ) -> Result<Written, Fault> {
        let before = self.expect(key)?.meta;
        precondition.check(&before)?;
        if let Some(document) = document {
            self.check_claims(key, &document.claims)?;
            self.tables.update(self.scope, key, &document.after)?;
        }
        let (is_related, skipped) = self.relate(key, relations)?;
        let effect = match is_related || document.is_some() {
            true => Effect::Changed,
            false => Effect::Unchanged,
        };
        let written = self.written(key, effect, skipped)?;
        Ok(Written { before: Some(before.version), ..written })
    }

    fn delete(&self, Delete { key, precondition }: &Delete) -> Result<Written, Fault> {
        let Row { meta, .. } = self.expect(key)?;
        precondition.check(&meta)?;
        self.tables.delete(self.scope, key, self.now)?;
        let before = Some(meta.version.clone());
        Ok(Written { before, ..Written::new(key.id.clone(), meta, Effect::Deleted) })
    }

    fn written(
        &self,
        key: &Key,
        effect: Effect,
        skipped: Vec<ResourceId>,
    ) -> Result<Written, Fault> {
        let mut written = Written::new(key.id.clone(), self.expect(key)?.meta, effect);
        written.skipped = skipped;
        Ok(written)
    }

    fn expect(&self, key: &Key) -> Result<Row, Fault> {
        Ok(self.tables.find(self.scope, key)?.ok_or(StoreErrorKind::NotFound)?)
    }

    /// Checks that no other resource of the type has a value that is claimed.
    fn check_claims(&self, key: &Key, claims: &[Claim]) -> Result<(), Fault> {
        for Claim { attribute, value } in claims {
            let lookup = Some(Lookup { attribute, operand: value });
            let (resource_type, limit) = (&*key.resource_type, usize::MAX);
            let scan = Scan { resource_type, lookup, after: None, offset: 0, limit };
            let mut rows = self.tables.scan(self.scope, &scan)?.into_iter();
            let holds = |row: &Row| prepared_values(attribute, &row.values).contains(value);
            if let Some(holder) = rows.find(|row| row.id != key.id && holds(row)) {
                let (attribute, holder) = (attribute.clone(), holder.id);
                return Err(StoreErrorKind::Conflict { attribute, holder }.into());
            }
        }
        Ok(())
    }

    /// Changes edges; says whether any changed, and which targets were skipped.
    fn relate(
        &self,
        key: &Key,
        changes: &[RelationChange],
    ) -> Result<(bool, Vec<ResourceId>), Fault> {
        let (mut is_changed, mut skipped) = (false, Vec::new());
        for change in changes {
            let exists = |target: &Target| self.exists(&change.relation, target);
            let targets = change.existing_targets(&mut skipped, exists)?;
            let RelationChange { relation, delta, .. } = change;
            is_changed |= self.tables.relate(self.scope, key, relation, delta, &targets)?;
        }
        Ok((is_changed, skipped))
    }

    /// Whether an edge may point at a target when the batch is done.
    fn exists(&self, relation: &Relation, target: &Target) -> Result<bool, Fault> {
        let named = target.resource_type.as_deref().map(|named| named.name());
        let mut names = relation.targets().filter(|name| named.is_none_or(|named| named == *name));
        if let Some(end) = self.ends.get(&target.id) {
            let end = end.as_ref().map(|key| key.resource_type.name());
            return Ok(end.is_some_and(|name| names.any(|it| it == name)));
        }
        for resource_type in names.filter_map(|name| self.types.named(name)) {
            let key = Key::new(resource_type, target.id.clone());
            if self.tables.find(self.scope, &key)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
