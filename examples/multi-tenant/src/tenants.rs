//! The tenants and their tokens.

use std::{collections::BTreeMap, fmt};

/// Who may call, and with which token. A file of them has a tenant and its token on each line.
#[derive(Clone, Default)]
pub struct Tenants(BTreeMap<String, String>);

impl Tenants {
    /// Reads the text of a file.
    ///
    /// # Errors
    /// The number of the first line that is not a tenant and a token, or whose tenant stands on
    /// another line already.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut tenants = Self::default();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let expected = || format!("line {}: expected a new tenant and its token", index + 1);
            let mut words = line.split_whitespace();
            let (Some(tenant), Some(token), None) = (words.next(), words.next(), words.next())
            else {
                return Err(expected());
            };
            if !tenants.add(tenant, token) {
                return Err(expected());
            }
        }
        Ok(tenants)
    }

    /// Adds a tenant; says whether it is a new one.
    pub fn add(&mut self, tenant: impl Into<String>, token: impl Into<String>) -> bool {
        self.0.insert(tenant.into(), token.into()).is_none()
    }

    /// Tenants and tokens.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(tenant, token)| (&**tenant, &**token))
    }
}

impl fmt::Debug for Tenants {
    /// Leaves the tokens out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
