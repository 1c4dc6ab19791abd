//! Where the values of a list stand: what makes many additions and removals cheap.

use std::collections::HashMap;

use serde_json::Value;

use super::options::Matching;
use crate::{resource::is_primary, schema::Attribute, validate::Identity};

pub(super) struct Positions {
    pub(super) matching: Matching,
    by_identity: HashMap<Identity, usize>,
    /// Those that have a `value`, by that alone, where it is what they are found by.
    by_value: HashMap<Identity, Vec<usize>>,
    /// Of those that are primary: one, unless another program stored them.
    pub(super) primaries: Vec<usize>,
}

impl Positions {
    pub(super) fn of(attribute: &Attribute, values: &[Value], matching: Matching) -> Self {
        let mut positions = Self {
            matching,
            by_identity: HashMap::with_capacity(values.len()),
            by_value: HashMap::new(),
            primaries: Vec::new(),
        };
        for (position, value) in values.iter().enumerate() {
            positions.add(Identity::of(attribute, value), position);
            if is_primary(value) {
                positions.primaries.push(position);
            }
        }
        positions
    }

    /// The same values, found anew.
    pub(super) fn renew(&mut self, attribute: &Attribute, values: &[Value]) {
        *self = Self::of(attribute, values, self.matching);
    }

    pub(super) fn add(&mut self, identity: Identity, position: usize) {
        if let (Matching::ByValue, Identity::Parts(..)) = (self.matching, &identity) {
            self.by_value.entry(identity.clone().without_type()).or_default().push(position);
        }
        self.by_identity.entry(identity).or_insert(position);
    }

    /// The value that another one stands for.
    pub(super) fn meant(&self, identity: &Identity) -> Option<usize> {
        self.only(identity).or_else(|| self.by_identity.get(identity).copied())
    }

    /// The only one that has this `value`: of several, nobody can say which is meant.
    pub(super) fn only(&self, identity: &Identity) -> Option<usize> {
        match self.by_value.get(&identity.clone().without_type())?[..] {
            [only] => Some(only),
            _ => None,
        }
    }
}
