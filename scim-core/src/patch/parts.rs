//! Changes of sub-attributes, and what `mutability` and `required` let a change do.

use std::collections::HashSet;

use serde_json::Value;

use super::{
    error::mutability,
    options::RequiredCheck,
    step::{Part, PartChange},
    work::Work,
};
use crate::{
    error::ScimError,
    resource::{Object, size},
    schema::{Attribute, Mutability},
    validate::Identity,
};

/// Changes the parts of one complex value.
pub(super) fn merge(
    object: &mut Object,
    parts: &[Part],
    check: RequiredCheck,
    work: &Work,
) -> Result<(), ScimError> {
    for Part { attribute, change } in parts {
        let before = object.get(attribute.name());
        match change {
            PartChange::Extend(added) => extend(attribute, object, added, work)?,
            PartChange::Assign(value) => {
                permit(attribute, before, Some(value), check)?;
                object.insert(attribute.name().to_owned(), value.clone());
            }
            PartChange::Unassign => {
                permit(attribute, before, None, check)?;
                object.remove(attribute.name());
            }
        }
    }
    Ok(())
}

/// Adds to a multi-valued part what it does not have (H-018, A-028).
pub(super) fn extend(
    part: &Attribute,
    object: &mut Object,
    added: &[Value],
    work: &Work,
) -> Result<(), ScimError> {
    let mut values = match object.remove(part.name()) {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    };
    work.look_at(&values);
    let before = values.len();
    let mut known: HashSet<_> = values.iter().map(|it| Identity::of(part, it)).collect();
    let is_new = |value: &&Value| known.insert(Identity::of(part, value));
    values.extend(added.iter().filter(is_new).cloned());
    if before > 0 && values.len() > before && part.mutability() == Mutability::Immutable {
        return Err(immutable(part));
    }
    if !values.is_empty() {
        object.insert(part.name().to_owned(), Value::Array(values));
    }
    Ok(())
}

impl PartChange {
    /// What a value takes over.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Unassign => 0,
            Self::Assign(value) => size(value),
            Self::Extend(added) => added.iter().map(size).sum(),
        }
    }
}

/// What becomes of one part: H-009 lets an immutable one be set once.
pub(super) fn permit(
    attribute: &Attribute,
    before: Option<&Value>,
    after: Option<&Value>,
    check: RequiredCheck,
) -> Result<(), ScimError> {
    match (before, after) {
        (None, _) => Ok(()),
        (Some(before), Some(_)) => keep_immutable(attribute, before, after),
        (Some(before), None) => {
            keep_immutable(attribute, before, after)?;
            unassign(attribute, check)
        }
    }
}

/// What of a value stays as it was first set.
pub(super) fn fixed(attribute: &Attribute, value: &Value) -> Option<Value> {
    let is_immutable = |it: &Attribute| it.mutability() == Mutability::Immutable;
    if is_immutable(attribute) {
        return Some(value.clone());
    }
    let parts = if attribute.is_multi_valued() { &[] } else { attribute.sub_attributes() };
    let fixed = parts.iter().filter(|part| is_immutable(part));
    let fixed: Object = fixed
        .filter_map(|part| Some((part.name().to_owned(), value.get(part.name())?.clone())))
        .collect();
    (!fixed.is_empty()).then_some(Value::Object(fixed))
}

/// Refuses to change an immutable value (H-008, A-036). The values of a multi-valued attribute may
/// be exchanged as a whole even if parts of them are immutable (RFC 7643 §4.2).
pub(super) fn keep_immutable(
    attribute: &Attribute,
    before: &Value,
    after: Option<&Value>,
) -> Result<(), ScimError> {
    if attribute.mutability() == Mutability::Immutable && after != Some(before) {
        return Err(immutable(attribute));
    }
    let parts = if attribute.is_multi_valued() { &[] } else { attribute.sub_attributes() };
    for part in parts {
        if let Some(before) = before.get(part.name()) {
            keep_immutable(part, before, after.and_then(|after| after.get(part.name())))?;
        }
    }
    Ok(())
}

fn immutable(attribute: &Attribute) -> ScimError {
    mutability(attribute, "the attribute is immutable and has a value")
}

/// Refuses to unassign what is required (H-029, H-041).
pub(super) fn unassign(attribute: &Attribute, check: RequiredCheck) -> Result<(), ScimError> {
    if attribute.is_required() && check == RequiredCheck::PerOperation {
        return Err(mutability(attribute, "the attribute is required"));
    }
    Ok(())
}
