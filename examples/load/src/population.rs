//! Who lives in the store: the same people and groups in the server that holds them and in the
//! client that checks its answers.

use serde_json::{Value, json};

/// How many members one change adds at once.
pub(crate) const CROWD: usize = 1_000;

/// The sizes of everything, from which all else follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Population {
    /// Users who are members of the groups of 10, 100, … users.
    pub(crate) users: usize,
    /// Groups of twelve users, who are in all of them.
    pub(crate) teams: usize,
}

impl Population {
    /// Users who are in all teams, and in no other group.
    pub(crate) const BUSY: usize = 12;

    /// Users who are in no group.
    pub(crate) const SPARE: usize = 2 * CROWD;

    /// All users.
    pub(crate) fn all_users(self) -> usize {
        self.users + Self::SPARE + Self::BUSY
    }

    /// The sizes of the groups beside the teams: 10, 100, … up to all these users.
    pub(crate) fn sizes(self) -> Vec<usize> {
        let tens = std::iter::successors(Some(10), |size| Some(size * 10));
        tens.take_while(|size| *size <= self.users).collect()
    }

    /// All groups.
    pub(crate) fn all_groups(self) -> usize {
        self.sizes().len() + self.teams
    }

    /// The members of a group; those of a team are the busy users.
    pub(crate) fn members(self, group: usize) -> usize {
        self.sizes().get(group).copied().unwrap_or(Self::BUSY)
    }

    /// The largest group.
    pub(crate) fn largest(self) -> usize {
        self.sizes().len().saturating_sub(1)
    }

    /// A team by its number.
    pub(crate) fn team(self, number: usize) -> usize {
        self.sizes().len() + number
    }

    /// A user who is in no group, by number; there are [`SPARE`](Self::SPARE).
    pub(crate) fn spare(self, number: usize) -> usize {
        self.users + number % Self::SPARE
    }

    /// A user who is in all teams.
    pub(crate) fn busy(self, number: usize) -> usize {
        self.users + Self::SPARE + number % Self::BUSY
    }
}

pub(crate) fn user_id(number: usize) -> String {
    format!("0193b8a0-0000-7000-8000-{number:012x}")
}

pub(crate) fn group_id(number: usize) -> String {
    format!("0193b8a1-0000-7000-8000-{number:012x}")
}

pub(crate) fn user_name(number: usize) -> String {
    format!("user{number:07}@example.com")
}

pub(crate) fn external_id(number: usize) -> String {
    format!("00u1{number:016x}")
}

pub(crate) fn display_name(number: usize) -> String {
    format!("Ada Lovelace {number:07}")
}

pub(crate) fn work_email(number: usize) -> String {
    format!("ada.lovelace.{number:07}@example.com")
}

/// A user of about 0.9 KB, as an identity provider sends one.
pub(crate) fn user(number: usize) -> Value {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
        ],
        "userName": user_name(number),
        "externalId": external_id(number),
        "name": {
            "formatted": format!("Ms. Ada K. Lovelace {number:07}"),
            "familyName": format!("Lovelace {number:07}"),
            "givenName": "Ada",
            "middleName": "King"
        },
        "displayName": display_name(number),
        "title": "Analyst of Analytical Engines",
        "preferredLanguage": "en-GB",
        "locale": "en-GB",
        "timezone": "Europe/London",
        "active": true,
        "emails": [
            {"value": work_email(number), "type": "work", "primary": true},
            {"value": format!("lovelace{number:07}@home.example.org"), "type": "home"}
        ],
        "phoneNumbers": [{"value": format!("tel:+44-20-{number:07}"), "type": "work"}],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": format!("{number:07}"),
            "costCenter": "4130",
            "organization": "Universal Studios",
            "division": "Theme Park",
            "department": "Tour Operations"
        }
    })
}

pub(crate) fn group(number: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": format!("Group {number:07}"),
        "externalId": format!("g{number:07}")
    })
}
