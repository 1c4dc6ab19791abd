//! How many entries of an index follow from each of its anchors.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rusqlite::{Connection, params};

use crate::{counts::Place, error::Failure};

/// Entries after which an anchor is split, twice as many as each half has then.
const FULL: i64 = 2_048;

/// Indexes whose anchors are known at a time.
const INDEXES: usize = 1_000;

type Counted = BTreeMap<Place, i64>;

/// The anchors of indexes that were written to lately, as the file has them.
#[derive(Debug, Default)]
pub(crate) struct Known(HashMap<(String, i64), Counted>);

impl Known {
    /// Takes out those of an index in a tenant.
    pub(crate) fn take(&mut self, tenant: &str, index: i64) -> Option<Counted> {
        self.0.remove(&(tenant.to_owned(), index))
    }

    /// Keeps those of an index in a tenant.
    pub(crate) fn keep(&mut self, tenant: String, index: i64, counts: Counted) {
        if self.0.len() >= INDEXES {
            self.0.clear();
        }
        self.0.insert((tenant, index), counts);
    }
}

/// The anchors of one index in one tenant. The first stands before all entries, at the default
/// place.
pub(crate) struct Anchors<'a> {
    pub(crate) sql: &'a Connection,
    pub(crate) tenant: &'a str,
    pub(crate) index: i64,
    pub(crate) counts: Counted,
}

impl Anchors<'_> {
    /// Reads all of them.
    pub(crate) fn read(&self) -> Result<Counted, Failure> {
        let mut statement = self.sql.prepare_cached(
            "SELECT absent, key, row, count FROM anchor WHERE tenant = ?1 AND attribute = ?2",
        )?;
        let counts = statement.query_map(params![self.tenant, self.index], |it| {
            Ok((Place { absent: it.get(0)?, key: it.get(1)?, row: it.get(2)? }, it.get(3)?))
        })?;
        Ok(counts.collect::<Result<_, _>>()?)
    }

    /// Counts entries that came and went, and writes the anchors that they follow.
    pub(crate) fn count(&mut self, places: BTreeMap<Place, i64>) -> Result<(), Failure> {
        let mut changed = BTreeSet::new();
        for (place, by) in places.into_iter().filter(|(_, by)| *by != 0) {
            match self.counts.range_mut(..=place).next_back() {
                Some((anchor, count)) => {
                    *count += by;
                    if !changed.contains(anchor) {
                        changed.insert(anchor.clone());
                    }
                }
                None => {
                    self.counts.insert(Place::default(), by);
                    changed.insert(Place::default());
                }
            }
        }
        changed.into_iter().try_for_each(|anchor| self.write(anchor))
    }

    /// Writes a count; halves of a stretch that has become too long get counts of their own.
    fn write(&mut self, mut anchor: Place) -> Result<(), Failure> {
        let half = FULL / 2;
        let mut count = self.counts.get(&anchor).copied().unwrap_or_default();
        while count > FULL {
            let middle = self.behind(&anchor, half)?;
            self.set(anchor, half)?;
            (anchor, count) = (middle, count - half);
        }
        match count {
            0 if anchor.row > 0 => self.remove(&anchor),
            _ => self.set(anchor, count),
        }
    }

    /// The place of the entry that has so many others between itself and a place.
    fn behind(&self, place: &Place, others: i64) -> Result<Place, Failure> {
        let place = self
            .sql
            .prepare_cached(
                "SELECT absent, key, row FROM value WHERE tenant = ?1 AND attribute = ?2 \
                 AND (absent, key, row) >= (?3, ?4, ?5) \
                 ORDER BY absent, key, row LIMIT 1 OFFSET ?6",
            )?
            .query_row(
                params![self.tenant, self.index, place.absent, place.key, place.row, others],
                |it| Ok(Place { absent: it.get(0)?, key: it.get(1)?, row: it.get(2)? }),
            )?;
        Ok(place)
    }

    fn set(&mut self, place: Place, count: i64) -> Result<(), Failure> {
        let Place { absent, key, row } = &place;
        self.sql
            .prepare_cached(
                "INSERT INTO anchor (tenant, attribute, absent, key, row, count) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET count = ?6",
            )?
            .execute(params![self.tenant, self.index, absent, key, row, count])?;
        self.counts.insert(place, count);
        Ok(())
    }

    fn remove(&mut self, place: &Place) -> Result<(), Failure> {
        self.sql
            .prepare_cached(
                "DELETE FROM anchor WHERE tenant = ?1 AND attribute = ?2 AND absent = ?3 \
                 AND key = ?4 AND row = ?5",
            )?
            .execute(params![self.tenant, self.index, place.absent, place.key, place.row])?;
        self.counts.remove(place);
        Ok(())
    }
}
