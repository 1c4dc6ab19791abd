//! What the batches of one transaction leave to its end.

use std::cell::Cell;

use rusqlite::{Connection, OptionalExtension};
use scim_core::Timestamp;

use crate::{anchors::Known, cache::RowCache, counts::Counts, error::Failure, touch::Touches};

/// Gathered over the batches of a transaction.
#[derive(Debug)]
pub(crate) struct Gathered<'a> {
    pub(crate) touches: Touches<'a>,
    pub(crate) counts: Counts,
    next_row: Cell<Option<i64>>,
    has_garbage: Cell<bool>,
    latest: Cell<Option<Timestamp>>,
}

impl<'a> Gathered<'a> {
    /// Nothing yet.
    pub(crate) fn new(cache: Option<&'a RowCache>, known: Known) -> Self {
        Self {
            touches: Touches::new(cache),
            counts: Counts::new(known),
            next_row: Cell::default(),
            has_garbage: Cell::default(),
            latest: Cell::default(),
        }
    }

    /// The same behind what was stamped before.
    pub(crate) fn after(mut self, latest: Option<Timestamp>) -> Self {
        *self.latest.get_mut() = latest;
        self
    }

    /// The time to stamp on what a batch changes: that of the batch, or one later than all before.
    /// Whoever asks for what changed since the last that was seen must not miss what is committed
    /// later.
    pub(crate) fn stamp(&self, now: Timestamp) -> Timestamp {
        let stamp = self.latest.get().map_or(now, |latest| now.after(latest));
        self.stamped(stamp);
        stamp
    }

    /// Notes a time that something was stamped with.
    pub(crate) fn stamped(&self, time: Timestamp) {
        self.latest.set(self.latest.get().max(Some(time)));
    }

    /// The latest time that anything was stamped with.
    pub(crate) fn latest(&self) -> Option<Timestamp> {
        self.latest.get()
    }

    /// Takes this many row numbers and answers with the first. Rows are numbered here rather than
    /// by SQLite, so that a batch can point at what it is about to insert.
    pub(crate) fn take_rows(&self, sql: &Connection, rows: usize) -> Result<i64, Failure> {
        let first = match self.next_row.get() {
            Some(next) => next,
            None => first_free_row(sql)?,
        };
        self.next_row.set(Some(first.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX))));
        Ok(first)
    }

    /// Notes that something is to be reclaimed.
    pub(crate) fn leave_garbage(&self) {
        self.has_garbage.set(true);
    }

    /// Whether something is to be reclaimed.
    pub(crate) fn has_garbage(&self) -> bool {
        self.has_garbage.get()
    }
}

/// The latest time that anything in the file was stamped with, by one look for each type of a
/// tenant.
pub(crate) fn latest(sql: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    let latest: Option<i64> = sql.query_row(
        "SELECT max((SELECT max(r.last_modified) FROM resource r \
         WHERE r.tenant = t.tenant AND r.type = t.type)) FROM tally t",
        [],
        |it| it.get(0),
    )?;
    Ok(latest.map(Timestamp::from_micros))
}

fn first_free_row(sql: &Connection) -> Result<i64, Failure> {
    let last = sql
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'resource'")?
        .query_row([], |it| it.get::<_, i64>(0))
        .optional()?;
    Ok(last.unwrap_or(0) + 1)
}
