//! How a store is opened.

use std::{fmt, path::Path, sync::Arc, time::Duration};

use crate::{SqliteStore, error::OpenError};

/// How sure an acknowledged write is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Synchronous {
    /// It survives a loss of power: the log is flushed to the disk before a write is answered.
    #[default]
    Full,
    /// It survives the end of the process; a loss of power may undo the latest writes, never
    /// half of one.
    Normal,
    /// It survives the end of the process; a loss of power may damage the file. For files that
    /// can be made anew, such as those of tests and of a first import.
    Off,
}

impl Synchronous {
    pub(crate) fn as_pragma(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
            Self::Off => "OFF",
        }
    }
}

/// How a [`SqliteStore`] works; the defaults suit a service on a small machine.
///
/// ```
/// use scim_store_sqlite::{SqliteStore, Synchronous};
///
/// let store = SqliteStore::options()
///     .synchronous(Synchronous::Normal)
///     .index("name.familyName")
///     .open_in_memory()?;
/// # Ok::<_, scim_store_sqlite::OpenError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct SqliteOptions {
    pub(crate) synchronous: Synchronous,
    pub(crate) readers: usize,
    pub(crate) scanners: usize,
    pub(crate) queue: usize,
    pub(crate) retry_after: Duration,
    pub(crate) indexed: Vec<String>,
    pub(crate) required_indexes: Vec<String>,
    pub(crate) cache_kib: u32,
    pub(crate) max_size: Option<u64>,
    pub(crate) row_cache: usize,
    pub(crate) search_cache: usize,
    pub(crate) queued_bytes: usize,
    pub(crate) observer: Option<Observer>,
}

/// Somebody who is told of every statement.
#[derive(Clone)]
pub(crate) struct Observer(Arc<dyn Fn(&str) + Send + Sync>);

impl Observer {
    pub(crate) fn tell(&self, statement: &str) {
        (self.0)(statement);
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// What identity providers look resources up by.
const INDEXED: [&str; 4] = ["userName", "externalId", "displayName", "emails.value"];

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            synchronous: Synchronous::default(),
            readers: 4,
            scanners: 2,
            queue: 1024,
            retry_after: Duration::from_secs(1),
            indexed: INDEXED.map(str::to_owned).to_vec(),
            required_indexes: Vec::new(),
            cache_kib: 8 * 1024,
            max_size: None,
            row_cache: 32 << 20,
            search_cache: 96 << 20,
            queued_bytes: 64 << 20,
            observer: None,
        }
    }
}

impl SqliteOptions {
    /// Sets how sure an acknowledged write is; [`Synchronous::Full`] otherwise.
    pub fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Sets the number of connections for look-ups and short pages, which are read on the thread
    /// that asks; 4 otherwise, at least 1.
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(1);
        self
    }

    /// Sets the number of threads for queries that no index answers and for long pages; 2
    /// otherwise, at least 1.
    pub fn scanners(mut self, scanners: usize) -> Self {
        self.scanners = scanners.max(1);
        self
    }

    /// Sets how many writes may wait for the writer, and how many queries for the scanners,
    /// before the store answers [`Busy`](scim_core::store::StoreErrorKind::Busy); 1024 otherwise,
    /// at least 1.
    pub fn queue(mut self, length: usize) -> Self {
        self.queue = length.max(1);
        self
    }

    /// Sets how long callers are told to wait when the store is busy; one second otherwise.
    pub fn retry_after(mut self, delay: Duration) -> Self {
        self.retry_after = delay;
        self
    }

    /// Adds an index over the attribute of this path, such as `name.familyName`, in all resource
    /// types that have it. `userName`, `externalId`, `displayName` and `emails.value` always have
    /// one.
    pub fn index(mut self, path: impl Into<String>) -> Self {
        let path = path.into();
        self.indexed.push(path.clone());
        self.required_indexes.push(path);
        self
    }

    /// Sets how much of the file each connection keeps in memory, in KiB; 8192 otherwise.
    pub fn cache_kib(mut self, size: u32) -> Self {
        self.cache_kib = size;
        self
    }

    /// Sets the size in bytes that the database may grow to, above which writes are answered with
    /// [`StorageFull`](scim_core::store::StoreErrorKind::StorageFull); SQLite's own limit
    /// otherwise.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// Sets how many bytes of resources are kept for reading by id without a look at the file; 32
    /// MiB otherwise, and 0 keeps none. What is kept is never older than the last acknowledged
    /// write.
    pub fn row_cache(mut self, bytes: usize) -> Self {
        self.row_cache = bytes;
        self
    }

    /// Sets how many bytes of values are kept for looking inside of them (`co`, `ew`); 96 MiB
    /// otherwise, which is enough for two million addresses, and 0 keeps none. The values of an
    /// index are read when somebody first looks inside of them. Without a
    /// [`row_cache`](Self::row_cache) none are kept.
    pub fn search_cache(mut self, bytes: usize) -> Self {
        self.search_cache = bytes;
        self
    }

    /// Sets how many bytes the writes that wait for the writer may have together, beside the
    /// length of the [`queue`](Self::queue); 64 MiB otherwise. One write is always taken.
    pub fn queued_bytes(mut self, bytes: usize) -> Self {
        self.queued_bytes = bytes;
        self
    }

    /// Calls a function with the text of each statement as it begins, from whatever thread runs
    /// it. Parameters are not filled in, so that the text holds no data.
    pub fn observe_statements(mut self, observer: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.observer = Some(Observer(Arc::new(observer)));
        self
    }

    /// Opens the database in this file, or makes one.
    ///
    /// # Errors
    /// When the file is not ours to open; see [`OpenErrorKind`](crate::OpenErrorKind).
    pub fn open(self, path: impl AsRef<Path>) -> Result<SqliteStore, OpenError> {
        SqliteStore::start_file(path.as_ref(), &self)
    }

    /// Makes a database that lives in memory, and as long as the store.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn open_in_memory(self) -> Result<SqliteStore, OpenError> {
        SqliteStore::start_in_memory(&self)
    }
}
