//! Changes of sub-attributes, and what `mutability` and `required` let a change do.

use serde_json::Value;

use super::{
    error::mutability,
    options::RequiredCheck,
    step::{Part, PartChange},
};
use crate::{
    error::ScimError,
    resource::Object,
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

/// Refuses to change an immutable value (H-008, H-009) and to unassign a required one (H-029).
pub(super) fn permit(
    attribute: &Attribute,
    before: Option<&Value>,
    after: Option<&Value>,
    check: RequiredCheck,
) -> Result<(), ScimError> {
    let Some(before) = before else { return Ok(()) };
    if attribute.mutability() == Mutability::Immutable && after != Some(before) {
        return Err(mutability(attribute, "the attribute is immutable and has a value"));
    }
    if after.is_none() && attribute.is_required() && check == RequiredCheck::PerOperation {
        return Err(mutability(attribute, "the attribute is required"));
    }
    if attribute.is_multi_valued() {
        return Ok(());
    }
    let immutable = |part: &&_| Attribute::mutability(part) == Mutability::Immutable;
    for part in attribute.sub_attributes().iter().map(|part| &**part).filter(immutable) {
        let after = after.and_then(|after| after.get(part.name()));
        permit(part, before.get(part.name()), after, RequiredCheck::AtEnd)?;
    }
    Ok(())
}
