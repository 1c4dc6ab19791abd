//! Removal of the values that a client lists.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    error::{no_target, too_many_values},
    options::Matching,
    positions::Positions,
    step::Unmatched,
    work::Work,
};
use crate::{
    error::ScimError,
    schema::Attribute,
    validate::{Identity, Key},
};

/// Removes the values that are listed.
///
/// # Errors
/// 400 `noTarget` if some are listed, there are none of them and that is asked for; `tooMany` if it
/// takes too many looks at the values to find out.
pub(super) fn discard(
    attribute: &Attribute,
    values: &mut Vec<Value>,
    listed: &[Value],
    unmatched: &Unmatched,
    matching: Matching,
    work: &Work,
) -> Result<(), ScimError> {
    if listed.is_empty() {
        return Ok(());
    }
    let removed = match matching {
        Matching::ByTypeAndValue => by_type_and_value(attribute, values, listed),
        Matching::ByValue => by_value(attribute, values, listed, work)?,
    };
    if removed.is_empty() && *unmatched == Unmatched::Refuse {
        return Err(no_target(attribute));
    }
    let mut position = 0..;
    values.retain(|_| position.next().is_some_and(|position| !removed.contains(&position)));
    Ok(())
}

/// By `value`, and `type` where one is given; others by all their parts.
fn by_type_and_value(attribute: &Attribute, values: &[Value], listed: &[Value]) -> HashSet<usize> {
    let listed: HashSet<_> = listed.iter().map(|it| Identity::of(attribute, it)).collect();
    let is_listed = |(_, value): &(usize, &Value)| {
        let identity = Identity::of(attribute, value);
        listed.contains(&identity) || listed.contains(&identity.without_type())
    };
    values.iter().enumerate().filter(is_listed).map(|(position, _)| position).collect()
}

/// By `value` where it is unique, else by all parts that are given.
///
/// # Errors
/// 400 `tooMany`: there is a pass over the values for each set of names, of which there may be many
/// where the schema has many parts.
fn by_value(
    attribute: &Attribute,
    values: &[Value],
    listed: &[Value],
    work: &Work,
) -> Result<HashSet<usize>, ScimError> {
    let positions = Positions::of(attribute, values, Matching::ByValue);
    let mut removed = HashSet::new();
    let mut by_parts: HashMap<Vec<&str>, HashSet<_>> = HashMap::new();
    for value in listed {
        if let Some(only) = positions.only(&Identity::of(attribute, value)) {
            removed.insert(only);
            continue;
        }
        let names = names(value);
        let parts = parts(attribute, value, &names);
        by_parts.entry(names).or_default().insert(parts);
    }
    for (names, listed) in by_parts {
        work.look(values.len().saturating_mul(names.len()));
        if work.is_too_much() {
            return Err(too_many_values(attribute));
        }
        let same = |(_, value): &(usize, &Value)| listed.contains(&parts(attribute, value, &names));
        removed.extend(values.iter().enumerate().filter(same).map(|(position, _)| position));
    }
    Ok(removed)
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
        names => names.iter().map(|name| Key::of_part(attribute, name, value.get(name))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Registry;

    #[test]
    fn each_set_of_names_is_a_pass_that_counts() {
        let registry = Registry::standard();
        let emails = registry.resource_type("User").unwrap().attribute("emails").unwrap();
        let work = Work::default();
        let discarded = |listed: &[Value]| {
            let mut values = vec![json!({"value": "a@x", "type": "work"}); 3];
            let matching = Matching::ByValue;
            discard(emails, &mut values, listed, &Unmatched::Refuse, matching, &work)
                .map(|()| values.len())
        };
        assert_eq!(discarded(&[]).unwrap(), 3, "nothing is asked for");
        assert_eq!(discarded(&[json!({"type": "home"})]).unwrap_err().status(), 400);
        assert_eq!(discarded(&[json!({"type": "work"}), json!({"display": "A"})]).unwrap(), 0);
        work.look(usize::MAX);
        let error = discarded(&[json!({"type": "work"})]).unwrap_err();
        assert_eq!(error.scim_type(), Some(crate::ScimType::TooMany));
    }
}
