//! Connections for short reads, and threads for long ones.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use futures_channel::oneshot;
use scim_core::store::{StoreError, StoreErrorKind};

use crate::{
    budget::SHORT,
    connection::{Link, SharedLink, lock},
    error::{OpenError, OpenErrorKind},
    options::SqliteOptions,
};

type Scan = Box<dyn FnOnce(&Link) + Send>;

/// Connections for short reads, used by whoever asks, and threads for long ones.
pub(crate) struct Readers {
    links: Vec<SharedLink>,
    next: AtomicUsize,
    scans: Option<SyncSender<Scan>>,
    threads: Vec<JoinHandle<()>>,
    retry_after: Duration,
}

impl Readers {
    /// Short reads go over `links`; each link of `scanners` gets a thread.
    pub(crate) fn start(
        links: Vec<SharedLink>,
        scanners: Vec<SharedLink>,
        options: &SqliteOptions,
    ) -> Result<Self, OpenError> {
        let (sender, receiver) = sync_channel::<Scan>(options.queue);
        let receiver = Arc::new(Mutex::new(receiver));
        let start = |link: SharedLink| {
            let receiver = receiver.clone();
            let work = move || scan_all(&link, &receiver);
            thread::Builder::new().name("scim-sqlite-scan".into()).spawn(work)
        };
        let threads = scanners.into_iter().map(start).collect::<Result<_, _>>();
        Ok(Self {
            links,
            next: AtomicUsize::new(0),
            scans: Some(sender),
            threads: threads
                .map_err(|error| OpenError::new(OpenErrorKind::NoThread).caused_by(error))?,
            retry_after: options.retry_after,
        })
    }

    /// Reads here and now, unless it turns out to be long: then `None`.
    pub(crate) fn inline<T>(&self, read: impl FnOnce(&Link) -> T) -> Result<Option<T>, StoreError> {
        if let Some(link) = self.free() {
            return Ok(link.budget.limit(SHORT, || read(&link)));
        }
        let turn = self.next.fetch_add(1, Ordering::Relaxed) % self.links.len().max(1);
        let link = lock(self.links.get(turn).ok_or(StoreErrorKind::Unavailable)?);
        Ok(link.budget.limit(SHORT, || read(&link)))
    }

    /// A connection that nobody uses. One on which a read panicked is as good as before.
    fn free(&self) -> Option<MutexGuard<'_, Link>> {
        self.links.iter().find_map(|link| match link.try_lock() {
            Ok(link) => Some(link),
            Err(TryLockError::Poisoned(link)) => Some(link.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        })
    }

    /// Reads on a thread of its own, so that the caller's is not held up.
    pub(crate) async fn scan<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Link) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (sender, receiver) = oneshot::channel();
        let scan: Scan = Box::new(move |link| {
            if !sender.is_canceled() {
                // The caller may have gone meanwhile.
                let _ = sender.send(read(link));
            }
        });
        match self.scans.as_ref().map(|scans| scans.try_send(scan)) {
            Some(Ok(())) => receiver.await.map_err(|_| StoreErrorKind::Unavailable.into()),
            Some(Err(TrySendError::Full(_))) => {
                Err(StoreErrorKind::Busy { retry_after: self.retry_after }.into())
            }
            _ => Err(StoreErrorKind::Unavailable.into()),
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.scans = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has already failed its caller.
            let _ = thread.join();
        }
    }
}

fn scan_all(link: &SharedLink, scans: &Mutex<Receiver<Scan>>) {
    loop {
        let scan = scans.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(scan) = scan else { return };
        // Whoever waits for a scan that panics is told by its end; others still need the thread.
        let _ = catch_unwind(AssertUnwindSafe(|| scan(&lock(link))));
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;

    use super::*;

    #[test]
    fn a_scan_that_panics_ends_alone() {
        let options = SqliteOptions::default();
        let link = Link::in_memory(&options).unwrap();
        let readers = Readers::start(vec![link.clone()], vec![link], &options).unwrap();
        for _ in 0..3 {
            let scan = readers.scan(|_| -> () { panic!("a row that nobody expects") });
            assert_eq!(*block_on(scan).unwrap_err().kind(), StoreErrorKind::Unavailable);
        }
        assert!(block_on(readers.scan(|link| link.sql.is_autocommit())).unwrap());
    }

    #[test]
    fn a_read_that_panics_takes_no_connection_away() {
        let options = SqliteOptions::default();
        let link = Link::in_memory(&options).unwrap();
        let readers = Readers::start(vec![link.clone()], vec![link], &options).unwrap();
        let read = || readers.inline(|_| -> () { panic!("a row that nobody expects") });
        assert!(catch_unwind(AssertUnwindSafe(read)).is_err());
        assert!(readers.free().is_some());
        assert!(readers.inline(|link| link.sql.is_autocommit()).unwrap().unwrap());
    }
}
