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
    for attribute in in_core(resource_type) {
        known.check(attribute, values.get(attribute.name()))?;
    }
    for extension in resource_type.extensions() {
        // What only another server's definition of it has is no use of it.
        let is_unknown = |name: &String| extension.attribute(name).is_none();
        let is_used = |values: &&Object| values.is_empty() || !values.keys().all(is_unknown);
        match values.get(extension.urn()).and_then(Value::as_object).filter(is_used) {
            Some(values) => demanding(extension.attributes())
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

/// Names of the members of a document that it takes to tell whether all that is required is there.
pub(crate) fn members_with_required(resource_type: &ResourceType) -> impl Iterator<Item = &str> {
    let extensions = resource_type.extensions().iter();
    let extensions = extensions
        .filter(|it| it.is_required() || demanding(it.attributes()).next().is_some())
        .map(|it| it.urn());
    in_core(resource_type).map(|attribute| attribute.name()).chain(extensions)
}

/// The attributes of the base schema to look at, without relations.
fn in_core(resource_type: &ResourceType) -> impl Iterator<Item = &Arc<Attribute>> {
    let is_edge = |it: &Attribute| resource_type.relation_of(it).is_some();
    demanding(resource_type.attributes()).filter(move |attribute| !is_edge(attribute))
}

/// Those that are required, or have parts that are.
fn demanding(attributes: &[Arc<Attribute>]) -> impl Iterator<Item = &Arc<Attribute>> {
    let is_required = |it: &Arc<Attribute>| it.is_required();
    let has_required =
        move |it: &&Arc<Attribute>| it.is_required() || it.sub_attributes().iter().any(is_required);
    attributes.iter().filter(has_required)
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{
        AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, SchemaDefinition,
    };

    const BADGE: &str = "urn:example:2.0:Badge";
    const ROOM: &str = "urn:example:2.0:Room";
    const SHIFT: &str = "urn:example:2.0:Shift";

    fn registry() -> Arc<Registry> {
        let text = |name: &str| AttributeDefinition::new(name, AttributeType::String);
        let of_one_attribute = |urn: &str, attribute| SchemaDefinition::new(urn, [attribute]);
        let mut resource_type = ResourceTypeDefinition::new("It", "urn:example:2.0:It")
            .extension(BADGE)
            .extension(ROOM)
            .extension(SHIFT);
        let badge = resource_type.schema_extensions.first_mut().unwrap();
        badge.required = true;
        Registry::builder()
            .schema(SchemaDefinition::new(
                "urn:example:2.0:It",
                [
                    text("name").required(),
                    text("note"),
                    text("state").required().mutability(Mutability::ReadOnly),
                    text("secret").required().mutability(Mutability::WriteOnly),
                    AttributeDefinition::new("box", AttributeType::Complex)
                        .sub_attributes([text("label").required()]),
                ],
            ))
            .schema(of_one_attribute(BADGE, text("number")))
            .schema(of_one_attribute(ROOM, text("floor").required()))
            .schema(of_one_attribute(SHIFT, text("hours")))
            .resource_type(resource_type)
            .build()
            .unwrap()
    }

    #[test]
    fn members_are_those_that_are_required_or_have_parts_that_are() {
        let registry = registry();
        let it = registry.resource_type("It").unwrap();
        let names: Vec<_> = members_with_required(it).collect();
        assert_eq!(names, ["name", "state", "secret", "box", BADGE, ROOM]);
    }

    /// RFC 7643 §7: what is required of clients, and what of it is stored.
    #[test]
    fn what_clients_cannot_give_and_what_is_not_stored_is_not_missed() {
        let registry = registry();
        let it = registry.resource_type("It").unwrap();
        let missing = |known, values: Value| {
            let Value::Object(values) = values else { panic!("an object") };
            required(it, &values, known).err().map(|error| error.to_string())
        };
        let badge = || json!({"number": "7"});
        let stored = json!({"name": "a", BADGE: badge()});
        assert_eq!(missing(Known::Stored, stored.clone()), None);
        let error = missing(Known::All, stored).unwrap();
        assert!(error.starts_with("`secret`"), "{error}");
        for (values, path) in [
            (json!({"secret": "s", BADGE: badge()}), "`name`"),
            (json!({"name": " ", "secret": "s", BADGE: badge()}), "`name`"),
            (json!({"name": "a", "secret": "s", "box": {}, BADGE: badge()}), "`box.label`"),
            (json!({"name": "a", "secret": "s"}), "`urn:example:2.0:Badge`"),
            (
                json!({"name": "a", "secret": "s", BADGE: badge(), ROOM: {}}),
                "`urn:example:2.0:Room:floor`",
            ),
        ] {
            for known in [Known::All, Known::Stored] {
                let error = missing(known, values.clone()).unwrap();
                assert!(error.starts_with(path), "{error}");
            }
        }
    }
}
