//! The current state of a tenant and how it is replaced.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use scim_core::store::StoreError;

use crate::state::State;

/// One tenant's state. Readers never wait for writers, only for the moment of the exchange.
#[derive(Debug, Default)]
pub(crate) struct TenantState {
    /// Held while a batch is applied, so that writers take turns.
    writing: Mutex<()>,
    current: RwLock<Arc<State>>,
}

impl TenantState {
    /// The state as it is now; it stays as it is while others write.
    pub(crate) fn snapshot(&self) -> Arc<State> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes a copy of the state and makes it the current one, unless the change fails.
    pub(crate) fn update<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let turn = self.turn();
        let mut next = State::clone(&self.snapshot());
        let outcome = change(&mut next)?;
        turn.exchange(next);
        Ok(outcome)
    }

    /// Waits for the turn to write.
    pub(crate) fn turn(&self) -> Turn<'_> {
        // A panic in a change leaves the current state as it was, so poison means nothing.
        let guard = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        Turn { tenant: self, _guard: guard }
    }
}

/// The turn to write: until it ends, the state stays as it is unless it is exchanged here.
pub(crate) struct Turn<'a> {
    tenant: &'a TenantState,
    _guard: MutexGuard<'a, ()>,
}

impl Turn<'_> {
    /// The state as it is.
    pub(crate) fn state(&self) -> Arc<State> {
        self.tenant.snapshot()
    }

    /// Makes another state the current one.
    pub(crate) fn exchange(self, next: State) {
        let mut previous = Arc::new(next);
        {
            let mut current = self.tenant.current.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::swap(&mut *current, &mut previous);
        }
        // What only the previous state held is freed here, where no reader waits.
        drop(previous);
    }
}
