//! What a transaction adds to and takes from counted orders. It is gathered and written once at the
//! end: a thousand creates change the same few counts.

use std::{cell::RefCell, collections::BTreeMap};

use rusqlite::{Connection, params};

use crate::{
    anchors::{Anchors, Known},
    error::Failure,
    rank::STRETCH,
};

/// Rows of a type in a tenant, and entries of an index in a tenant, that came (positive) and went.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    stretches: RefCell<BTreeMap<(String, String), BTreeMap<i64, i64>>>,
    entries: RefCell<BTreeMap<(String, i64), BTreeMap<Place, i64>>>,
    known: RefCell<Known>,
}

/// Where an entry stands in an index.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) absent: bool,
    pub(crate) key: Vec<u8>,
    pub(crate) row: i64,
}

impl Counts {
    /// Nothing yet; what is known of the anchors spares looking for them.
    pub(crate) fn new(known: Known) -> Self {
        Self { known: known.into(), ..Self::default() }
    }

    /// What is known of the anchors now, if everything was written and is committed.
    pub(crate) fn into_known(self) -> Known {
        self.known.into_inner()
    }

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
        self.known.take();
    }

    /// Writes what was gathered; the rows and entries themselves are in the tables by now.
    pub(crate) fn write(&self, sql: &Connection) -> Result<(), Failure> {
        for ((tenant, resource_type), stretches) in self.stretches.take() {
            count_rows(sql, &tenant, &resource_type, &stretches)?;
        }
        let mut known = self.known.borrow_mut();
        for ((tenant, index), places) in self.entries.take() {
            let mut anchors = Anchors { sql, tenant: &tenant, index, counts: BTreeMap::new() };
            anchors.counts = match known.take(&tenant, index) {
                Some(counts) => counts,
                None => anchors.read()?,
            };
            anchors.count(places)?;
            let counts = anchors.counts;
            known.keep(tenant, index, counts);
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
    let mut count = sql.prepare_cached(
        "INSERT INTO stretch (tenant, type, number, count) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT DO UPDATE SET count = count + ?4",
    )?;
    // Row numbers are never given out again: a stretch that is empty stays so, and would only be in
    // the way of those who count along.
    let mut forget = sql.prepare_cached(
        "DELETE FROM stretch WHERE tenant = ?1 AND type = ?2 AND number = ?3 AND count = 0",
    )?;
    for (number, by) in stretches.iter().filter(|(_, by)| **by != 0) {
        count.execute(params![tenant, resource_type, number, by])?;
        if *by < 0 {
            forget.execute(params![tenant, resource_type, number])?;
        }
    }
    Ok(())
}
