//! Carrying out the document part of a plan, on a copy.

use std::collections::HashMap;

use serde_json::Value;

use super::{
    elements::{Positions, append, discard, positions, select},
    error::mutability,
    options::{PatchOptions, RequiredCheck},
    parts::{merge, permit},
    step::{Change, DocumentOperation, Step},
};
use crate::{
    error::ScimError,
    resource::Object,
    schema::{Attribute, Mutability, ResourceType},
    validate,
};

/// What the values of a document become by the operations of a [`Plan`](super::Plan).
///
/// Equal values come back when there was nothing to change.
///
/// # Errors
/// The first operation that fails, with its position: 400 `noTarget`, `mutability` or
/// `invalidValue`; 400 `invalidValue` without a position if the result lacks what is required.
pub fn apply(
    resource_type: &ResourceType,
    values: &Object,
    operations: &[DocumentOperation],
    options: &PatchOptions,
) -> Result<Object, ScimError> {
    let mut draft = Draft {
        resource_type,
        values: values.clone(),
        positions: HashMap::new(),
        check: options.required_check,
    };
    for DocumentOperation { operation, step } in operations {
        draft.run(step).map_err(|error| error.in_operation(*operation))?;
    }
    let mut values = draft.values;
    validate::schemas(resource_type, &mut values);
    validate::required(resource_type, &values)?;
    Ok(values)
}

/// A document in the making.
struct Draft<'a> {
    resource_type: &'a ResourceType,
    values: Object,
    /// Where values stand, of attributes that were only appended to since that was found out.
    positions: HashMap<&'a str, Positions>,
    check: RequiredCheck,
}

impl<'a> Draft<'a> {
    fn run(&mut self, step: &'a Step) -> Result<(), ScimError> {
        let (attribute, change) = match step {
            Step::Change(attribute, change) => (&**attribute, change),
            Step::DropExtension(urn) => return self.drop_extension(urn),
        };
        let before = take(&mut self.values, attribute);
        // A list is only copied for the sake of the rare one that must not change.
        let is_compared =
            !attribute.is_multi_valued() || attribute.mutability() == Mutability::Immutable;
        let compared =
            if is_compared { before.clone() } else { before.as_ref().map(|_| Value::Null) };
        let after = self.changed(attribute, change, before)?;
        permit(attribute, compared.as_ref(), after.as_ref(), self.check)?;
        put(&mut self.values, attribute, after);
        Ok(())
    }

    fn changed(
        &mut self,
        attribute: &'a Attribute,
        change: &Change,
        before: Option<Value>,
    ) -> Result<Option<Value>, ScimError> {
        if let Change::Append(added) = change {
            let mut values = list(before);
            let positions =
                self.positions.entry(attribute.path()).or_insert_with(|| positions(&values));
            append(attribute, &mut values, positions, added)?;
            return Ok(Some(Value::Array(values)));
        }
        self.positions.remove(attribute.path());
        match change {
            Change::Assign(value) => return Ok(value.clone()),
            Change::Merge(parts) => {
                let mut object = match before {
                    Some(Value::Object(object)) => object,
                    _ => Object::new(),
                };
                merge(&mut object, parts, self.check)?;
                return Ok((!object.is_empty()).then_some(Value::Object(object)));
            }
            _ => {}
        }
        let mut values = list(before);
        match change {
            Change::Discard(listed, unmatched) => {
                discard(attribute, &mut values, listed, unmatched)?;
            }
            Change::Select(selection, change) => {
                select(attribute, &mut values, selection, change, self.check)?;
            }
            _ => {}
        }
        Ok((!values.is_empty()).then_some(Value::Array(values)))
    }

    /// What clients may not write stays.
    fn drop_extension(&mut self, urn: &str) -> Result<(), ScimError> {
        let Some(extension) = self.resource_type.extension(urn) else { return Ok(()) };
        let Some(Value::Object(mut values)) = self.values.remove(extension.urn()) else {
            return Ok(());
        };
        for attribute in extension.attributes() {
            let is_present = values.contains_key(attribute.name());
            match attribute.mutability() {
                Mutability::ReadOnly => {}
                Mutability::Immutable if is_present => {
                    let detail = "the attribute is immutable and has a value";
                    return Err(mutability(attribute, detail));
                }
                _ => {
                    values.remove(attribute.name());
                    self.positions.remove(attribute.path());
                }
            }
        }
        if !values.is_empty() {
            self.values.insert(extension.urn().to_owned(), Value::Object(values));
        }
        Ok(())
    }
}

fn list(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    }
}

fn take(values: &mut Object, attribute: &Attribute) -> Option<Value> {
    match attribute.namespace() {
        None => values.remove(attribute.name()),
        Some(urn) => values.get_mut(urn)?.as_object_mut()?.remove(attribute.name()),
    }
}

fn put(values: &mut Object, attribute: &Attribute, value: Option<Value>) {
    let Some(urn) = attribute.namespace() else {
        values.extend(value.map(|value| (attribute.name().to_owned(), value)));
        return;
    };
    match (values.get_mut(urn), value) {
        (Some(Value::Object(extension)), Some(value)) => {
            extension.insert(attribute.name().to_owned(), value);
        }
        (_, Some(value)) => {
            let extension = Object::from_iter([(attribute.name().to_owned(), value)]);
            values.insert(urn.to_owned(), Value::Object(extension));
        }
        (Some(Value::Object(extension)), None) if extension.is_empty() => {
            values.remove(urn);
        }
        _ => {}
    }
}
