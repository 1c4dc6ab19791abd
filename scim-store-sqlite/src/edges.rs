//! Edges: changing them, and reclaiming what lists that are gone leave behind.

use std::{collections::HashMap, rc::Rc};

use rusqlite::{Connection, OptionalExtension, params};
use scim_core::{
    ResourceId, Timestamp,
    schema::Relation,
    store::{Batch, Delta, RelationChange, StoreErrorKind, Target, UnknownTargets},
};

use crate::{error::Failure, gathered::Gathered};

/// Edges that are reclaimed at a time, between two groups of writes: about a millisecond.
const CHUNK: i64 = 500;

/// Up to how many times its new length (and a bit) a list is changed in place by `Replace`; a
/// longer one is left behind and written anew.
const IN_PLACE: usize = 2;

/// What becomes of the resources that a batch inserts and deletes: edges may point at what a
/// later entry inserts, and not at what a later entry deletes.
pub(crate) struct Fate {
    rows: HashMap<usize, i64>,
    ids: HashMap<ResourceId, Option<Place>>,
}

#[derive(Clone)]
struct Place {
    row: i64,
    resource_type: Rc<str>,
}

impl Fate {
    /// Numbers the rows of what the batch inserts.
    pub(crate) fn of(batch: &Batch, first_free_row: i64) -> Self {
        let (mut rows, mut free) = (HashMap::new(), first_free_row);
        let ids = batch.ends(|entry, insert| {
            let row = free;
            free = free.saturating_add(1);
            rows.insert(entry, row);
            Place { row, resource_type: insert.key.resource_type.name().into() }
        });
        Self { rows, ids }
    }

    /// The row of what this entry inserts.
    pub(crate) fn row_of(&self, entry: usize) -> Option<i64> {
        self.rows.get(&entry).copied()
    }
}

/// What came of changes of edges.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) effective: bool,
    pub(crate) skipped: Vec<ResourceId>,
}

/// Changes the edges that start from one row.
pub(crate) struct Deltas<'a> {
    pub(crate) sql: &'a Connection,
    pub(crate) tenant: &'a str,
    pub(crate) fate: &'a Fate,
    pub(crate) row: i64,
    pub(crate) gathered: &'a Gathered<'a>,
}

impl Deltas<'_> {
    /// Applies the changes in order.
    pub(crate) fn apply(&self, changes: &[RelationChange]) -> Result<Outcome, Failure> {
        let mut outcome = Outcome::default();
        for change in changes {
            let relation = &*change.relation;
            let effective = match &change.delta {
                Delta::Add(targets) => {
                    let targets = self.resolve(change, targets, &mut outcome)?;
                    self.add(relation, &targets)?
                }
                Delta::Replace(targets) => {
                    let targets = self.resolve(change, targets, &mut outcome)?;
                    self.replace(relation, &targets)?
                }
                Delta::Remove(ids) => self.remove(relation, ids)?,
                Delta::Clear => self.clear(relation)?,
            };
            outcome.effective |= effective;
        }
        Ok(outcome)
    }

    /// The rows of the targets at the end of the batch, in order.
    fn resolve(
        &self,
        change: &RelationChange,
        targets: &[Target],
        outcome: &mut Outcome,
    ) -> Result<Vec<i64>, Failure> {
        let found = self.places(targets.iter().map(|target| &target.id))?;
        let mut rows = Vec::with_capacity(targets.len());
        for (target, found) in targets.iter().zip(&found) {
            let place = self.fate.ids.get(&target.id).unwrap_or(found).as_ref();
            match (place.filter(|place| accepts(&change.relation, target, place)), change.unknown) {
                (Some(place), _) => {
                    self.touch(&change.relation, &target.id, place);
                    rows.push(place.row);
                }
                (None, UnknownTargets::Skip) => outcome.skipped.push(target.id.clone()),
                (None, UnknownTargets::Refuse) => {
                    let (relation, target) = (change.relation.clone(), target.id.clone());
                    return Err(StoreErrorKind::UnknownTarget { relation, target }.into());
                }
            }
        }
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// Where each of these resources is, if it is there.
    fn places<'a>(
        &self,
        ids: impl Iterator<Item = &'a ResourceId>,
    ) -> Result<Vec<Option<Place>>, Failure> {
        let ids: Vec<_> = ids.map(ResourceId::as_str).collect();
        let mut places = vec![None; ids.len()];
        let mut statement = self.sql.prepare_cached(
            "SELECT j.key, r.row, r.type FROM json_each(?2) j \
             CROSS JOIN resource r ON r.tenant = ?1 AND r.id = j.value",
        )?;
        let mut found = statement.query(params![self.tenant, serde_json::to_string(&ids)?])?;
        let mut last: Rc<str> = Rc::default();
        while let Some(it) = found.next()? {
            let (at, row, type_name) = (it.get::<_, usize>(0)?, it.get(1)?, it.get_ref(2)?);
            let type_name = type_name.as_str().map_err(rusqlite::Error::from)?;
            if *last != *type_name {
                last = type_name.into();
            }
            if let Some(place) = places.get_mut(at) {
                *place = Some(Place { row, resource_type: last.clone() });
            }
        }
        Ok(places)
    }

    fn add(&self, relation: &Relation, targets: &[i64]) -> Result<bool, Failure> {
        if targets.is_empty() {
            return Ok(false);
        }
        let list = match self.list(relation)? {
            Some(list) => list,
            None => self.new_list(relation)?,
        };
        let added = self
            .sql
            .prepare_cached(
                "INSERT OR IGNORE INTO edge (list, target) SELECT ?1, value FROM json_each(?2)",
            )?
            .execute(params![list, serde_json::to_string(targets)?])?;
        Ok(added > 0)
    }

    fn remove(&self, relation: &Relation, ids: &[ResourceId]) -> Result<bool, Failure> {
        let Some(list) = self.list(relation)? else { return Ok(false) };
        let found = self.places(ids.iter())?;
        let expected = ids.iter().filter_map(|id| self.fate.ids.get(id)?.as_ref());
        for (id, place) in ids.iter().zip(&found) {
            place.iter().for_each(|place| self.touch(relation, id, place));
        }
        let found = found.iter().flatten();
        let rows: Vec<_> = found.chain(expected).map(|place| place.row).collect();
        let removed = self
            .sql
            .prepare_cached(
                "DELETE FROM edge WHERE list = ?1 \
                 AND target IN (SELECT value FROM json_each(?2))",
            )?
            .execute(params![list, serde_json::to_string(&rows)?])?;
        Ok(removed > 0)
    }

    /// Marks the edges of a target as changing; those of a target that has edges of its own show
    /// at whatever these lead to.
    fn touch(&self, relation: &Relation, id: &ResourceId, target: &Place) {
        if relation.source() == &*target.resource_type {
            self.gathered.touches.relations(self.tenant);
        }
        self.gathered.touches.resource(self.tenant, &target.resource_type, id);
    }

    fn replace(&self, relation: &Relation, targets: &[i64]) -> Result<bool, Failure> {
        self.gathered.touches.relations(self.tenant);
        let in_place = targets.len().saturating_mul(IN_PLACE).saturating_add(64);
        let list = self.list(relation)?;
        match list {
            Some(list) if self.is_longer(list, in_place)? => {
                self.abandon(list)?;
                self.add(relation, targets)?;
                Ok(true)
            }
            Some(list) => {
                let removed = self
                    .sql
                    .prepare_cached(
                        "DELETE FROM edge WHERE list = ?1 \
                         AND target NOT IN (SELECT value FROM json_each(?2))",
                    )?
                    .execute(params![list, serde_json::to_string(targets)?])?;
                Ok(self.add(relation, targets)? || removed > 0)
            }
            None => self.add(relation, targets),
        }
    }

    fn clear(&self, relation: &Relation) -> Result<bool, Failure> {
        self.gathered.touches.relations(self.tenant);
        match self.list(relation)? {
            Some(list) if self.is_longer(list, 0)? => {
                self.abandon(list)?;
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    fn is_longer(&self, list: i64, than: usize) -> Result<bool, Failure> {
        let found = self
            .sql
            .prepare_cached("SELECT 1 FROM edge WHERE list = ?1 LIMIT 1 OFFSET ?2")?
            .exists(params![list, i64::try_from(than).unwrap_or(i64::MAX)])?;
        Ok(found)
    }

    fn list(&self, relation: &Relation) -> Result<Option<i64>, Failure> {
        let list = self
            .sql
            .prepare_cached(
                "SELECT list FROM list WHERE tenant = ?1 AND row = ?2 AND relation = ?3",
            )?
            .query_row(params![self.tenant, self.row, relation.name()], |it| it.get(0))
            .optional()?;
        Ok(list)
    }

    fn new_list(&self, relation: &Relation) -> Result<i64, Failure> {
        let list = self
            .sql
            .prepare_cached("INSERT INTO list (tenant, row, relation) VALUES (?1, ?2, ?3)")?
            .insert(params![self.tenant, self.row, relation.name()])?;
        Ok(list)
    }

    /// Makes all edges of the list invisible; they are reclaimed later.
    fn abandon(&self, list: i64) -> Result<(), Failure> {
        self.sql
            .prepare_cached("DELETE FROM list WHERE tenant = ?1 AND list = ?2")?
            .execute(params![self.tenant, list])?;
        self.sql.prepare_cached("INSERT INTO garbage (list) VALUES (?1)")?.execute([list])?;
        self.gathered.leave_garbage();
        Ok(())
    }
}

fn accepts(relation: &Relation, target: &Target, place: &Place) -> bool {
    let named = target.resource_type.as_ref();
    relation.accepts(&place.resource_type)
        && named.is_none_or(|named| named.name() == &*place.resource_type)
}

/// Removes the edges from and to a resource that is about to go; what points at it gets a new
/// version.
pub(crate) fn remove_resource(
    sql: &Connection,
    tenant: &str,
    row: i64,
    now: Timestamp,
    gathered: &Gathered<'_>,
) -> Result<(), Failure> {
    let lists = sql
        .prepare_cached(
            "INSERT INTO garbage (list) SELECT list FROM list WHERE tenant = ?1 AND row = ?2",
        )?
        .execute(params![tenant, row])?;
    if lists > 0 {
        sql.prepare_cached("DELETE FROM list WHERE tenant = ?1 AND row = ?2")?
            .execute(params![tenant, row])?;
        gathered.leave_garbage();
    }
    let mut sources = sql.prepare_cached(
        "UPDATE resource SET version = version + 1, last_modified = max(last_modified + 1, ?3) \
         WHERE tenant = ?1 AND row IN (SELECT l.row FROM edge e \
         JOIN list l ON l.list = e.list AND l.tenant = ?1 WHERE e.target = ?2) \
         RETURNING type, id, last_modified",
    )?;
    let mut sources = sources.query(params![tenant, row, now.as_micros()])?;
    while let Some(source) = sources.next()? {
        let (type_name, id): (String, String) = (source.get(0)?, source.get(1)?);
        gathered.touches.resource(tenant, &type_name, &id);
        gathered.stamped(Timestamp::from_micros(source.get(2)?));
    }
    sql.prepare_cached("DELETE FROM edge WHERE target = ?1")?.execute([row])?;
    Ok(())
}

/// A list that is gone and whose edges still take up room.
pub(crate) fn garbage(sql: &Connection) -> Result<Option<i64>, Failure> {
    let list = sql
        .prepare_cached("SELECT list FROM garbage LIMIT 1")?
        .query_row([], |it| it.get(0))
        .optional()?;
    Ok(list)
}

/// Reclaims some of the edges of a list that is gone.
pub(crate) fn reclaim(sql: &Connection, list: i64) -> Result<(), Failure> {
    let transaction = sql.unchecked_transaction()?;
    let reclaimed = transaction
        .prepare_cached(
            "DELETE FROM edge WHERE list = ?1 \
             AND target IN (SELECT target FROM edge WHERE list = ?1 LIMIT ?2)",
        )?
        .execute([list, CHUNK])?;
    if i64::try_from(reclaimed).unwrap_or(CHUNK) < CHUNK {
        transaction.prepare_cached("DELETE FROM garbage WHERE list = ?1")?.execute([list])?;
    }
    transaction.commit()?;
    Ok(())
}
