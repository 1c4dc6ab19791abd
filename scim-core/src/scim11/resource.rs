//! Bodies of POST and PUT (core schema §3, §5), in the terms of SCIM 2.0.

use serde_json::Value;

use super::{
    locale,
    names::{Names, part_read},
    urns::CORE,
};
use crate::{
    error::{ScimError, ScimType},
    resource::Object,
    schema::{Attribute, AttributeType, Extension},
};

/// The beginning of all URNs of SCIM 2.0.
const TWO: &str = "urn:ietf:params:scim:";

/// The member of each value of a list that says what a PATCH does with it.
const OPERATION: &str = "operation";

impl Names<'_> {
    /// The resource that a body shows, as SCIM 2.0 shows it. What no schema has stays as it is.
    ///
    /// # Errors
    /// 400 `invalidSyntax` for a body of SCIM 2.0, and for an extension or a part of an attribute
    /// that is given twice, under the names of both versions.
    pub(crate) fn resource(&self, body: Object) -> Result<Object, ScimError> {
        let mut read = Object::new();
        let mut schemas = vec![Value::from(self.resource_type.schema())];
        for (name, value) in body {
            if name.eq_ignore_ascii_case("schemas") {
                schemas.extend(self.unknown_schemas(&value)?);
            } else if name.eq_ignore_ascii_case("meta") {
                // It is the server's own.
            } else if let Some(attribute) = self.resource_type.attribute(&name) {
                let value = attribute_read(attribute, value)?;
                insert(&mut read, name, value)?;
            } else if let Some(extension) = self.urns.extension(self.resource_type, &name) {
                schemas.push(extension.urn().into());
                let value = extension_read(extension, value)?;
                insert(&mut read, extension.urn().to_owned(), value)?;
            } else {
                insert(&mut read, name, value)?;
            }
        }
        read.insert("schemas".to_owned(), schemas.into());
        Ok(read)
    }

    /// The URNs of a body that are none of the resource type: the rest is derived from its data.
    fn unknown_schemas(&self, given: &Value) -> Result<Vec<Value>, ScimError> {
        let urns = match given {
            Value::Array(urns) => urns.as_slice(),
            single => std::slice::from_ref(single),
        };
        let is_core = |it: &Value| it.as_str().is_some_and(|it| it.eq_ignore_ascii_case(CORE));
        let is_two = |it: &Value| it.as_str().is_some_and(|it| starts_with(it, TWO));
        if urns.iter().any(is_two) && !urns.iter().any(is_core) {
            let detail = format!("the body is of SCIM 2.0; expected an array with `{CORE}`");
            return Err(ScimError::new(ScimType::InvalidSyntax, detail).at("schemas"));
        }
        let is_unknown = |it: &&Value| match it.as_str() {
            Some(urn) => self.urns.schema(self.resource_type, urn).is_none(),
            None => !it.is_null(),
        };
        Ok(urns.iter().filter(is_unknown).cloned().collect())
    }
}

/// The value of an attribute as SCIM 2.0 shows it.
///
/// # Errors
/// 400 `invalidSyntax` for a part that is given twice.
pub(super) fn attribute_read(attribute: &Attribute, value: Value) -> Result<Value, ScimError> {
    Ok(match value {
        Value::Array(values) if attribute.is_multi_valued() => {
            let values = values.into_iter().map(|value| element_read(attribute, value));
            values.collect::<Result<_, _>>()?
        }
        value if attribute.is_multi_valued() && !value.is_null() => {
            Value::Array(vec![element_read(attribute, value)?])
        }
        Value::Object(parts) => parts_read(attribute, parts)?.into(),
        value => locale::read(attribute, value),
    })
}

/// The object of an extension as SCIM 2.0 shows it.
///
/// # Errors
/// As [`attribute_read`].
pub(super) fn extension_read(extension: &Extension, value: Value) -> Result<Value, ScimError> {
    let Value::Object(values) = value else { return Ok(value) };
    let read = values.into_iter().map(|(name, value)| match extension.attribute(&name) {
        Some(attribute) => Ok((name, attribute_read(attribute, value)?)),
        None => Ok((name, value)),
    });
    read.collect::<Result<_, _>>().map(Value::Object)
}

/// Whether a value of a list is to be removed; whatever else its `operation` says means nothing.
pub(super) fn is_removed(attribute: &Attribute, value: &Value) -> bool {
    let Value::Object(parts) = value else { return false };
    let operation = operation(attribute, parts).and_then(|name| parts.get(&name));
    operation.and_then(Value::as_str).is_some_and(|it| it.eq_ignore_ascii_case("delete"))
}

/// One value of a list: a plain value stands for an object with that `value`, and an object with a
/// `value` for a plain one, whichever the schema asks for.
fn element_read(attribute: &Attribute, value: Value) -> Result<Value, ScimError> {
    let is_complex = attribute.kind() == AttributeType::Complex;
    Ok(match value {
        Value::Object(mut parts) => {
            if let Some(name) = operation(attribute, &parts) {
                parts.remove(&name);
            }
            match is_complex {
                true => parts_read(attribute, parts)?.into(),
                false => parts.remove("value").unwrap_or(Value::Object(parts)),
            }
        }
        Value::Null | Value::Array(_) => value,
        plain if is_complex && attribute.sub_attribute("value").is_some() => {
            let parts = Object::from_iter([("value".to_owned(), plain)]);
            parts.into()
        }
        plain => plain,
    })
}

/// The name under which a value has its `operation`, unless the schema means something by it.
fn operation(attribute: &Attribute, parts: &Object) -> Option<String> {
    let is_free = attribute.sub_attribute(OPERATION).is_none();
    parts.keys().find(|it| is_free && it.eq_ignore_ascii_case(OPERATION)).cloned()
}

fn parts_read(attribute: &Attribute, parts: Object) -> Result<Object, ScimError> {
    let mut read = Object::new();
    for (name, value) in parts {
        let name = part_read(attribute, &name).to_owned();
        let value = match attribute.sub_attribute(&name) {
            Some(part) => locale::read(part, value),
            None => value,
        };
        insert(&mut read, name, value)?;
    }
    Ok(read)
}

pub(super) fn insert(object: &mut Object, name: String, value: Value) -> Result<(), ScimError> {
    match object.contains_key(&name) {
        true => Err(ScimError::new(ScimType::InvalidSyntax, "given twice").at(name)),
        false => {
            object.insert(name, value);
            Ok(())
        }
    }
}

fn starts_with(text: &str, prefix: &str) -> bool {
    text.get(..prefix.len()).is_some_and(|it| it.eq_ignore_ascii_case(prefix))
}
