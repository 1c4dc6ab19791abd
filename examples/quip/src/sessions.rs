//! Whoever is disabled is logged out everywhere.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use scim_core::{Committed, Object, Observer, ProposedDocument};

/// The session epoch of each account: a session that was begun in an earlier one is over.
#[derive(Clone, Debug, Default)]
pub struct Sessions(Arc<Mutex<HashMap<(String, String), u64>>>);

impl Sessions {
    /// The epoch of an account now.
    pub fn epoch(&self, company: &str, user: &str) -> u64 {
        let key = (company.to_owned(), user.to_owned());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&key).copied().unwrap_or_default()
    }

    /// Ends all sessions of an account.
    pub(crate) fn end(&self, company: &str, user: &str) {
        let key = (company.to_owned(), user.to_owned());
        let mut epochs = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let epoch = epochs.entry(key).or_default();
        *epoch = epoch.saturating_add(1);
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
