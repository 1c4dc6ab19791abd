//! What every resource must have (RFC 7643 §7, `required`; §6, `schemaExtensions.required`).

use serde_json::Value;

use crate::{
    error::{ScimError, ScimType},
    resource::Object,
    schema::{Attribute, Mutability, ResourceType},
};

/// Checks that canonical values have everything that is required of clients, apart from relations,
/// which are no part of a document.
///
/// # Errors
/// 400 `invalidValue` naming the first missing attribute or extension, in schema order.
pub(crate) fn required(resource_type: &ResourceType, values: &Object) -> Result<(), ScimError> {
    for attribute in resource_type.attributes() {
        if resource_type.relation_of(attribute).is_some() {
            continue;
        }
        required_attribute(attribute, values.get(attribute.name()))?;
    }
    for extension in resource_type.extensions() {
        match values.get(extension.urn()).and_then(Value::as_object) {
            Some(values) => extension
                .attributes()
                .iter()
                .try_for_each(|it| required_attribute(it, values.get(it.name())))?,
            None if extension.is_required() => {
                return Err(ScimError::new(ScimType::InvalidValue, "the extension is required")
                    .at(extension.urn()));
            }
            None => {}
        }
    }
    Ok(())
}

/// Checks one attribute and the required parts of its values.
///
/// # Errors
/// 400 `invalidValue` naming the attribute.
pub(crate) fn required_attribute(
    attribute: &Attribute,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let is_ours = attribute.mutability() == Mutability::ReadOnly;
    match value {
        None if attribute.is_required() && !is_ours => {
            Err(ScimError::new(ScimType::InvalidValue, "a value is required").at(attribute.path()))
        }
        Some(Value::String(text)) if attribute.is_required() && text.trim().is_empty() => {
            Err(ScimError::new(ScimType::InvalidValue, "the value must not be empty")
                .at(attribute.path()))
        }
        Some(Value::Array(elements)) => {
            elements.iter().try_for_each(|element| required_parts(attribute, element))
        }
        Some(value) => required_parts(attribute, value),
        None => Ok(()),
    }
}

fn required_parts(attribute: &Attribute, value: &Value) -> Result<(), ScimError> {
    let Value::Object(object) = value else { return Ok(()) };
    attribute
        .sub_attributes()
        .iter()
        .try_for_each(|sub| required_attribute(sub, object.get(sub.name())))
}
