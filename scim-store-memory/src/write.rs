//! Applying a batch to a copy of the state.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use scim_core::{
    Document, ResourceId, Timestamp,
    schema::{Attribute, Relation, ResourceType},
    store::{
        Batch, Change, Claim, Delete, Delta, DocumentChange, Effect, Insert, Key, Precondition,
        RelationChange, StoreError, StoreErrorKind, Target, UnknownTargets, Write, Written,
    },
};

use crate::{
    index::Changed,
    row::{Row, RowId, unique},
    state::State,
};

/// Applies all entries in order. After an error the state is of no use and must be dropped: that
/// is how nothing of a failed batch remains.
pub(crate) fn apply(
    state: &mut State,
    batch: Batch,
    indexed: &[Box<str>],
) -> Result<Vec<Written>, StoreError> {
    let forecast = batch.ends(|_, insert| state.allocate(&insert.key.resource_type, indexed));
    let now = state.stamp(batch.now);
    let mut writer = Writer { state, forecast, now, indexed };
    let written = batch
        .entries
        .into_iter()
        .enumerate()
        .map(|(position, entry)| writer.write(entry).map_err(|failure| failure.at(position)))
        .collect::<Result<_, _>>()?;
    state.edges_mut().sweep();
    Ok(written)
}

/// Where each id that the batch adds or removes is at its end.
type Forecast = HashMap<ResourceId, Option<RowId>>;

/// Why an entry failed, before its position is known.
enum Failure {
    Kind(StoreErrorKind),
    Store(StoreError),
}

impl Failure {
    fn at(self, position: usize) -> StoreError {
        match self {
            Self::Kind(kind) => StoreError::at(position, kind),
            Self::Store(error) => StoreError::at(position, error.kind().clone()).caused_by(error),
        }
    }
}

impl From<StoreErrorKind> for Failure {
    fn from(kind: StoreErrorKind) -> Self {
        Self::Kind(kind)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

struct Writer<'a> {
    state: &'a mut State,
    forecast: Forecast,
    now: Timestamp,
    indexed: &'a [Box<str>],
}

impl Writer<'_> {
    fn write(&mut self, entry: Write) -> Result<Written, Failure> {
        match entry {
            Write::Insert(insert) => self.insert(insert),
            Write::Change(change) => self.change(change),
            Write::Delete(delete) => self.delete(&delete),
        }
    }

    fn insert(&mut self, insert: Insert) -> Result<Written, Failure> {
        let Key { resource_type, id } = insert.key;
        self.check_unused(&resource_type, &id)?;
        let place = match self.forecast.get(&id) {
            Some(Some(place)) => *place,
            _ => self.state.allocate(&resource_type, self.indexed),
        };
        let mut row = Row::new(id, &insert.document, self.now);
        row.label = insert.label.map(Into::into);
        self.claim(place, &mut row, &insert.claims)?;
        let mut written = Written::new(row.id.clone(), row.meta(), Effect::Inserted);
        self.state.put(place, row, &insert.document, Changed::Everything)?;
        self.relate(place, &insert.relations, &mut written.skipped)?;
        Ok(written)
    }

    fn change(&mut self, change: Change) -> Result<Written, Failure> {
        let (place, mut row) = self.guarded(&change.key, &change.precondition)?;
        let before = row.meta().version;
        let mut effective = change.document.is_some();
        let (document, changed) = match change.document {
            Some(change) => self.change_document(place, &mut row, change)?,
            None => (row.document(), Vec::new()),
        };
        let mut skipped = Vec::new();
        effective |= self.relate(place, &change.relations, &mut skipped)?;
        let effect = if effective { Effect::Changed } else { Effect::Unchanged };
        if effective {
            row.touch(self.now);
        }
        let mut written = Written::new(row.id.clone(), row.meta(), effect);
        (written.before, written.skipped) = (Some(before), skipped);
        if effective {
            self.state.put(place, row, &document, Changed::Attributes(&changed))?;
        }
        Ok(written)
    }

    fn delete(&mut self, delete: &Delete) -> Result<Written, Failure> {
        let (place, row) = self.guarded(&delete.key, &delete.precondition)?;
        self.state.remove(place)?;
        for source in self.state.edges_mut().detach(place) {
            if let Some(mut row) = self.state.row(source).map(|row| Row::clone(row)) {
                row.touch(self.now);
                let document = row.document();
                self.state.put(source, row, &document, Changed::Attributes(&[]))?;
            }
        }
        let mut written = Written::new(row.id.clone(), row.meta(), Effect::Deleted);
        written.before = Some(written.meta.version.clone());
        Ok(written)
    }

    fn check_unused(
        &self,
        resource_type: &Arc<ResourceType>,
        id: &ResourceId,
    ) -> Result<(), StoreErrorKind> {
        match (self.state.find(id), resource_type.attribute("id")) {
            (None, _) => Ok(()),
            (Some(_), Some(attribute)) => {
                Err(StoreErrorKind::Conflict { attribute: attribute.clone(), holder: id.clone() })
            }
            (Some(_), None) => Err(StoreErrorKind::Internal),
        }
    }

    /// The row to write, if it is there and as the precondition wants it.
    fn guarded(
        &self,
        key: &Key,
        precondition: &Precondition,
    ) -> Result<(RowId, Row), StoreErrorKind> {
        let place = self.state.find_key(key).ok_or(StoreErrorKind::NotFound)?;
        let row = self.state.row(place).ok_or(StoreErrorKind::NotFound)?;
        precondition.check(&row.meta())?;
        Ok((place, Row::clone(row)))
    }

    /// The new document, and the attributes in which it differs.
    fn change_document(
        &mut self,
        place: RowId,
        row: &mut Row,
        change: DocumentChange,
    ) -> Result<(Document, Vec<Arc<Attribute>>), Failure> {
        self.release(place, row, &change.releases);
        self.claim(place, row, &change.claims)?;
        row.revise(&change.after);
        row.label = change.label.map(Into::into);
        Ok((change.after, change.changed))
    }

    fn release(&mut self, place: RowId, row: &mut Row, releases: &[Claim]) {
        let Some(table) = self.state.table_mut(place) else { return };
        for unique in releases.iter().map(unique) {
            if let Some(held) = row.claims.iter().position(|held| *held == unique) {
                row.claims.swap_remove(held);
                table.release(&unique, place.number);
            }
        }
    }

    fn claim(&mut self, place: RowId, row: &mut Row, claims: &[Claim]) -> Result<(), Failure> {
        let Some(table) = self.state.table_mut(place) else { return Ok(()) };
        for claim in claims {
            table.claim(place.number, row, claim)?;
        }
        Ok(())
    }

    /// Applies changes of edges in order and says whether any had an effect.
    fn relate(
        &mut self,
        source: RowId,
        changes: &[RelationChange],
        skipped: &mut Vec<ResourceId>,
    ) -> Result<bool, StoreErrorKind> {
        let mut effective = false;
        for RelationChange { relation, delta, unknown } in changes {
            effective |= match delta {
                Delta::Add(targets) => {
                    let targets = self.resolve(relation, targets, *unknown, skipped)?;
                    let edges = self.state.edges_mut();
                    targets.iter().fold(false, |any, it| edges.add(source, relation, *it) | any)
                }
                Delta::Replace(targets) => {
                    let targets = self.resolve(relation, targets, *unknown, skipped)?;
                    self.state.edges_mut().replace(source, relation, &targets)
                }
                Delta::Remove(ids) => {
                    let targets: Vec<_> = ids.iter().filter_map(|id| self.present(id)).collect();
                    let edges = self.state.edges_mut();
                    targets.iter().fold(false, |any, it| edges.remove(source, relation, *it) | any)
                }
                Delta::Clear => self.state.edges_mut().clear(source, relation),
            };
        }
        Ok(effective)
    }

    /// The rows that these targets are at the end of the batch.
    fn resolve(
        &self,
        relation: &Arc<Relation>,
        targets: &[Target],
        unknown: UnknownTargets,
        skipped: &mut Vec<ResourceId>,
    ) -> Result<BTreeSet<RowId>, StoreErrorKind> {
        let mut rows = BTreeSet::new();
        for target in targets {
            match (self.final_place(relation, target), unknown) {
                (Some(place), _) => {
                    rows.insert(place);
                }
                (None, UnknownTargets::Skip) => skipped.push(target.id.clone()),
                (None, UnknownTargets::Refuse) => {
                    let (relation, target) = (relation.clone(), target.id.clone());
                    return Err(StoreErrorKind::UnknownTarget { relation, target });
                }
            }
        }
        Ok(rows)
    }

    fn final_place(&self, relation: &Relation, target: &Target) -> Option<RowId> {
        let place = match self.forecast.get(&target.id) {
            Some(place) => (*place)?,
            None => self.state.find(&target.id)?,
        };
        let found = self.state.table_of(place)?.resource_type();
        let named = target.resource_type.as_ref();
        (relation.accepts(found.name()) && named.is_none_or(|named| named == found))
            .then_some(place)
    }

    /// Where a resource is now, or where a later entry of the batch puts it.
    fn present(&self, id: &ResourceId) -> Option<RowId> {
        self.state.find(id).or_else(|| self.forecast.get(id).copied().flatten())
    }
}
