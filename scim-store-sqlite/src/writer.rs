//! The one thread that writes: many callers' batches in one transaction, answered after its
//! commit.

use std::{
    cell::Cell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, RwLock,
        atomic::{AtomicI32, AtomicUsize},
        mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use futures_channel::oneshot;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use scim_core::{
    Document, Timestamp,
    store::{Batch, Change, Resource, StoreError, StoreErrorKind, Tenant, Write, Written},
};

use crate::{
    attached::{Attached, attached},
    cache::{RowCache, Touched, WrittenEdges},
    checkpoint::Checkpointer,
    connection::{SharedLink, lock},
    edges,
    error::{Failure, OpenError, OpenErrorKind},
    gathered::Gathered,
    options::{SqliteOptions, Synchronous},
    room::Room,
    write,
};

/// Batches that share a commit at the most; more would only make the first of them wait.
const GROUP: usize = 256;

type Answer = Result<Vec<Written>, StoreError>;

/// What each batch of a group came to, and what they touched.
type Committed = (Vec<Answer>, Touched);

struct Job {
    tenant: Tenant,
    batch: Batch,
    answer: oneshot::Sender<Answer>,
    room: Room,
}

impl Job {
    /// Gives its room back first: whoever has the answer may write again at once.
    fn answer(self, answer: Answer) {
        drop(self.room);
        // Whoever asked may have stopped waiting; the write stands.
        let _ = self.answer.send(answer);
    }
}

/// The registry that was attached last, if any was.
pub(crate) type SharedAttached = Arc<RwLock<Option<Arc<Attached>>>>;

/// What the writing thread works with.
pub(crate) struct Works {
    pub(crate) link: SharedLink,
    pub(crate) attached: SharedAttached,
    pub(crate) cache: Option<Arc<RowCache>>,
    /// Pages in the log, where there is one.
    pub(crate) log: Option<Arc<AtomicI32>>,
    pub(crate) synchronous: Synchronous,
    /// Whether the connection is set to that.
    pub(crate) flushes: Cell<bool>,
    /// Whether there may be something to reclaim.
    pub(crate) has_garbage: Cell<bool>,
    /// The latest time that anything was stamped with.
    pub(crate) latest: Cell<Option<Timestamp>>,
}

/// The way to the writing thread, which ends with it.
pub(crate) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    retry_after: Duration,
    taken: Arc<AtomicUsize>,
    room: usize,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(works: Works, options: &SqliteOptions) -> Result<Self, OpenError> {
        let (sender, receiver) = sync_channel(options.queue);
        let thread = thread::Builder::new()
            .name("scim-sqlite-write".into())
            .spawn(move || works.write_all(&receiver))
            .map_err(|error| OpenError::new(OpenErrorKind::NoThread).caused_by(error))?;
        Ok(Self {
            queue: Some(sender),
            thread: Some(thread),
            retry_after: options.retry_after,
            taken: Arc::default(),
            room: options.queued_bytes,
        })
    }

    /// Puts the batch in the queue and waits until it is committed or failed.
    pub(crate) async fn write(&self, tenant: Tenant, batch: Batch) -> Answer {
        let busy = StoreErrorKind::Busy { retry_after: self.retry_after };
        let Some(room) = Room::take(&batch, &self.taken, self.room) else {
            return Err(busy.into());
        };
        let (answer, outcome) = oneshot::channel();
        let job = Job { tenant, batch, answer, room };
        match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => outcome.await.map_err(|_| StoreErrorKind::Unavailable)?,
            Some(Err(TrySendError::Full(_))) => Err(busy.into()),
            _ => Err(StoreErrorKind::Unavailable.into()),
        }
    }
}

impl Drop for Writer {
    /// Waits until everything that was queued is answered.
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // If it panicked, its callers have been told.
            let _ = thread.join();
        }
    }
}

impl Works {
    fn write_all(&self, jobs: &Receiver<Job>) {
        let mut may_reclaim = true;
        loop {
            let first = match next(jobs, may_reclaim && self.has_garbage.get()) {
                Ok(job) => Some(job),
                Err(TryRecvError::Empty) => None,
                Err(TryRecvError::Disconnected) => return,
            };
            // Whoever has a batch ready as well shares the commit.
            thread::yield_now();
            may_reclaim |= first.is_some();
            let turn = || self.take_turn(first, jobs, may_reclaim);
            // A panic is the end of its group: the transaction is rolled back as it is dropped, and
            // callers are told by the end of theirs. What comes next needs the thread.
            may_reclaim = catch_unwind(AssertUnwindSafe(turn)).unwrap_or(false);
        }
    }

    /// Writes a group that begins with this batch, if there is one, and reclaims some garbage; says
    /// whether more may be.
    fn take_turn(&self, first: Option<Job>, jobs: &Receiver<Job>, may_reclaim: bool) -> bool {
        let link = lock(&self.link);
        if let Some(first) = first {
            let group = std::iter::once(first).chain(jobs.try_iter()).take(GROUP).collect();
            self.write_group(&link.sql, group);
            if let Some(pages) = &self.log {
                Checkpointer::catch_up(pages, &link.sql);
            }
        }
        // What cannot be reclaimed now is tried again after the next write.
        may_reclaim && (!self.has_garbage.get() || self.reclaim(&link.sql).is_ok())
    }

    /// Commits what can be committed of the group and answers all of it.
    fn write_group(&self, sql: &Connection, group: Vec<Job>) {
        match self.commit(sql, &group) {
            Ok((answers, mut touched)) => {
                for (job, answer) in group.into_iter().zip(answers) {
                    self.keep(&job, &answer, &mut touched);
                    job.answer(answer);
                }
            }
            Err(failure) => {
                for job in group {
                    job.answer(Err(failure.repeated()));
                }
            }
        }
    }

    fn commit(&self, sql: &Connection, group: &[Job]) -> Result<Committed, Failure> {
        if !self.flushes.get() {
            self.flush_as(sql, self.synchronous)?;
        }
        if let Some(committed) = self.commit_by(apply, sql, group)? {
            return Ok(committed);
        }
        let apart = self.commit_by(apply_apart, sql, group)?;
        Ok(apart.ok_or(StoreErrorKind::Internal)?)
    }

    /// Commits a group, each batch applied in this way; `None` if that does not do.
    fn commit_by(
        &self,
        apply: Apply,
        sql: &Connection,
        group: &[Job],
    ) -> Result<Option<Committed>, Failure> {
        let attached = attached(&self.attached)?;
        let gathered = Gathered::new(self.cache.as_deref(), attached.take_known());
        let gathered = gathered.after(self.latest.get());
        let transaction = Transaction::new_unchecked(sql, TransactionBehavior::Immediate)?;
        let mut answers = Vec::with_capacity(group.len());
        for job in group {
            match apply(&transaction, &attached, job, &gathered)? {
                Some(answer) => answers.push(answer),
                None => return Ok(None),
            }
        }
        gathered.counts.write(&transaction)?;
        let (has_garbage, latest) = (gathered.has_garbage(), gathered.latest());
        let (committed, touched) = gathered.touches.during(|| transaction.commit());
        committed?;
        attached.give_known(gathered.counts.into_known());
        self.has_garbage.set(self.has_garbage.get() || has_garbage);
        self.latest.set(latest);
        Ok(Some((answers, touched)))
    }

    /// Keeps what was written for those who read it next.
    fn keep(&self, job: &Job, answer: &Answer, touched: &mut Touched) {
        let (Some(cache), Ok(written)) = (&self.cache, answer) else { return };
        let ([entry], [written]) = (job.batch.entries.as_slice(), written.as_slice()) else {
            return;
        };
        let (document, edges) = match entry {
            Write::Insert(insert) if insert.relations.is_empty() => {
                (&insert.document, WrittenEdges::OfNew)
            }
            Write::Change(Change { document: Some(change), relations, .. }) => {
                let is_as_before = relations.is_empty();
                let edges =
                    if is_as_before { WrittenEdges::AsBefore } else { WrittenEdges::Unknown };
                (&change.after, edges)
            }
            _ => return,
        };
        // As stored, so that the values it was made of are not kept as well.
        let texts = (document.visible().clone(), document.hidden().clone());
        let document = Document::from_stored(texts.0, texts.1);
        let key = entry.key();
        let (id, meta) = (key.id.clone(), written.meta.clone());
        let resource = Resource::new(&key.resource_type, id, meta, document);
        cache.keep_written(touched, job.tenant.as_str(), &resource, edges);
    }

    /// Reclaims some garbage, or finds that there is none.
    fn reclaim(&self, sql: &Connection) -> Result<(), Failure> {
        let Some(list) = edges::garbage(sql)? else {
            self.has_garbage.set(false);
            return Ok(());
        };
        // What is reclaimed may be lost with the power: then it is reclaimed once more. Without a
        // flush of its own, it does not hold up the next write.
        if self.synchronous == Synchronous::Full {
            self.flush_as(sql, Synchronous::Normal)?;
        }
        let outcome = edges::reclaim(sql, list);
        if !self.flushes.get() {
            self.flush_as(sql, self.synchronous)?;
        }
        outcome
    }

    fn flush_as(&self, sql: &Connection, synchronous: Synchronous) -> Result<(), Failure> {
        self.flushes.set(false);
        sql.pragma_update(None, "synchronous", synchronous.as_pragma())?;
        self.flushes.set(synchronous == self.synchronous);
        Ok(())
    }
}

/// The next batch; waits for one unless there is something else to do.
fn next(jobs: &Receiver<Job>, garbage: bool) -> Result<Job, TryRecvError> {
    if garbage { jobs.try_recv() } else { jobs.recv().map_err(|_| TryRecvError::Disconnected) }
}

/// Applies one batch inside the group's transaction; `None` if it left something to undo, so that
/// the group has to begin anew.
///
/// Some failures, a full disk above all, make SQLite roll back the transaction of the whole group.
/// Whatever came after would then commit by itself while the batches before it are lost, so the
/// group has to end there: that is the outer error.
type Apply = fn(&Connection, &Attached, &Job, &Gathered<'_>) -> Result<Option<Answer>, Failure>;

/// Applies a batch as if it could not fail, which costs least. What does fail has mostly changed
/// nothing yet: the resource is gone, has another version, or its name is taken.
fn apply(
    sql: &Connection,
    attached: &Attached,
    job: &Job,
    gathered: &Gathered<'_>,
) -> Result<Option<Answer>, Failure> {
    let before = sql.total_changes();
    #[cfg(test)]
    tests::panic_if_asked(&job.tenant);
    match write::apply(sql, attached, &job.tenant, &job.batch, gathered) {
        Ok(written) => Ok(Some(Ok(written))),
        Err(failure) if sql.is_autocommit() => Err(failure),
        Err(failure) if sql.total_changes() == before => Ok(Some(Err(failure.into()))),
        Err(_) => Ok(None),
    }
}

/// Applies a batch so that its failure is its own.
fn apply_apart(
    sql: &Connection,
    attached: &Attached,
    job: &Job,
    gathered: &Gathered<'_>,
) -> Result<Option<Answer>, Failure> {
    sql.prepare_cached("SAVEPOINT batch")?.execute([])?;
    let applied = write::apply(sql, attached, &job.tenant, &job.batch, gathered)
        .and_then(|written| gathered.counts.write(sql).map(|()| written));
    let failure = match applied {
        Ok(written) => {
            sql.prepare_cached("RELEASE batch")?.execute([])?;
            return Ok(Some(Ok(written)));
        }
        Err(failure) => failure,
    };
    if sql.is_autocommit() {
        return Err(failure);
    }
    gathered.counts.forget();
    sql.prepare_cached("ROLLBACK TO batch")?.execute([])?;
    sql.prepare_cached("RELEASE batch")?.execute([])?;
    Ok(Some(Err(failure.into())))
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use scim_core::{
        Object, ResourceId,
        schema::Registry,
        store::{Insert, Key, Projection, Query, Scope, Store, Total},
    };

    use super::*;
    use crate::SqliteStore;

    /// A tenant whose batches make the writer panic.
    const PANICS: &str = "panics";

    pub(super) fn panic_if_asked(tenant: &Tenant) {
        assert_ne!(tenant.as_str(), PANICS, "a batch that nobody expects");
    }

    #[test]
    fn a_batch_that_panics_ends_alone() {
        let (store, registry) = (SqliteStore::in_memory().unwrap(), Registry::standard());
        store.attach(&registry).unwrap();
        let users = registry.resource_type("User").unwrap();
        let write = |tenant| {
            let document = Document::new(users, Object::new());
            let key = Key::new(users, ResourceId::fresh());
            let batch = Batch::from(Write::Insert(Insert::new(key.clone(), document)));
            let scope = Scope::new(Tenant::new(tenant));
            block_on(store.write(&scope, batch)).map(|_| (scope, key))
        };
        let mut query = Query::new(users, 10);
        query.total = Total::Count;
        for expected in 1..4 {
            let error = write(PANICS).unwrap_err();
            assert_eq!(*error.kind(), StoreErrorKind::Unavailable);
            let (scope, key) = write("sound").unwrap();
            let found = block_on(store.get(&scope, &key, &Projection::default())).unwrap();
            assert!(found.is_some());
            let page = block_on(store.query(&scope, &query)).unwrap();
            assert_eq!(page.total, Some(expected));
        }
    }
}
