//! Values of a list that are found by their `value` alone ([`Matching::ByValue`]).
//!
//! [`Matching::ByValue`]: super::Matching::ByValue

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::{
    elements::{complete, demote_others, tidy},
    error::no_target,
    step::Unmatched,
};
use crate::{
    error::ScimError,
    schema::Attribute,
    validate::{identity, is_primary, is_same},
};

/// Adds values. One that stands for a value that is there is merged into it.
///
/// # Errors
/// 400 `mutability` if that changes an immutable part.
pub(super) fn append(
    attribute: &Attribute,
    values: &mut Vec<Value>,
    added: &[Value],
) -> Result<(), ScimError> {
    let mut known = by_value(attribute, values);
    for value in added {
        let key = key(attribute, value).unwrap_or_else(|| identity(value));
        let same = known.get(&key).map(Vec::as_slice);
        let position = match same {
            Some([only]) => Some(*only),
            // Nobody can say which of several is meant, unless one has the same type, too.
            several => the_same(values, several.unwrap_or_default(), value),
        };
        let position = match position {
            Some(position) => position,
            None => {
                values.push(value.clone());
                let position = values.len().saturating_sub(1);
                known.entry(key).or_default().push(position);
                position
            }
        };
        if let Some(present) = values.get_mut(position) {
            complete(attribute, present, value)?;
        }
        if is_primary(value) {
            demote_others(values, position);
        }
    }
    tidy(values, &[]);
    Ok(())
}

/// Which of these values a PUT would take for the given one.
fn the_same(values: &[Value], among: &[usize], given: &Value) -> Option<usize> {
    let is_meant = |it: &&usize| values.get(**it).is_some_and(|value| is_same(value, given));
    among.iter().find(is_meant).copied()
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
    let known = by_value(attribute, values);
    let mut removed = HashSet::new();
    let mut by_parts: HashMap<Vec<&str>, HashSet<String>> = HashMap::new();
    for value in listed {
        match key(attribute, value).and_then(|key| known.get(&key)).map(Vec::as_slice) {
            Some([only]) => {
                removed.insert(*only);
            }
            _ => {
                let names = names(value);
                let parts = parts(value, &names);
                by_parts.entry(names).or_default().insert(parts);
            }
        }
    }
    // One pass for each set of names, of which there are few, however many values are listed.
    for (names, listed) in by_parts {
        let same = |(_, value): &(usize, &Value)| listed.contains(&parts(value, &names));
        removed.extend(values.iter().enumerate().filter(same).map(|(position, _)| position));
    }
    if removed.is_empty() && !listed.is_empty() && *unmatched == Unmatched::Refuse {
        return Err(no_target(attribute));
    }
    let mut position = 0..;
    values.retain(|_| position.next().is_some_and(|position| !removed.contains(&position)));
    Ok(())
}

/// Where values stand, by their `value`; those without one by all that they are.
fn by_value(attribute: &Attribute, values: &[Value]) -> HashMap<String, Vec<usize>> {
    let mut known: HashMap<String, Vec<usize>> = HashMap::with_capacity(values.len());
    for (position, value) in values.iter().enumerate() {
        let key = key(attribute, value).unwrap_or_else(|| identity(value));
        known.entry(key).or_default().push(position);
    }
    known
}

/// The `value` of an object, and a plain value itself, in letters that compare as the schema says.
fn key(attribute: &Attribute, value: &Value) -> Option<String> {
    let (attribute, value) = match value {
        Value::Object(parts) => (&**attribute.sub_attribute("value")?, parts.get("value")?),
        plain => (attribute, plain),
    };
    let text = value.to_string();
    Some(if attribute.is_case_exact() { text } else { text.to_lowercase() })
}

/// The names of the parts of a value, in order.
fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> =
        value.as_object().into_iter().flat_map(|it| it.keys()).map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// The parts of these names, as one text.
fn parts(value: &Value, names: &[&str]) -> String {
    match names {
        [] => value.to_string(),
        names => Value::from_iter(names.iter().map(|name| value.get(name).cloned())).to_string(),
    }
}
