//! Connections: how they are opened, and the lock that keeps others out.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{
    Connection, OpenFlags,
    config::DbConfig,
    trace::{TraceEvent, TraceEventCodes},
};

use crate::{
    budget::Budget,
    error::{OpenError, OpenErrorKind},
    evaluation::Evaluation,
    migrate,
    options::SqliteOptions,
};

/// Statements that a connection keeps compiled.
const CACHED_STATEMENTS: usize = 128;

/// Bytes that the file of the log keeps when the log begins anew: it begins anew at about as many.
const LOG: i64 = 32 << 20;

/// A connection with the state of the functions that its statements call.
pub(crate) struct Link {
    pub(crate) sql: Connection,
    pub(crate) evaluation: Arc<Evaluation>,
    pub(crate) budget: Budget,
}

/// A connection that several threads take turns with.
pub(crate) type SharedLink = Arc<Mutex<Link>>;

/// Takes the connection. A panic on another thread leaves no transaction behind that matters:
/// the next one rolls it back.
pub(crate) fn lock(link: &SharedLink) -> MutexGuard<'_, Link> {
    link.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Link {
    fn new(mut sql: Connection, options: &SqliteOptions) -> Result<SharedLink, OpenError> {
        sql.busy_timeout(Duration::from_secs(5))?;
        sql.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        sql.pragma_update(None, "cache_size", -i64::from(options.cache_kib))?;
        sql.pragma_update(None, "trusted_schema", "OFF")?;
        // Otherwise a statement with a parameter in its LIMIT is compiled anew for each value.
        sql.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        let budget = Budget::of(&mut sql)?;
        let evaluation = Arc::new(Evaluation::new(budget.clone()));
        evaluation.register(&sql)?;
        if let Some(observer) = options.observer.clone() {
            let tell = move |event: TraceEvent<'_>| {
                if let TraceEvent::Stmt(_, text) = event {
                    observer.tell(text);
                }
            };
            sql.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(tell))?;
        }
        Ok(Arc::new(Mutex::new(Self { sql, evaluation, budget })))
    }

    /// The one connection of a database in memory.
    pub(crate) fn in_memory(options: &SqliteOptions) -> Result<SharedLink, OpenError> {
        let sql = Connection::open_in_memory()?;
        migrate::migrate(&sql)?;
        limit_size(&sql, options)?;
        Self::new(sql, options)
    }

    /// The connection that writes.
    pub(crate) fn writer(path: &Path, options: &SqliteOptions) -> Result<SharedLink, OpenError> {
        let sql = Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
        let mode: String =
            sql.pragma_update_and_check(None, "journal_mode", "WAL", |it| it.get(0))?;
        if mode != "wal" {
            let reason = format!("the journal mode stays `{mode}`");
            return Err(OpenError::new(OpenErrorKind::Inaccessible).caused_by(reason));
        }
        sql.pragma_update(None, "synchronous", options.synchronous.as_pragma())?;
        limit_log(&sql)?;
        migrate::migrate(&sql)?;
        limit_size(&sql, options)?;
        Self::new(sql, options)
    }

    /// A connection that only reads.
    pub(crate) fn reader(path: &Path, options: &SqliteOptions) -> Result<SharedLink, OpenError> {
        let sql = Connection::open_with_flags(path, read_only())?;
        Self::new(sql, options)
    }
}

/// A connection that brings the log back beside the writer.
pub(crate) fn beside_the_writer(path: &Path) -> Result<Connection, OpenError> {
    let sql = Connection::open_with_flags(path, flags(OpenFlags::SQLITE_OPEN_READ_WRITE))?;
    limit_log(&sql)?;
    Ok(sql)
}

/// Has the file of the log cut when the log begins anew, after one commit or one reader has made it
/// long.
fn limit_log(sql: &Connection) -> rusqlite::Result<()> {
    sql.pragma_update_and_check(None, "journal_size_limit", LOG, |_| Ok(()))
}

fn flags(access: OpenFlags) -> OpenFlags {
    let create = match access.contains(OpenFlags::SQLITE_OPEN_READ_WRITE) {
        true => OpenFlags::SQLITE_OPEN_CREATE,
        false => OpenFlags::empty(),
    };
    access | create | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn read_only() -> OpenFlags {
    flags(OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn limit_size(sql: &Connection, options: &SqliteOptions) -> Result<(), OpenError> {
    let Some(bytes) = options.max_size else { return Ok(()) };
    let page: u64 = sql.pragma_query_value(None, "page_size", |it| it.get(0))?;
    let pages = i64::try_from(bytes / page.max(1)).unwrap_or(i64::MAX).max(1);
    sql.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
    Ok(())
}

/// Keeps the file for one store. The operating system lets go of it however the process ends, so
/// a crash leaves nothing behind that would have to be cleaned up.
#[derive(Debug)]
pub(crate) struct FileLock(#[expect(dead_code, reason = "held, not used")] File);

impl FileLock {
    /// Makes sure that the file is ours or new, and that nobody else has it.
    pub(crate) fn take(path: &Path) -> Result<Self, OpenError> {
        let inaccessible = |error| OpenError::new(OpenErrorKind::Inaccessible).caused_by(error);
        if path.try_exists().map_err(inaccessible)? {
            migrate::check(&Connection::open_with_flags(path, read_only())?)?;
        }
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(beside(path))
            .map_err(inaccessible)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(OpenError::new(OpenErrorKind::Held)),
            Err(TryLockError::Error(error)) => Err(inaccessible(error)),
        }
    }
}

fn beside(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Synchronous;

    #[test]
    fn a_commit_is_flushed_unless_asked_otherwise() {
        // S10
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scim.db");
        let options = SqliteOptions::default();
        for (options, level) in [
            (options.clone(), 2),
            (options.clone().synchronous(Synchronous::Normal), 1),
            (options.clone().synchronous(Synchronous::Off), 0),
        ] {
            let writer = Link::writer(&path, &options).unwrap();
            let sql = &lock(&writer).sql;
            let pragma = |name| sql.pragma_query_value(None, name, |it| it.get::<_, i64>(0));
            assert_eq!(pragma("synchronous"), Ok(level));
            assert_eq!(pragma("application_id"), Ok(i64::from(migrate::APPLICATION_ID)));
        }
    }

    #[test]
    fn a_log_that_was_long_is_cut() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scim.db");
        let writer = Link::writer(&path, &SqliteOptions::default()).unwrap();
        let sql = &lock(&writer).sql;
        let log = || std::fs::metadata(directory.path().join("scim.db-wal")).unwrap().len();
        let grow = "CREATE TABLE large AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL \
                    SELECT i + 1 FROM n WHERE i < 40) SELECT zeroblob(1048576) AS it FROM n";
        sql.execute_batch(grow).unwrap();
        assert!(log() > LOG.cast_unsigned());
        let beside = beside_the_writer(&path).unwrap();
        beside.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())).unwrap();
        sql.execute_batch("DROP TABLE large").unwrap();
        assert!(log() <= LOG.cast_unsigned(), "{}", log());
    }

    #[test]
    fn readers_cannot_write() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scim.db");
        let options = SqliteOptions::default();
        let _writer = Link::writer(&path, &options).unwrap();
        let reader = Link::reader(&path, &options).unwrap();
        assert!(lock(&reader).sql.execute("DELETE FROM resource", []).is_err());
    }
}
