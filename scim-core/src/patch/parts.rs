//! Changes of sub-attributes, and what `mutability` and `required` let a change do.

use serde_json::Value;

use super::{
    error::mutability,
    options::RequiredCheck,
    step::{Part, PartChange},
};
use crate::{
    error::ScimError,
    resource::{Object, size},
    schema::{Attribute, Mutability},
};

/// Changes the parts of one complex value.
pub(super) fn merge(
    object: &mut Object,
    parts: &[Part],
    check: RequiredCheck,
) -> Result<(), ScimError> {
    for Part { attribute, change } in parts {
        let before = object.remove(attribute.name());
        let after = change.apply(before.as_ref());
        permit(attribute, before.as_ref(), after.as_ref(), check)?;
        if let Some(after) = after {
            object.insert(attribute.name().to_owned(), after);
        }
    }
    Ok(())
}

impl PartChange {
    fn apply(&self, before: Option<&Value>) -> Option<Value> {
        match self {
            Self::Unassign => None,
            Self::Assign(value) => Some(value.clone()),
            Self::Extend(added) => {
                let mut values = before.and_then(Value::as_array).cloned().unwrap_or_default();
                for value in added {
                    if !values.contains(value) {
                        values.push(value.clone());
                    }
                }
                (!values.is_empty()).then_some(Value::Array(values))
            }
        }
    }
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

/// Whether a value of the attribute, or a part of it, stays what it was first set to.
pub(super) fn is_fixed(attribute: &Attribute) -> bool {
    let is_immutable = |it: &Attribute| it.mutability() == Mutability::Immutable;
    let parts = if attribute.is_multi_valued() { &[] } else { attribute.sub_attributes() };
    is_immutable(attribute) || parts.iter().any(|part| is_immutable(part))
}

/// Refuses to change an immutable value (H-008, A-036). The values of a multi-valued attribute may
/// be exchanged as a whole even if parts of them are immutable (RFC 7643 §4.2).
pub(super) fn keep_immutable(
    attribute: &Attribute,
    before: &Value,
    after: Option<&Value>,
) -> Result<(), ScimError> {
    if attribute.mutability() == Mutability::Immutable && after != Some(before) {
        return Err(mutability(attribute, "the attribute is immutable and has a value"));
    }
    let parts = if attribute.is_multi_valued() { &[] } else { attribute.sub_attributes() };
    for part in parts {
        if let Some(before) = before.get(part.name()) {
            keep_immutable(part, before, after.and_then(|after| after.get(part.name())))?;
        }
    }
    Ok(())
}

/// Refuses to unassign what is required (H-029, H-041).
pub(super) fn unassign(attribute: &Attribute, check: RequiredCheck) -> Result<(), ScimError> {
    if attribute.is_required() && check == RequiredCheck::PerOperation {
        return Err(mutability(attribute, "the attribute is required"));
    }
    Ok(())
}
