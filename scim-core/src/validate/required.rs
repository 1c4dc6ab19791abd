//! What every resource must have (RFC 7643 §7, `required`; §6, `schemaExtensions.required`).

use std::sync::Arc;

use serde_json::Value;

use crate::{
    error::{ScimError, ScimType},
    resource::Object,
    schema::{Attribute, Mutability, ResourceType},
};

/// What is known of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// All that it is given.
    All,
    /// What is stored of it: write-only values may have gone to the host alone.
    Stored,
}

/// Checks that canonical values have everything that is required of clients, apart from relations,
/// which are no part of a document.
///
/// # Errors
/// 400 `invalidValue` naming the first missing attribute or extension, in schema order.
pub(crate) fn required(
    resource_type: &ResourceType,
    values: &Object,
    known: Known,
) -> Result<(), ScimError> {
    for attribute in resource_type.attributes() {
        if resource_type.relation_of(attribute).is_some() {
            continue;
        }
        known.check(attribute, values.get(attribute.name()))?;
    }
    for extension in resource_type.extensions() {
        match values.get(extension.urn()).and_then(Value::as_object) {
            Some(values) => extension
                .attributes()
                .iter()
                .try_for_each(|it| known.check(it, values.get(it.name())))?,
            None if extension.is_required() && known.leaves_a_trace(extension.attributes()) => {
                return Err(ScimError::new(ScimType::InvalidValue, "the extension is required")
                    .at(extension.urn()));
            }
            None => {}
        }
    }
    Ok(())
}

impl Known {
    /// Checks one attribute and the required parts of its values.
    ///
    /// # Errors
    /// 400 `invalidValue` naming the attribute.
    fn check(self, attribute: &Attribute, value: Option<&Value>) -> Result<(), ScimError> {
        match value {
            None if attribute.is_required() && self.shows(attribute) => {
                Err(ScimError::new(ScimType::InvalidValue, "a value is required")
                    .at(attribute.path()))
            }
            Some(Value::String(text)) if attribute.is_required() && text.trim().is_empty() => {
                Err(ScimError::new(ScimType::InvalidValue, "the value must not be empty")
                    .at(attribute.path()))
            }
            Some(Value::Array(elements)) => {
                elements.iter().try_for_each(|element| self.check_parts(attribute, element))
            }
            Some(value) => self.check_parts(attribute, value),
            None => Ok(()),
        }
    }

    fn check_parts(self, attribute: &Attribute, value: &Value) -> Result<(), ScimError> {
        let Value::Object(object) = value else { return Ok(()) };
        let mut parts = attribute.sub_attributes().iter();
        parts.try_for_each(|part| self.check(part, object.get(part.name())))
    }

    /// Whether a value that a client has to give would be among the values.
    fn shows(self, attribute: &Attribute) -> bool {
        match attribute.mutability() {
            Mutability::ReadOnly => false,
            Mutability::WriteOnly => self == Self::All,
            Mutability::ReadWrite | Mutability::Immutable => true,
        }
    }

    fn leaves_a_trace(self, attributes: &[Arc<Attribute>]) -> bool {
        self == Self::All || attributes.iter().any(|it| it.mutability() != Mutability::WriteOnly)
    }
}
