//! Brings the write-ahead log back into the file beside the writer, so that writes do not wait
//! for it.

use std::{
    path::Path,
    sync::{
        Arc, Weak,
        atomic::{AtomicI32, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};

use rusqlite::Connection;

use crate::{
    connection,
    error::{OpenError, OpenErrorKind},
};

/// Pages that the log grows by from one checkpoint to the next: 4 MiB.
const PAGES: i32 = 1_000;

/// Pages after which the writer lends a hand: a log that is always being written is never brought
/// back whole from beside, and only then can it begin anew.
const MOST: i32 = 8_000;

/// The thread that brings the log back.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    wake: Option<Arc<SyncSender<()>>>,
    thread: Option<JoinHandle<()>>,
    /// Pages in the log after the latest commit.
    pages: Arc<AtomicI32>,
}

impl Checkpointer {
    /// Starts the thread on a connection of its own.
    pub(crate) fn start(path: &Path) -> Result<Self, OpenError> {
        let sql = connection::beside_the_writer(path)?;
        let (wake, woken) = sync_channel(1);
        let thread = thread::Builder::new()
            .name("scim-sqlite-checkpoint".into())
            .spawn(move || bring_back(&sql, &woken))
            .map_err(|error| OpenError::new(OpenErrorKind::NoThread).caused_by(error))?;
        Ok(Self { wake: Some(Arc::new(wake)), thread: Some(thread), pages: Arc::default() })
    }

    /// Has the writer's connection tell how long the log is, instead of bringing it back itself.
    pub(crate) fn watch(&self, writer: &mut Connection) -> rusqlite::Result<()> {
        // The thread ends with the last that can wake it: that must not be the connection, which may
        // outlive this.
        let wake = self.wake.as_ref().map(Arc::downgrade);
        let length = self.pages.clone();
        let mut last = 0;
        writer.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
            length.store(pages, Ordering::Relaxed);
            // The log has begun anew when it is shorter than before.
            last = pages.min(last);
            if pages.saturating_sub(last) >= PAGES {
                last = pages;
                // A checkpoint that is due already will do.
                let wake = wake.as_ref().and_then(Weak::upgrade);
                let _ = wake.map(|wake| wake.try_send(()));
            }
            Ok(())
        }))
    }

    /// Brings the rest of a log back that has become long, between two groups of writes.
    pub(crate) fn catch_up(pages: &AtomicI32, writer: &Connection) {
        if pages.load(Ordering::Relaxed) >= MOST {
            pages.store(0, Ordering::Relaxed);
            checkpoint(writer);
        }
    }

    /// Pages in the log after the latest commit.
    pub(crate) fn pages(&self) -> Arc<AtomicI32> {
        self.pages.clone()
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            // Nothing is lost with it: whoever opens the file next brings the log back.
            let _ = thread.join();
        }
    }
}

fn bring_back(sql: &Connection, woken: &Receiver<()>) {
    while woken.recv().is_ok() {
        checkpoint(sql);
    }
}

/// Brings back what no reader needs, without waiting for anybody; what fails is tried again.
fn checkpoint(sql: &Connection) {
    let _ = sql.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc::channel, time::Duration};

    use super::*;
    use crate::{
        connection::{Link, lock},
        options::SqliteOptions,
    };

    #[test]
    fn it_ends_before_the_connection_that_it_watches() {
        // As when a later thread of the store cannot be started.
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("scim.db");
        let writer = Link::writer(&path, &SqliteOptions::default()).unwrap();
        let checkpointer = Checkpointer::start(&path).unwrap();
        checkpointer.watch(&mut lock(&writer).sql).unwrap();
        let (ended, has_ended) = channel();
        thread::spawn(move || {
            drop(checkpointer);
            ended.send(()).unwrap();
        });
        assert_eq!(has_ended.recv_timeout(Duration::from_secs(30)), Ok(()));
        lock(&writer).sql.execute_batch("CREATE TABLE later (x)").unwrap();
    }
}
