//! Keeps the resources of a [`scim_core`] server in one SQLite file.
//!
//! ```
//! use std::sync::Arc;
//!
//! use scim_core::{schema::Registry, store::Store};
//! use scim_store_sqlite::SqliteStore;
//!
//! # let directory = tempfile::tempdir()?;
//! # let path = directory.path().join("scim.db");
//! let store: Arc<dyn Store> = Arc::new(SqliteStore::open(path)?);
//! store.attach(&Registry::standard())?;
//! # drop(store);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # What to expect
//!
//! - An acknowledged write is on the disk. Writes of many callers share a flush: one thread takes
//!   them from a bounded queue and answers after the commit. When the queue is full, callers are
//!   told to come back.
//! - Readers see snapshots and never wait for the writer. Look-ups and short pages are read on
//!   the thread that asks; queries that have to look at many rows go to threads of their own. The
//!   store needs no async runtime and works under any.
//! - `meta.lastModified` follows the order of commits, whatever the clock does meanwhile:
//!   whoever asks for what changed since the latest change that was seen misses none.
//! - Every filter is answered in full: from indexes and edges where there are any, and otherwise
//!   by a function that runs [`scim_core::query::eval`] on the row.
//! - A file belongs to one store at a time. Beside `scim.db` there are `scim.db-wal` and
//!   `scim.db-shm`, which are part of the database, and `scim.db-lock`, which is empty.

mod anchors;
mod attached;
mod budget;
mod cache;
mod checkpoint;
mod column;
mod connection;
mod counts;
mod edges;
mod error;
mod evaluation;
mod explanation;
mod find;
mod gathered;
mod index;
mod lookup;
mod migrate;
mod options;
mod plan;
mod position;
#[cfg(test)]
mod query_plans;
mod rank;
mod read;
mod readers;
mod rebuild;
mod related;
mod room;
mod search;
mod sort;
mod sql_filter;
mod statement;
mod steps;
mod sync;
mod touch;
mod write;
mod writer;

use std::{
    fmt,
    path::Path,
    sync::{Arc, PoisonError},
};

use async_trait::async_trait;
use rusqlite::Transaction;
use scim_core::{
    schema::Registry,
    store::{
        Batch, Capabilities, Explanation, Hidden, Key, Page, Projection, Query, Related,
        RelatedQuery, Resource, Scope, ServedTypes, Store, StoreError, Written,
    },
};

pub use error::{OpenError, OpenErrorKind};
pub use options::{SqliteOptions, Synchronous};

use crate::{
    attached::{Attached, attached},
    cache::RowCache,
    checkpoint::Checkpointer,
    connection::{FileLock, Link, SharedLink, lock},
    error::Failure,
    readers::Readers,
    rebuild::bring_up_to_date,
    writer::{SharedAttached, Works, Writer},
};

/// A store in one SQLite file, or in memory.
///
/// Dropping it waits until every write that was accepted is answered.
pub struct SqliteStore {
    // Dropped in this order: the writer's connection wakes the checkpointer, whose own is the last
    // to close and tidies up the log, and only then may somebody else have the file.
    writer: Writer,
    readers: Readers,
    link: SharedLink,
    cache: Option<Arc<RowCache>>,
    attached: SharedAttached,
    indexed: Vec<String>,
    required_indexes: Vec<String>,
    _checkpointer: Option<Checkpointer>,
    _lock: Option<FileLock>,
}

impl SqliteStore {
    /// Opens the database in this file, or makes one, with the default options.
    ///
    /// # Errors
    /// When the file is not ours to open; see [`OpenErrorKind`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, OpenError> {
        Self::options().open(path)
    }

    /// Makes a database that lives in memory, and as long as the store.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn in_memory() -> Result<Self, OpenError> {
        Self::options().open_in_memory()
    }

    /// Options to open a store with.
    pub fn options() -> SqliteOptions {
        SqliteOptions::default()
    }

    fn start_file(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        let lock = FileLock::take(path)?;
        let writer = Link::writer(path, options)?;
        let open = |count| -> Result<Vec<_>, _> {
            (0..count).map(|_| Link::reader(path, options)).collect()
        };
        let readers = Readers::start(open(options.readers)?, open(options.scanners)?, options)?;
        let checkpointer = Checkpointer::start(path)?;
        checkpointer.watch(&mut connection::lock(&writer).sql)?;
        Self::start(writer, readers, options, Some((checkpointer, lock)))
    }

    fn start_in_memory(options: &SqliteOptions) -> Result<Self, OpenError> {
        let only = Link::in_memory(options)?;
        let readers = Readers::start(vec![only.clone()], vec![only.clone()], options)?;
        Self::start(only, readers, options, None)
    }

    fn start(
        link: SharedLink,
        readers: Readers,
        options: &SqliteOptions,
        file: Option<(Checkpointer, FileLock)>,
    ) -> Result<Self, OpenError> {
        let latest = gathered::latest(&lock(&link).sql)?;
        let (checkpointer, lock) = file.unzip();
        let attached = SharedAttached::default();
        let cache = RowCache::new(options.row_cache, options.search_cache);
        let works = Works {
            link: link.clone(),
            attached: attached.clone(),
            cache: cache.clone(),
            log: checkpointer.as_ref().map(Checkpointer::pages),
            synchronous: options.synchronous,
            flushes: false.into(),
            // There may be some from before the last restart.
            has_garbage: true.into(),
            latest: latest.into(),
        };
        Ok(Self {
            writer: Writer::start(works, options)?,
            _checkpointer: checkpointer,
            readers,
            link,
            cache,
            attached,
            indexed: options.indexed.clone(),
            required_indexes: options.required_indexes.clone(),
            _lock: lock,
        })
    }

    /// Reads one resource from the file, on whichever thread suits.
    async fn read(
        &self,
        tenant: &str,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        let attached = attached(&self.attached)?;
        if read::may_be_short(&projection.relations, 1) {
            let read = |link: &Link| read::get(link, &attached, tenant, key, projection);
            if let Some(resource) = self.readers.inline(read)? {
                return Ok(resource?);
            }
        }
        let (tenant, key, projection) = (tenant.to_owned(), key.clone(), projection.clone());
        let read = move |link: &Link| read::get(link, &attached, &tenant, &key, &projection);
        Ok(self.readers.scan(read).await??)
    }
}

impl SqliteStore {
    /// Answers a query by these rules.
    async fn answer(
        &self,
        attached: &Arc<Attached>,
        scope: &Scope,
        query: &Query,
    ) -> Result<Page, StoreError> {
        if let Some(page) = self.find(attached, scope, query).await? {
            return Ok(page);
        }
        let plan = read::Plan::of(attached, scope, query)?;
        if plan.may_be_short()
            && let Some(page) = self.readers.inline(|link| plan.run(link))?
        {
            return Ok(page?);
        }
        let search = search::Search::of(self.cache.as_ref(), attached, scope, query);
        let run = move |link: &Link| match &search {
            Some(search) => search.run(link, &plan),
            None => plan.run(link),
        };
        Ok(self.readers.scan(run).await??)
    }

    /// Whether nothing was attached since.
    fn is_attached(&self, attached: &Arc<Attached>) -> bool {
        let now = self.attached.read().unwrap_or_else(PoisonError::into_inner);
        now.as_ref().is_some_and(|now| Arc::ptr_eq(now, attached))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn attach(&self, registry: &Arc<Registry>) -> Result<Capabilities, StoreError> {
        // While the writer has no turn, nothing is written under the rules that go.
        let link = lock(&self.link);
        let types =
            attached(&self.attached).map_or_else(|_| ServedTypes::default(), |it| it.types.clone());
        let attached = Attached::new(types.and(registry), &self.indexed);
        if let Some(path) = self.required_indexes.iter().find(|path| !attached.knows(path)) {
            return Err(StoreError::internal(format!("no resource type has `{path}` to index")));
        }
        let rebuilt = bring_up_to_date(&link.sql, &attached)?;
        // Whoever reads meanwhile by the rules that go learns that they are gone: nobody can look
        // which they are between the commit and the exchange.
        let mut shared = self.attached.write().unwrap_or_else(PoisonError::into_inner);
        rebuilt.map(Transaction::commit).transpose().map_err(Failure::from)?;
        self.cache.iter().for_each(|cache| cache.clear());
        *shared = Some(Arc::new(attached));
        Ok(Capabilities::new())
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        let tenant = scope.tenant.as_str();
        let Some(cache) = &self.cache else { return self.read(tenant, key, projection).await };
        let ticket = match cache.find(tenant, key, projection) {
            Ok(resource) => return Ok(Some(resource)),
            Err(ticket) => ticket,
        };
        let relations = projection.relations.clone();
        let whole = Projection { hidden: Hidden::Load, relations };
        let Some(mut resource) = self.read(tenant, key, &whole).await? else { return Ok(None) };
        cache.keep(ticket, tenant, &whole.relations, &resource);
        if projection.hidden == Hidden::Skip {
            resource.document = resource.document.without_hidden();
        }
        Ok(Some(resource))
    }

    async fn query(&self, scope: &Scope, query: &Query) -> Result<Page, StoreError> {
        loop {
            let attached = attached(&self.attached)?;
            let answer = self.answer(&attached, scope, query).await;
            // Planned by rules that are gone, it may have looked into the wrong index.
            if self.is_attached(&attached) {
                return answer;
            }
        }
    }

    async fn explain(&self, scope: &Scope, query: &Query) -> Result<Explanation, StoreError> {
        let attached = attached(&self.attached)?;
        Ok(explanation::explanation(&attached, scope.tenant.as_str(), query))
    }

    async fn related(
        &self,
        scope: &Scope,
        query: &RelatedQuery,
    ) -> Result<Vec<Related>, StoreError> {
        let attached = attached(&self.attached)?;
        let tenant = scope.tenant.as_str();
        if read::may_be_short(std::slice::from_ref(&query.view), query.ids.len()) {
            let read = |link: &Link| related::related(link, &attached, tenant, query);
            if let Some(answer) = self.readers.inline(read)? {
                return Ok(answer?);
            }
        }
        let (tenant, query) = (tenant.to_owned(), query.clone());
        let read = move |link: &Link| related::related(link, &attached, &tenant, &query);
        Ok(self.readers.scan(read).await??)
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        self.writer.write(scope.tenant.clone(), batch).await
    }
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
