//! Brings the tables of a file up to date, one numbered script at a time.

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::{OpenError, OpenErrorKind};

/// Says in the header of the file whose it is: `SCIM` as ASCII.
pub(crate) const APPLICATION_ID: i32 = 0x5343_494D;

/// The scripts in order; a file of version n has seen the first n.
const MIGRATIONS: [&str; 2] =
    [include_str!("../migrations/001_resources.sql"), include_str!("../migrations/002_ranks.sql")];

/// The version that files have after all migrations.
pub(crate) const SUPPORTED: u32 = MIGRATIONS.len() as u32;

/// Tells whether the database is ours or empty, without changing it.
///
/// # Errors
/// [`OpenErrorKind::Foreign`], [`OpenErrorKind::Newer`], [`OpenErrorKind::NotADatabase`].
pub(crate) fn check(sql: &Connection) -> Result<u32, OpenError> {
    let tables: i64 = sql.query_row("SELECT count(*) FROM sqlite_schema", [], |it| it.get(0))?;
    let application_id: i32 = sql.pragma_query_value(None, "application_id", |it| it.get(0))?;
    let found: u32 = sql.pragma_query_value(None, "user_version", |it| it.get(0))?;
    let is_empty = tables == 0 && application_id == 0 && found == 0;
    if !is_empty && application_id != APPLICATION_ID {
        return Err(OpenError::new(OpenErrorKind::Foreign));
    }
    if found > SUPPORTED {
        return Err(OpenError::new(OpenErrorKind::Newer { found, supported: SUPPORTED }));
    }
    Ok(found)
}

/// Runs the scripts that the database has not seen, all of them or none.
///
/// # Errors
/// As [`check`], and [`OpenErrorKind::Inaccessible`].
pub(crate) fn migrate(sql: &Connection) -> Result<(), OpenError> {
    let transaction = Transaction::new_unchecked(sql, TransactionBehavior::Immediate)?;
    let version = check(&transaction)?;
    if version < SUPPORTED {
        for script in MIGRATIONS.iter().skip(version as usize) {
            transaction.execute_batch(script)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", SUPPORTED)?;
    }
    transaction.commit()?;
    Ok(())
}
