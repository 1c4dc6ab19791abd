//! A store that breaks its promises, to see that the checks notice.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use async_trait::async_trait;
use scim_core::{
    conformance::{Proxied, Proxy},
    store::{
        Batch, Hidden, Key, Precondition, Projection, Resource, Scope, Store, StoreError, Write,
        Written,
    },
};

/// Which promise is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Promise {
    /// A write is made only if its precondition holds: here always.
    Preconditions,
    /// A unique value has one holder: here any number.
    Claims,
    /// A read sees every write that was answered before: here it may see what the last read saw.
    Freshness,
    /// Edges that are added stay: here one of some is forgotten.
    Edges,
}

impl Promise {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Preconditions, Self::Claims, Self::Freshness, Self::Edges];
}

/// A store that breaks one promise of another one's.
#[derive(Debug)]
pub struct Broken<S> {
    store: S,
    promise: Promise,
    read: Mutex<HashMap<String, Option<Resource>>>,
    writes: Mutex<usize>,
}

impl<S> Broken<S> {
    /// A store that breaks this promise.
    pub fn new(store: S, promise: Promise) -> Proxied<Self> {
        Proxied(Self { store, promise, read: Mutex::default(), writes: Mutex::default() })
    }

    /// Whether it is time to forget an edge.
    fn forgets(&self) -> bool {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        *writes += 1;
        self.promise == Promise::Edges && writes.is_multiple_of(5)
    }

    fn spoil(&self, batch: &mut Batch) {
        for write in &mut batch.entries {
            match (self.promise, write) {
                (Promise::Preconditions, Write::Change(change)) => {
                    change.precondition = Precondition::Exists;
                }
                (Promise::Claims, Write::Insert(insert)) => insert.claims.clear(),
                (Promise::Edges, Write::Change(change)) if self.forgets() => {
                    change.relations.clear();
                }
                _ => {}
            }
        }
    }
}

#[async_trait]
impl<S: Store> Proxy for Broken<S> {
    type Store = S;

    fn store(&self) -> &S {
        &self.store
    }

    async fn get(
        &self,
        scope: &Scope,
        key: &Key,
        projection: &Projection,
    ) -> Result<Option<Resource>, StoreError> {
        let found = self.store.get(scope, key, projection).await?;
        // What is hidden is read in order to be changed: that has to be right.
        if self.promise != Promise::Freshness || projection.hidden != Hidden::Skip {
            return Ok(found);
        }
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let before = read.insert(key.id.to_string(), found.clone());
        Ok(before.unwrap_or(found))
    }

    async fn write(&self, scope: &Scope, mut batch: Batch) -> Result<Vec<Written>, StoreError> {
        self.spoil(&mut batch);
        self.store.write(scope, batch).await
    }
}
