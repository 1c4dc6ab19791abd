//! Changes of the values of a multi-valued attribute.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use serde_json::Value;

use super::{
    error::{invalid_value, no_target},
    options::RequiredCheck,
    parts::{merge, permit},
    step::{ElementChange, PartChange, Selection, Unmatched},
};
use crate::{
    error::ScimError,
    query::{Predicate, eval_element},
    resource::Object,
    schema::Attribute,
    validate::{NoteRule, Notes, identity, is_primary},
};

/// Where each value stands, by its identity: what makes many additions cheap.
pub(super) type Positions = HashMap<String, usize>;

pub(super) fn positions(values: &[Value]) -> Positions {
    values.iter().enumerate().rev().map(|(position, value)| (identity(value), position)).collect()
}

/// Adds values. One that is there already takes over the parts that are new (H-021, A-028).
///
/// # Errors
/// 400 `mutability` if that changes an immutable part.
pub(super) fn append(
    attribute: &Attribute,
    values: &mut Vec<Value>,
    positions: &mut Positions,
    added: &[Value],
) -> Result<(), ScimError> {
    for value in added {
        let position = match positions.entry(identity(value)) {
            Entry::Occupied(known) => {
                if let Some(present) = values.get_mut(*known.get()) {
                    complete(attribute, present, value)?;
                }
                *known.get()
            }
            Entry::Vacant(free) => {
                values.push(value.clone());
                *free.insert(values.len().saturating_sub(1))
            }
        };
        if is_primary(value) {
            let demoted = demote_others(values, position);
            refile(values, positions, demoted);
        }
    }
    Ok(())
}

/// Removes the values that are listed: by `value`, and `type` where one is given; others by all
/// their parts.
///
/// # Errors
/// 400 `noTarget` if there are none and that is asked for.
pub(super) fn discard(
    attribute: &Attribute,
    values: &mut Vec<Value>,
    listed: &[Value],
    unmatched: &Unmatched,
) -> Result<(), ScimError> {
    let listed: HashSet<String> = listed.iter().map(identity).collect();
    let is_listed = |value: &Value| {
        let by_value = || value.get("value").is_some_and(|it| listed.contains(&it.to_string()));
        listed.contains(&identity(value)) || by_value()
    };
    let before = values.len();
    values.retain(|value| !is_listed(value));
    if values.len() == before && *unmatched == Unmatched::Refuse {
        return Err(no_target(attribute));
    }
    Ok(())
}

/// Changes the values that are selected.
///
/// # Errors
/// 400 `noTarget` if there are none, unless one is created; `mutability` if an immutable or
/// required part is lost; `invalidValue` if several would be primary.
pub(super) fn select(
    attribute: &Attribute,
    values: &mut Vec<Value>,
    selection: &Selection,
    change: &ElementChange,
    check: RequiredCheck,
    notes: &mut Notes,
) -> Result<(), ScimError> {
    let selected = change_selected(values, selection.predicate.as_ref(), change, check)?;
    match (selected.first(), &selection.unmatched) {
        (Some(first), _) => {
            if change.makes_primary() {
                one_primary(attribute, values, &selected, *first)?;
            }
            tidy(values);
            Ok(())
        }
        (None, Unmatched::Ignore) => Ok(()),
        (None, Unmatched::Refuse) => Err(no_target(attribute)),
        (None, Unmatched::Create(value)) => {
            notes.add(attribute.path(), NoteRule::ElementCreated);
            let mut positions = positions(values);
            append(attribute, values, &mut positions, std::slice::from_ref(value))
        }
    }
}

/// Answers the positions of the values that were selected; removed ones are left empty.
fn change_selected(
    values: &mut [Value],
    predicate: Option<&Predicate>,
    change: &ElementChange,
    check: RequiredCheck,
) -> Result<Vec<usize>, ScimError> {
    let mut selected = Vec::new();
    for (position, value) in values.iter_mut().enumerate() {
        if predicate.is_some_and(|predicate| !eval_element(predicate, value)) {
            continue;
        }
        selected.push(position);
        match (change, value) {
            (ElementChange::Remove, value) => *value = Value::Null,
            (ElementChange::Put(other), value) => value.clone_from(other),
            (ElementChange::Merge(parts), Value::Object(object)) => merge(object, parts, check)?,
            (ElementChange::Merge(_), _) => {}
        }
    }
    Ok(selected)
}

/// H-012, A-025: among the values that were just made primary, one may be.
fn one_primary(
    attribute: &Attribute,
    values: &mut [Value],
    selected: &[usize],
    first: usize,
) -> Result<(), ScimError> {
    let mut distinct = selected.iter().filter_map(|position| values.get(*position)).map(identity);
    let chosen = distinct.next();
    if distinct.any(|other| Some(other) != chosen) {
        return Err(invalid_value(attribute.path(), "at most one value may be primary"));
    }
    demote_others(values, first);
    Ok(())
}

/// Drops values that have nothing left, and the second of two that are the same, as a PUT
/// of the values would.
pub(super) fn tidy(values: &mut Vec<Value>) {
    let mut seen = HashSet::with_capacity(values.len());
    values.retain(|value| match value {
        Value::Null => false,
        Value::Object(object) if object.is_empty() => false,
        value => seen.insert(identity(value)),
    });
}

/// Makes no value but the one at `kept` primary. Answers where those stand that were, with the
/// identities that they had.
pub(super) fn demote_others(values: &mut [Value], kept: usize) -> Vec<(usize, String)> {
    let mut demoted = Vec::new();
    for (position, value) in values.iter_mut().enumerate() {
        if position == kept || !is_primary(value) {
            continue;
        }
        demoted.push((position, identity(value)));
        if let Some(primary) = value.get_mut("primary") {
            *primary = Value::Bool(false);
        }
    }
    demoted
}

/// Keeps track of values that have changed, given with the identities that they had. Where two are
/// the same now, the second goes.
fn refile(values: &mut Vec<Value>, positions: &mut Positions, changed: Vec<(usize, String)>) {
    // From the end, so that those that are still to come stay where they are.
    for (position, former) in changed.into_iter().rev() {
        positions.remove(&former);
        let Some(identity) = values.get(position).map(identity) else { continue };
        let other = positions.get(&identity).copied().unwrap_or(position);
        positions.insert(identity, position.min(other));
        if position != other {
            take_out(values, positions, position.max(other));
        }
    }
}

/// Counting down is cheaper than looking again where each value stands.
fn take_out(values: &mut Vec<Value>, positions: &mut Positions, removed: usize) {
    if removed < values.len() {
        values.remove(removed);
    }
    for position in positions.values_mut().filter(|it| **it > removed) {
        *position = position.saturating_sub(1);
    }
}

/// Takes over the parts of a value that is there already.
pub(super) fn complete(
    attribute: &Attribute,
    present: &mut Value,
    given: &Value,
) -> Result<(), ScimError> {
    let (Value::Object(present), Value::Object(given)) = (present, given) else { return Ok(()) };
    for (name, value) in given {
        if let Some(part) = attribute.sub_attribute(name) {
            permit(part, present.get(name), Some(value), RequiredCheck::AtEnd)?;
            present.insert(name.clone(), value.clone());
        }
    }
    Ok(())
}

impl ElementChange {
    /// The value that starts as `seed` and is changed so; `None` if there is nothing to start for.
    pub(super) fn created(&self, mut seed: Object) -> Option<Value> {
        match self {
            Self::Put(Value::Object(value)) => seed.extend(value.clone()),
            Self::Merge(parts) if parts.iter().any(|it| it.change != PartChange::Unassign) => {
                merge(&mut seed, parts, RequiredCheck::AtEnd).ok()?;
            }
            Self::Put(_) | Self::Merge(_) | Self::Remove => return None,
        }
        Some(Value::Object(seed))
    }

    fn makes_primary(&self) -> bool {
        let is_true = PartChange::Assign(Value::Bool(true));
        match self {
            Self::Remove => false,
            Self::Put(value) => is_primary(value),
            Self::Merge(parts) => {
                parts.iter().any(|it| it.attribute.name() == "primary" && it.change == is_true)
            }
        }
    }
}
