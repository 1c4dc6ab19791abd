//! The one thread that writes: many callers' batches in one transaction, answered after its
//! commit.

use std::{
    sync::{
        Arc, RwLock,
        mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use futures_channel::oneshot;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use scim_core::store::{Batch, StoreError, StoreErrorKind, Tenant, Written};

use crate::{
    connection::{SharedLink, lock},
    edges,
    error::{Failure, OpenError, OpenErrorKind},
    fingerprint::{Attached, attached},
    options::SqliteOptions,
    write,
};

/// Batches that share a commit at the most; more would only make the first of them wait.
const GROUP: usize = 256;

type Answer = Result<Vec<Written>, StoreError>;

struct Job {
    tenant: Tenant,
    batch: Batch,
    answer: oneshot::Sender<Answer>,
}

/// The registry that was attached last, if any was.
pub(crate) type SharedAttached = Arc<RwLock<Option<Arc<Attached>>>>;

/// The way to the writing thread, which ends with it.
pub(crate) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    retry_after: Duration,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(
        link: SharedLink,
        attached: SharedAttached,
        options: &SqliteOptions,
    ) -> Result<Self, OpenError> {
        let (sender, receiver) = sync_channel(options.queue);
        let thread = thread::Builder::new()
            .name("scim-sqlite-write".into())
            .spawn(move || write_all(&link, &attached, &receiver))
            .map_err(|error| OpenError::new(OpenErrorKind::NoThread).caused_by(error))?;
        Ok(Self { queue: Some(sender), thread: Some(thread), retry_after: options.retry_after })
    }

    /// Puts the batch in the queue and waits until it is committed or failed.
    pub(crate) async fn write(&self, tenant: Tenant, batch: Batch) -> Answer {
        let (answer, outcome) = oneshot::channel();
        let job = Job { tenant, batch, answer };
        match self.queue.as_ref().map(|queue| queue.try_send(job)) {
            Some(Ok(())) => outcome.await.map_err(|_| StoreErrorKind::Unavailable)?,
            Some(Err(TrySendError::Full(_))) => {
                Err(StoreErrorKind::Busy { retry_after: self.retry_after }.into())
            }
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

fn write_all(link: &SharedLink, attached: &SharedAttached, jobs: &Receiver<Job>) {
    // There may be garbage from before the last restart.
    let mut garbage = true;
    loop {
        let first = match next(jobs, garbage) {
            Ok(job) => Some(job),
            Err(TryRecvError::Empty) => None,
            Err(TryRecvError::Disconnected) => return,
        };
        let link = lock(link);
        if let Some(first) = first {
            let group = std::iter::once(first).chain(jobs.try_iter()).take(GROUP).collect();
            write_group(&link.sql, attached, group);
        }
        // What cannot be reclaimed now is tried again after the next write.
        garbage = edges::reclaim(&link.sql).unwrap_or(false);
        drop(link);
        thread::yield_now();
    }
}

/// The next batch; waits for one unless there is something else to do.
fn next(jobs: &Receiver<Job>, garbage: bool) -> Result<Job, TryRecvError> {
    if garbage { jobs.try_recv() } else { jobs.recv().map_err(|_| TryRecvError::Disconnected) }
}

/// Commits what can be committed of the group and answers all of it.
fn write_group(sql: &Connection, shared: &SharedAttached, group: Vec<Job>) {
    let outcome = attached(shared).map_err(Failure).and_then(|it| commit(sql, &it, &group));
    match outcome {
        Ok(answers) => {
            for (job, answer) in group.into_iter().zip(answers) {
                // Whoever asked may have stopped waiting; the write stands.
                let _ = job.answer.send(answer);
            }
        }
        Err(failure) => {
            for job in group {
                let _ = job.answer.send(Err(failure.repeated()));
            }
        }
    }
}

fn commit(sql: &Connection, attached: &Attached, group: &[Job]) -> Result<Vec<Answer>, Failure> {
    let transaction = Transaction::new_unchecked(sql, TransactionBehavior::Immediate)?;
    let answers = group
        .iter()
        .map(|job| apply_alone(&transaction, attached, job))
        .collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(answers)
}

/// Applies one batch inside the group's transaction, so that its failure is its own.
///
/// Some failures, a full disk above all, make SQLite roll back the transaction of the whole group
/// instead of the savepoint. Whatever came after would then commit by itself while the batches
/// before it are lost, so the group has to end there: that is the outer error.
fn apply_alone(sql: &Connection, attached: &Attached, job: &Job) -> Result<Answer, Failure> {
    sql.prepare_cached("SAVEPOINT batch")?.execute([])?;
    let failure = match write::apply(sql, attached, &job.tenant, &job.batch) {
        Ok(written) => {
            sql.prepare_cached("RELEASE batch")?.execute([])?;
            return Ok(Ok(written));
        }
        Err(failure) => failure,
    };
    if sql.is_autocommit() {
        return Err(failure);
    }
    sql.prepare_cached("ROLLBACK TO batch")?.execute([])?;
    sql.prepare_cached("RELEASE batch")?.execute([])?;
    Ok(Err(failure.into()))
}
