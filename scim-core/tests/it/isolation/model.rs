//! What one tenant has, without any notion of others.

use std::collections::{BTreeMap, BTreeSet};

use super::step::Kind;

#[derive(Debug, Default)]
pub(super) struct Tenant {
    pub(super) users: BTreeMap<String, User>,
    pub(super) groups: BTreeMap<String, Group>,
    /// The ids of all that was ever made, by kind.
    made_users: Vec<String>,
    made_groups: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct User {
    pub(super) name: String,
    /// None where it is empty.
    pub(super) title: Option<String>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) members: BTreeSet<String>,
}

/// A comparison, with its ids and URLs filled in.
#[derive(Clone, Debug)]
pub(super) enum Comparison {
    Name(String),
    Title(String),
    HasId,
    HasTitle,
    Id(String),
    Related(String),
}

impl Tenant {
    pub(super) fn made(&self, kind: Kind) -> &[String] {
        match kind {
            Kind::User => &self.made_users,
            Kind::Group => &self.made_groups,
        }
    }

    pub(super) fn has(&self, kind: Kind, id: &str) -> bool {
        match kind {
            Kind::User => self.users.contains_key(id),
            Kind::Group => self.groups.contains_key(id),
        }
    }

    pub(super) fn ids(&self, kind: Kind) -> Vec<String> {
        match kind {
            Kind::User => self.users.keys().cloned().collect(),
            Kind::Group => self.groups.keys().cloned().collect(),
        }
    }

    /// Whether a user other than this one has the name.
    pub(super) fn is_taken(&self, name: &str, but_for: &str) -> bool {
        self.users.iter().any(|(id, user)| user.name == name && id != but_for)
    }

    pub(super) fn add_user(&mut self, id: String, user: User) {
        self.made_users.push(id.clone());
        self.users.insert(id, user);
    }

    pub(super) fn add_group(&mut self, id: String, group: Group) {
        self.made_groups.push(id.clone());
        self.groups.insert(id, group);
    }

    pub(super) fn delete(&mut self, kind: Kind, id: &str) {
        match kind {
            Kind::User => drop(self.users.remove(id)),
            Kind::Group => drop(self.groups.remove(id)),
        }
        self.groups.values_mut().for_each(|group| _ = group.members.remove(id));
    }

    pub(super) fn name(&self, kind: Kind, id: &str) -> &str {
        match kind {
            Kind::User => &self.users[id].name,
            Kind::Group => &self.groups[id].name,
        }
    }

    pub(super) fn satisfies(&self, kind: Kind, id: &str, comparison: &Comparison) -> bool {
        let title = self.users.get(id).and_then(|user| user.title.as_ref());
        match (comparison, kind) {
            (Comparison::Name(name), _) => self.name(kind, id) == name,
            (Comparison::Title(expected), _) => title == Some(expected),
            (Comparison::HasTitle, _) => title.is_some(),
            (Comparison::HasId, _) => true,
            (Comparison::Id(expected), _) => id == expected,
            (Comparison::Related(group), Kind::User) => {
                self.groups.get(group).is_some_and(|group| group.members.contains(id))
            }
            (Comparison::Related(member), Kind::Group) => self.groups[id].members.contains(member),
        }
    }
}
