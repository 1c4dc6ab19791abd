//! Values of a list that are found by their `value` alone ([`Matching::ByValue`]).
//!
//! [`Matching::ByValue`]: super::Matching::ByValue

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    elements::{complete, demote_others, tidy},
    error::no_target,
    step::Unmatched,
    work::Work,
};
use crate::{
    error::ScimError,
    schema::Attribute,
    validate::{Identity, Key, is_primary},
};

/// Adds values. One that stands for a value that is there is merged into it.
///
/// # Errors
/// 400 `mutability` if that changes an immutable part.
pub(super) fn append(
    attribute: &Attribute,
    values: &mut Vec<Value>,
    added: &[Value],
    work: &Work,
) -> Result<(), ScimError> {
    let mut known = Known::of(attribute, values);
    for value in added {
        let identity = Identity::of(attribute, value);
        let position = match known.meant(&identity) {
            Some(position) => position,
            None => {
                values.push(value.clone());
                let position = values.len().saturating_sub(1);
                known.add(identity, position);
                position
            }
        };
        if let Some(present) = values.get_mut(position) {
            complete(attribute, present, value, work)?;
        }
        if is_primary(value) {
            demote_others(values, position);
        }
    }
    tidy(attribute, values, &[]);
    Ok(())
}

/// Where values stand.
#[derive(Default)]
struct Known {
    by_value: HashMap<Identity, Vec<usize>>,
    by_identity: HashMap<Identity, usize>,
}

impl Known {
    fn of(attribute: &Attribute, values: &[Value]) -> Self {
        let mut known = Self::default();
        for (position, value) in values.iter().enumerate() {
            known.add(Identity::of(attribute, value), position);
        }
        known
    }

    fn add(&mut self, identity: Identity, position: usize) {
        self.by_value.entry(identity.clone().without_type()).or_default().push(position);
        self.by_identity.entry(identity).or_insert(position);
    }

    /// The only value that is `value`: nobody can say which of several is meant.
    fn only(&self, identity: &Identity) -> Option<usize> {
        let Identity::Parts(..) = identity else { return None };
        match self.by_value.get(&identity.clone().without_type())?[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The value that another one stands for: of several, the one that has the same type, too.
    fn meant(&self, identity: &Identity) -> Option<usize> {
        self.only(identity).or_else(|| self.by_identity.get(identity).copied())
    }
}

/// Removes the values that are listed: by `value` where it is unique, else by all parts that are
/// given.
///
/// # Errors
/// 400 `noTarget` if there are none and that is asked for.
pub(super) fn discard(
    attribute: &Attribute,
    values: &mut Vec<Value>,
    listed: &[Value],
    unmatched: &Unmatched,
) -> Result<(), ScimError> {
    let known = Known::of(attribute, values);
    let mut removed = HashSet::new();
    let mut by_parts: HashMap<Vec<&str>, HashSet<_>> = HashMap::new();
    for value in listed {
        if let Some(only) = known.only(&Identity::of(attribute, value)) {
            removed.insert(only);
            continue;
        }
        let names = names(value);
        let parts = parts(attribute, value, &names);
        by_parts.entry(names).or_default().insert(parts);
    }
    // One pass for each set of names, of which there are few, however many values are listed.
    for (names, listed) in by_parts {
        let same = |(_, value): &(usize, &Value)| listed.contains(&parts(attribute, value, &names));
        removed.extend(values.iter().enumerate().filter(same).map(|(position, _)| position));
    }
    if removed.is_empty() && !listed.is_empty() && *unmatched == Unmatched::Refuse {
        return Err(no_target(attribute));
    }
    let mut position = 0..;
    values.retain(|_| position.next().is_some_and(|position| !removed.contains(&position)));
    Ok(())
}

/// The names of the parts of a value, in order.
fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> =
        value.as_object().into_iter().flat_map(|it| it.keys()).map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The parts of these names; a plain value is a part of its own.
fn parts(attribute: &Attribute, value: &Value, names: &[&str]) -> Vec<Option<Key>> {
    match names {
        [] => vec![Some(Key::of(attribute, value))],
        names => names.iter().map(|name| Key::of_part(attribute, name, value)).collect(),
    }
}
