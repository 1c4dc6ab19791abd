//! Companies, and what actors may do in them.

use std::collections::HashMap;

use serde::Deserialize;

/// All companies by their id.
#[derive(Debug, Deserialize)]
pub(crate) struct Companies(HashMap<String, Company>);

#[derive(Debug, Deserialize)]
pub(crate) struct Company {
    /// The domains that addresses of its users may have.
    domains: Vec<String>,
    actors: HashMap<String, Role>,
}

/// What an actor is in a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Role {
    Member,
    /// May add users.
    Provisioner,
}

impl Companies {
    pub(crate) fn company(&self, id: &str) -> Option<&Company> {
        self.0.get(id)
    }
}

impl Company {
    pub(crate) fn role_of(&self, actor: &str) -> Option<Role> {
        self.actors.get(actor).copied()
    }

    pub(crate) fn authorizes(&self, domain: &str) -> bool {
        self.domains.iter().any(|known| known.eq_ignore_ascii_case(domain))
    }
}
