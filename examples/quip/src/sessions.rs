//! Whoever is disabled is logged out everywhere.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use scim_core::{Committed, Object, Observer, ProposedDocument};

use crate::{Account, account};

/// The session epoch of each account: a session that was begun in an earlier one is over.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Arc<Mutex<HashMap<Account, u64>>>);

impl Sessions {
    /// The epoch of an account now.
    pub fn epoch(&self, company: &str, user: &str) -> u64 {
        self.lock().get(&account(company, user)).copied().unwrap_or_default()
    }

    /// Ends all sessions of an account.
    pub(crate) fn end(&self, company: &str, user: &str) {
        let mut epochs = self.lock();
        let epoch = epochs.entry(account(company, user)).or_default();
        *epoch = epoch.saturating_add(1);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Account, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observer for Sessions {
    fn committed(&self, change: &Committed<'_>) {
        let ProposedDocument::Changed { before, after } = &change.proposal.document else { return };
        let is_disabled = |user: &Object| user.get("active") == Some(&false.into());
        if !is_disabled(before) && is_disabled(after) {
            self.end(change.scope.tenant.as_str(), change.proposal.id());
        }
    }
}
