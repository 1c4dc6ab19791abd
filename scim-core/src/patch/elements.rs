//! Changes of the values of a multi-valued attribute.

use std::slice;

use serde_json::Value;

use super::{
    error::{invalid_value, no_target, too_many_values},
    kept::Changed,
    options::{Matching, RequiredCheck},
    parts::{extend, merge, permit},
    positions::Positions,
    step::{ElementChange, PartChange, Selection, Unmatched},
    work::Work,
};
use crate::{
    error::ScimError,
    query::{Predicate, eval_element_within},
    resource::{Object, is_primary, size},
    schema::Attribute,
    validate::{Identity, Key, NoteRule, Notes, firsts},
};

/// Adds values. One that is there already takes over the parts that are new (H-021, A-028).
///
/// # Errors
/// 400 `mutability` if that changes an immutable part.
pub(super) fn append(
    attribute: &Attribute,
    values: &mut Vec<Value>,
    positions: &mut Positions,
    added: &[Value],
    work: &Work,
) -> Result<(), ScimError> {
    for value in added {
        let identity = Identity::of(attribute, value);
        let position = match positions.meant(&identity) {
            Some(position) => {
                if let Some(present) = values.get_mut(position) {
                    complete(attribute, positions.matching, present, value, work)?;
                }
                position
            }
            None => {
                let position = values.len();
                values.push(value.clone());
                positions.add(identity, position);
                position
            }
        };
        if !is_primary(value) || positions.primaries == [position] {
            continue;
        }
        let former = std::mem::replace(&mut positions.primaries, vec![position]);
        if !former.is_empty() {
            demote_others(values, position);
            tidy(attribute, values, &[]);
            work.look_at(values);
            positions.renew(attribute, values);
        }
    }
    Ok(())
}

/// Changes the values that are selected.
///
/// # Errors
/// 400 `noTarget` if there are none, unless one is created; `mutability` if an immutable or
/// required part is lost; `invalidValue` if several would be primary; `tooMany` if what is assigned
/// to all of them is too much.
pub(super) fn select(
    changed: Changed<'_>,
    values: &mut Vec<Value>,
    selection: &Selection,
    change: &ElementChange,
    check: RequiredCheck,
    work: &mut Work,
    notes: &mut Notes,
) -> Result<(), ScimError> {
    let attribute = changed.attribute;
    let selected = match &selection.predicate {
        Some(predicate) => matching(attribute, values, predicate, work)?,
        None => (0..values.len()).collect(),
    };
    work.copy(attribute, change.size(), selected.len())?;
    for position in &selected {
        if let Some(value) = values.get_mut(*position) {
            change.make(changed, value, check, work)?;
        }
    }
    match (selected.first(), &selection.unmatched) {
        (Some(first), _) => {
            if change.makes_primary() {
                one_primary(attribute, values, &selected, *first)?;
            }
            tidy(attribute, values, &selected);
            Ok(())
        }
        (None, Unmatched::Ignore) => Ok(()),
        (None, Unmatched::Refuse) => Err(no_target(attribute)),
        (None, Unmatched::Create(value)) => {
            notes.add(attribute.path(), NoteRule::ElementCreated);
            let mut positions = Positions::of(attribute, values, Matching::ByTypeAndValue);
            append(attribute, values, &mut positions, slice::from_ref(value), work)
        }
    }
}

/// Where the values stand that match.
fn matching(
    attribute: &Attribute,
    values: &[Value],
    predicate: &Predicate,
    work: &Work,
) -> Result<Vec<usize>, ScimError> {
    let more = |comparisons| {
        work.look(comparisons);
        !work.is_too_much()
    };
    let mut matching = Vec::new();
    for (position, value) in values.iter().enumerate() {
        let matches = eval_element_within(predicate, value, &more);
        if matches.ok_or_else(|| too_many_values(attribute))? {
            matching.push(position);
        }
    }
    Ok(matching)
}

/// H-012, A-025: among the values that were just made primary, one may be.
fn one_primary(
    attribute: &Attribute,
    values: &mut [Value],
    selected: &[usize],
    first: usize,
) -> Result<(), ScimError> {
    let chosen = selected.iter().filter_map(|position| values.get(*position));
    let mut identities = chosen.map(|value| Identity::of(attribute, value));
    let first_chosen = identities.next();
    if identities.any(|other| first_chosen.as_ref() != Some(&other)) {
        return Err(invalid_value(attribute.path(), "at most one value may be primary"));
    }
    demote_others(values, first);
    Ok(())
}

/// Drops values that have nothing left, and all but one of those that are the same, as a
/// PUT of the values would. What was just changed stays rather than what it has become the same as.
fn tidy(attribute: &Attribute, values: &mut Vec<Value>, changed: &[usize]) {
    let mut are_first = firsts(attribute, values, changed).into_iter();
    values.retain(|value| {
        let is_empty = value.is_null() || value.as_object().is_some_and(Object::is_empty);
        are_first.next() == Some(true) && !is_empty
    });
}

/// Makes no value but the one at `kept` primary.
fn demote_others(values: &mut [Value], kept: usize) {
    for (position, value) in values.iter_mut().enumerate() {
        if position == kept || !is_primary(value) {
            continue;
        }
        if let Some(primary) = value.get_mut("primary") {
            *primary = Value::Bool(false);
        }
    }
}

/// Takes over the parts of a value that is there already (H-018, H-020). What makes it unique stays
/// as it is spelt (H-021); one that was found by its `value` alone is merged with all that is given.
fn complete(
    attribute: &Attribute,
    matching: Matching,
    present: &mut Value,
    given: &Value,
    work: &Work,
) -> Result<(), ScimError> {
    for (name, value) in given.as_object().into_iter().flatten() {
        if matching == Matching::ByTypeAndValue
            && ["value", "type"].contains(&&**name)
            && Key::of_part(attribute, name, present.get(name))
                == Key::of_part(attribute, name, Some(value))
        {
            continue;
        }
        let Some(part) = attribute.sub_attribute(name) else { continue };
        match (&mut *present, value) {
            (Value::Object(present), Value::Array(added)) => extend(part, present, added, work)?,
            (Value::Object(present), value) => {
                permit(part, present.get(name), Some(value), RequiredCheck::AtEnd)?;
                present.insert(name.clone(), value.clone());
            }
            _ => {}
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
                merge(&mut seed, parts, RequiredCheck::AtEnd, &Work::default()).ok()?;
            }
            Self::Put(_) | Self::Merge(_) | Self::Remove => return None,
        }
        Some(Value::Object(seed))
    }

    /// Changes one value; a removed one is left empty.
    fn make(
        &self,
        changed: Changed<'_>,
        value: &mut Value,
        check: RequiredCheck,
        work: &Work,
    ) -> Result<(), ScimError> {
        match (self, value) {
            (Self::Remove, value) => *value = Value::Null,
            (Self::Put(other), value) => {
                let before = std::mem::replace(value, other.clone());
                changed.put(before, value);
            }
            (Self::Merge(parts), Value::Object(object)) => {
                changed.merge(object, parts, check, work)?;
            }
            (Self::Merge(_), _) => {}
        }
        Ok(())
    }

    /// What each value takes over.
    fn size(&self) -> usize {
        match self {
            Self::Remove => 0,
            Self::Put(value) => size(value),
            Self::Merge(parts) => parts.iter().map(|part| part.change.size()).sum(),
        }
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
