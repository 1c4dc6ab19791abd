//! A store on which things go wrong when a test wants them to.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use scim_core::{
    Document,
    conformance::{Proxied, Proxy},
    store::{
        Batch, Change, Delete, DocumentChange, Key, Precondition, Projection, Resource, Scope,
        Store, StoreError, StoreErrorKind, Write, Written,
    },
};
use scim_store_memory::MemoryStore;

#[derive(Debug, Default)]
pub(crate) struct Faulty {
    store: MemoryStore,
    /// How many of the next writes come too late for the document they change.
    pub(crate) lost_races: AtomicUsize,
    /// How many of the next writes find another version of what they write first.
    pub(crate) other_versions: AtomicUsize,
    /// Whether another client gives each user a title between a write and its answer.
    pub(crate) is_overtaken: AtomicBool,
    /// Whether documents have a value that cannot be read, as another program may have left it.
    pub(crate) is_damaged: AtomicBool,
    /// Whether writes are made and never answered.
    pub(crate) is_silent: AtomicBool,
    /// Whether a write is the last that is heard of the store: it cannot be read any more.
    pub(crate) breaks_after_write: AtomicBool,
    pub(crate) is_broken: AtomicBool,
    /// Whether another client deletes at once what is written.
    pub(crate) is_deleted: AtomicBool,
    /// What the next call for a resource, or the next write, fails with.
    pub(crate) failure: Mutex<Option<StoreError>>,
}

impl Faulty {
    pub(crate) fn new() -> Arc<Proxied<Self>> {
        Arc::default()
    }

    fn fail(&self) -> Result<(), StoreError> {
        self.failure.lock().unwrap().take().map_or(Ok(()), Err)
    }

    async fn overtake(&self, scope: &Scope, key: &Key) {
        let found = self.store.get(scope, key, &Projection::default()).await.unwrap().unwrap();
        let mut values = found.document.into_values().unwrap();
        values.insert("title".to_owned(), "of another".into());
        let title = key.resource_type.attribute("title").unwrap().clone();
        let document = Document::new(&key.resource_type, values);
        let mut change = Change::new(key.clone(), Precondition::Exists);
        change.document = Some(DocumentChange::new(document, vec![title]));
        self.store.write(scope, Write::Change(change).into()).await.unwrap();
    }
}

#[async_trait]
impl Proxy for Faulty {
    type Store = MemoryStore;

    fn store(&self) -> &MemoryStore {
        &self.store
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        if self.is_broken.load(Ordering::Relaxed) {
            return Err(StoreErrorKind::Unavailable.into());
        }
        self.fail()?;
        let mut found = self.store.get(scope, key, projection).await?;
        if let Some(resource) = found.as_mut().filter(|_| self.is_damaged.load(Ordering::Relaxed)) {
            let text = String::from_utf8(resource.document.visible().to_vec()).unwrap();
            let text = text.replacen('{', r#"{"beyond":1e999,"#, 1);
            resource.document = Document::from_stored(text, resource.document.hidden().clone());
        }
        Ok(found)
    }

    async fn write(&self, scope: &Scope, batch: Batch) -> Result<Vec<Written>, StoreError> {
        self.fail()?;
        for (faults, kind) in [
            (&self.lost_races, StoreErrorKind::Stale),
            (&self.other_versions, StoreErrorKind::VersionMismatch),
        ] {
            let left = faults.load(Ordering::Relaxed);
            if left > 0 {
                faults.store(left - 1, Ordering::Relaxed);
                return Err(StoreError::at(0, kind));
            }
        }
        let keys: Vec<_> = batch.entries.iter().map(|entry| entry.key().clone()).collect();
        let written = self.store.write(scope, batch).await;
        if self.is_overtaken.load(Ordering::Relaxed) {
            for key in keys.iter().filter(|key| key.resource_type.name() == "User") {
                self.overtake(scope, key).await;
            }
        }
        if self.is_deleted.load(Ordering::Relaxed) {
            for key in keys {
                let delete = Delete { key, precondition: Precondition::Exists };
                self.store.write(scope, Write::Delete(delete).into()).await.unwrap();
            }
        }
        self.is_broken.store(self.breaks_after_write.load(Ordering::Relaxed), Ordering::Relaxed);
        if self.is_silent.load(Ordering::Relaxed) {
            pending::<()>().await;
        }
        written
    }
}
