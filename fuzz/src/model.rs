//! What a service provider should hold after a sequence of requests: the naive version.

use std::collections::{BTreeMap, BTreeSet};

/// Ids of users to their names, ids of groups to their names and members.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Model {
    pub(crate) users: BTreeMap<String, String>,
    pub(crate) groups: BTreeMap<String, Group>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) members: BTreeSet<String>,
}

impl Model {
    /// Whether another user has this name, ignoring case.
    pub(crate) fn is_taken(&self, name: &str, by_other_than: Option<&str>) -> bool {
        self.users.iter().any(|(id, known)| {
            Some(id.as_str()) != by_other_than && known.eq_ignore_ascii_case(name)
        })
    }

    pub(crate) fn exists(&self, id: &str) -> bool {
        self.users.contains_key(id) || self.groups.contains_key(id)
    }

    /// Removes a resource and every edge to it.
    pub(crate) fn delete(&mut self, id: &str) {
        self.users.remove(id);
        self.groups.remove(id);
        for group in self.groups.values_mut() {
            group.members.remove(id);
        }
    }

    /// The groups that have this member.
    pub(crate) fn direct(&self, member: &str) -> BTreeSet<String> {
        let has = |(_, group): &(&String, &Group)| group.members.contains(member);
        self.groups.iter().filter(has).map(|(id, _)| id.clone()).collect()
    }

    /// The groups that have this member, or a group that has it, and so on.
    pub(crate) fn all(&self, member: &str) -> BTreeSet<String> {
        let mut found = self.direct(member);
        loop {
            let further: BTreeSet<_> = found.iter().flat_map(|group| self.direct(group)).collect();
            if further.is_subset(&found) {
                return found;
            }
            found.extend(further);
        }
    }
}
