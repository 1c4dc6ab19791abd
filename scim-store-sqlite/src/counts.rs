//! What a transaction adds to and takes from counted orders. It is gathered and written once at the
//! end: a thousand creates change the same few counts.

use std::{cell::RefCell, collections::BTreeMap};

use rusqlite::{Connection, OptionalExtension, params};

use crate::{error::Failure, rank::STRETCH};

/// Entries after which an anchor is split, twice as many as each half has then.
const FULL: i64 = 2_048;

/// Rows of a type in a tenant, and entries of an index in a tenant, that came (positive) and went.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    stretches: RefCell<BTreeMap<(String, String), BTreeMap<i64, i64>>>,
    entries: RefCell<BTreeMap<(String, i64), BTreeMap<Place, i64>>>,
}

/// Where an entry stands in an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) absent: bool,
    pub(crate) key: Vec<u8>,
    pub(crate) row: i64,
}

impl Counts {
    /// Counts a row that is new (1) or gone (-1).
    pub(crate) fn row(&self, tenant: &str, resource_type: &str, row: i64, by: i64) {
        let mut stretches = self.stretches.borrow_mut();
        let of_type = stretches.entry((tenant.to_owned(), resource_type.to_owned())).or_default();
        *of_type.entry(row >> STRETCH).or_default() += by;
    }

    /// Counts an entry of an index that is new (1) or gone (-1).
    pub(crate) fn entry(&self, tenant: &str, index: i64, place: Place, by: i64) {
        let mut entries = self.entries.borrow_mut();
        let of_index = entries.entry((tenant.to_owned(), index)).or_default();
        *of_index.entry(place).or_default() += by;
    }

    /// Forgets what was gathered, as when it is rolled back.
    pub(crate) fn forget(&self) {
        self.stretches.take();
        self.entries.take();
    }

    /// Writes what was gathered; the rows and entries themselves are in the tables by now.
    pub(crate) fn write(&self, sql: &Connection) -> Result<(), Failure> {
        for ((tenant, resource_type), stretches) in self.stretches.take() {
            count_rows(sql, &tenant, &resource_type, &stretches)?;
        }
        for ((tenant, index), places) in self.entries.take() {
            Anchors { sql, tenant: &tenant, index }.count(places)?;
        }
        Ok(())
    }
}

fn count_rows(
    sql: &Connection,
    tenant: &str,
    resource_type: &str,
    stretches: &BTreeMap<i64, i64>,
) -> Result<(), Failure> {
    sql.prepare_cached(
        "INSERT INTO tally (tenant, type, count) VALUES (?1, ?2, ?3) \
         ON CONFLICT DO UPDATE SET count = count + ?3",
    )?
    .execute(params![tenant, resource_type, stretches.values().sum::<i64>()])?;
    let mut statement = sql.prepare_cached(
        "INSERT INTO stretch (tenant, type, number, count) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT DO UPDATE SET count = count + ?4",
    )?;
    for (number, by) in stretches {
        statement.execute(params![tenant, resource_type, number, by])?;
    }
    Ok(())
}

/// The counts of one index in one tenant.
struct Anchors<'a> {
    sql: &'a Connection,
    tenant: &'a str,
    index: i64,
}

/// The start of a stretch of an index.
#[derive(Debug, Default)]
struct Anchor {
    place: Place,
    count: i64,
}

impl Anchors<'_> {
    /// Counts entries, which are met in their order, so that those of one stretch come together.
    fn count(&self, places: BTreeMap<Place, i64>) -> Result<(), Failure> {
        let mut current: Option<Anchor> = None;
        for (place, by) in places.into_iter().filter(|(_, by)| *by != 0) {
            let found = self.before(&place)?;
            let mut anchor = match current.take() {
                Some(anchor) if anchor.place == found.place => anchor,
                Some(other) => {
                    self.write(other)?;
                    found
                }
                None => found,
            };
            anchor.count += by;
            current = Some(anchor);
        }
        current.map_or(Ok(()), |anchor| self.write(anchor))
    }

    /// The last anchor up to a place. The first of an index stands before all entries.
    fn before(&self, place: &Place) -> Result<Anchor, Failure> {
        let anchor = self
            .sql
            .prepare_cached(
                "SELECT absent, key, row, count FROM anchor WHERE tenant = ?1 AND attribute = ?2 \
                 AND (absent, key, row) <= (?3, ?4, ?5) \
                 ORDER BY absent DESC, key DESC, row DESC LIMIT 1",
            )?
            .query_row(params![self.tenant, self.index, place.absent, place.key, place.row], |it| {
                let place = Place { absent: it.get(0)?, key: it.get(1)?, row: it.get(2)? };
                Ok(Anchor { place, count: it.get(3)? })
            })
            .optional()?;
        Ok(anchor.unwrap_or_default())
    }

    /// Writes a count; halves of a stretch that has become too long get counts of their own.
    fn write(&self, mut anchor: Anchor) -> Result<(), Failure> {
        let half = FULL / 2;
        while anchor.count > FULL {
            let middle = self.behind(&anchor.place, half)?;
            let count = anchor.count - half;
            self.set(&anchor.place, half)?;
            anchor = Anchor { place: middle, count };
        }
        match anchor.count {
            0 if anchor.place.row > 0 => self.remove(&anchor.place),
            count => self.set(&anchor.place, count),
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

    fn set(&self, place: &Place, count: i64) -> Result<(), Failure> {
        self.sql
            .prepare_cached(
                "INSERT INTO anchor (tenant, attribute, absent, key, row, count) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET count = ?6",
            )?
            .execute(params![self.tenant, self.index, place.absent, place.key, place.row, count])?;
        Ok(())
    }

    fn remove(&self, place: &Place) -> Result<(), Failure> {
        self.sql
            .prepare_cached(
                "DELETE FROM anchor WHERE tenant = ?1 AND attribute = ?2 AND absent = ?3 \
                 AND key = ?4 AND row = ?5",
            )?
            .execute(params![self.tenant, self.index, place.absent, place.key, place.row])?;
        Ok(())
    }
}
