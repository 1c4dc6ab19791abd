//! What a client does, and what it then has.

use std::collections::{BTreeMap, BTreeSet};

/// What one client has on the server, by what it was told or by what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holdings {
    /// By `externalId`.
    pub(crate) users: BTreeMap<String, User>,
    /// Pairs of groups that are members of one another, by what their names share.
    pub(crate) pairs: BTreeSet<String>,
}

/// A user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    /// `id`
    pub(crate) id: String,
    /// `userName`
    pub(crate) name: String,
    /// What stands in several attributes, all of which are written at once.
    pub(crate) text: String,
    /// The shared groups that it is a member of, by their number.
    pub(crate) teams: BTreeSet<usize>,
}

/// One request; users are named by `externalId`.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Creates a user.
    Create {
        /// `externalId`
        key: String,
        /// `userName`
        name: String,
        /// Its text.
        text: String,
    },
    /// Writes another text.
    Rewrite {
        /// `externalId`
        key: String,
        /// The new text.
        text: String,
        /// PUT instead of PATCH.
        whole: bool,
    },
    /// Changes `userName`.
    Rename {
        /// `externalId`
        key: String,
        /// The new name.
        name: String,
    },
    /// Becomes a member of a shared group.
    Join {
        /// `externalId`
        key: String,
        /// The number of the group.
        team: usize,
    },
    /// Is a member no more.
    Leave {
        /// `externalId`
        key: String,
        /// The number of the group.
        team: usize,
    },
    /// Deletes the user.
    Delete {
        /// `externalId`
        key: String,
    },
    /// Creates two groups that are members of one another, by one Bulk request.
    Pair {
        /// What the names of both begin with.
        name: String,
    },
}

/// What came of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was acknowledged; a create tells the id.
    Done(Option<String>),
    /// A unique value is taken: nothing happened.
    Taken,
    /// The server could not (503, 507): nothing happened.
    Refused(u16),
    /// The connection broke: it happened, or it did not.
    Unknown,
}

impl Holdings {
    /// What the client has after the action.
    pub(crate) fn after(&self, action: &Action, id: Option<&str>) -> Self {
        let mut after = self.clone();
        match action {
            Action::Create { key, name, text } => {
                let user = User {
                    id: id.unwrap_or_default().to_owned(),
                    name: name.clone(),
                    text: text.clone(),
                    teams: BTreeSet::new(),
                };
                after.users.insert(key.clone(), user);
            }
            Action::Rewrite { key, text, .. } => after.change(key, |it| it.text.clone_from(text)),
            Action::Rename { key, name } => after.change(key, |it| it.name.clone_from(name)),
            Action::Join { key, team } => after.change(key, |it| _ = it.teams.insert(*team)),
            Action::Leave { key, team } => after.change(key, |it| _ = it.teams.remove(team)),
            Action::Delete { key } => _ = after.users.remove(key),
            Action::Pair { name } => _ = after.pairs.insert(name.clone()),
        }
        after
    }

    fn change(&mut self, key: &str, change: impl FnOnce(&mut User)) {
        if let Some(user) = self.users.get_mut(key) {
            change(user);
        }
    }

    /// What differs from what is there, for a message.
    pub(crate) fn difference(&self, there: &Self) -> String {
        let keys: BTreeSet<_> = self.users.keys().chain(there.users.keys()).collect();
        let users = keys
            .into_iter()
            .filter(|key| self.users.get(*key) != there.users.get(*key))
            .map(|key| format!("{key}: {:?}, not {:?}", there.users.get(key), self.users.get(key)));
        let pairs = self.pairs.symmetric_difference(&there.pairs).cloned();
        users.chain(pairs).take(5).collect::<Vec<_>>().join("\n")
    }
}
