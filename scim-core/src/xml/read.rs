//! From XML to the JSON of a resource.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Number, Value};

use super::{
    format::{CORE_1, Place, XmlDialect, XmlFormat},
    tree::{self, Element, invalid},
};
use crate::{
    error::ScimError,
    resource::Object,
    schema::{Attribute, AttributeType, ResourceType},
};

impl XmlFormat {
    /// Reads a resource of this type, or what a client sends of one, nested `depth` levels deep at
    /// the most.
    ///
    /// Values that do not fit their type are left as text, for whoever validates the resource.
    ///
    /// # Errors
    /// 400 `invalidSyntax` for what is no well-formed XML, for what is [refused](crate::xml) and
    /// for an attribute with one value that is given twice.
    pub fn read(
        &self,
        resource_type: &ResourceType,
        xml: &[u8],
        depth: usize,
    ) -> Result<Object, ScimError> {
        let root = tree::parse(xml, depth)?;
        let expected = self.root_of(resource_type);
        if !root.is_named(expected) {
            let detail = format!("expected the element `{expected}`, found `{}`", root.shown());
            return Err(invalid(detail));
        }
        let mut resource = Object::new();
        let mut used = vec![Value::from(self.base_schema(resource_type, &root))];
        for child in &root.children {
            match self.place(resource_type, child.namespace.as_deref()) {
                Place::Core => {
                    let attribute = resource_type.attribute(&child.name);
                    self.add(&mut resource, child, attribute.map(|it| &**it), false)?;
                }
                Place::Extension(name, extension) => {
                    let attribute = extension.and_then(|it| it.attribute(&child.name));
                    let object = resource.entry(name).or_insert_with(|| {
                        used.push(name.into());
                        Object::new().into()
                    });
                    if let Value::Object(object) = object {
                        self.add(object, child, attribute.map(|it| &**it), false)?;
                    }
                }
            }
        }
        if self.dialect == XmlDialect::Scim11 {
            resource.insert("schemas".to_owned(), used.into());
        }
        Ok(resource)
    }

    /// The URN that stands for the attributes outside of extensions: the namespace of the root.
    fn base_schema<'r>(&self, resource_type: &ResourceType, root: &'r Element) -> &'r str {
        let namespace = root.namespace.as_deref();
        match self.place(resource_type, namespace) {
            Place::Core => namespace.unwrap_or(CORE_1),
            Place::Extension(..) => CORE_1,
        }
    }

    /// Adds what an element says to the object that it is a part of.
    fn add(
        &self,
        object: &mut Object,
        element: &Element,
        attribute: Option<&Attribute>,
        is_list: bool,
    ) -> Result<(), ScimError> {
        let name = attribute.map_or(&*element.name, Attribute::name);
        if is_list || attribute.is_some_and(Attribute::is_multi_valued) {
            return self.add_values(object, name, element, attribute);
        }
        let value = self.value(element, attribute)?;
        match object.get_mut(name) {
            None => {
                object.insert(name.to_owned(), value);
            }
            Some(_) if attribute.is_some() => {
                return Err(invalid(format!("`{}` is given twice", element.shown())));
            }
            // Of what no schema knows, what is repeated is a list.
            Some(Value::Array(values)) => values.push(value),
            Some(first) => *first = Value::Array(vec![first.take(), value]),
        }
        Ok(())
    }

    /// Adds the values of a list: the elements of the wrapper, or the one value that the element
    /// itself is where elements are repeated without one.
    fn add_values(
        &self,
        object: &mut Object,
        name: &str,
        element: &Element,
        attribute: Option<&Attribute>,
    ) -> Result<(), ScimError> {
        if element.is_nil {
            object.insert(name.to_owned(), Value::Null);
            return Ok(());
        }
        let item = self.item_of(name, attribute);
        let is_wrapper = element.children.iter().any(|child| child.is_named(&item));
        let is_empty = element.children.is_empty() && tree::is_blank(&element.text);
        let mut values = Vec::new();
        if is_wrapper {
            for child in &element.children {
                if !child.is_named(&item) {
                    let detail =
                        format!("expected the element `{item}`, found `{}`", child.shown());
                    return Err(invalid(detail).at(name));
                }
                values.push(self.value(child, attribute)?);
            }
        } else if !is_empty {
            values.push(self.value(element, attribute)?);
        }
        match object.get_mut(name) {
            Some(Value::Array(earlier)) => earlier.append(&mut values),
            _ => {
                object.insert(name.to_owned(), values.into());
            }
        }
        Ok(())
    }

    /// One value.
    fn value(&self, element: &Element, attribute: Option<&Attribute>) -> Result<Value, ScimError> {
        if element.is_nil {
            return Ok(Value::Null);
        }
        let kind = attribute.map_or(AttributeType::String, Attribute::kind);
        if element.children.is_empty() {
            return text(element, kind);
        }
        let mut object = Object::new();
        for child in &element.children {
            let part = attribute.and_then(|attribute| part(attribute, &child.name));
            self.add(&mut object, child, part, self.names_attributes(attribute, child))?;
        }
        Ok(self.named(object, attribute))
    }

    /// Whether an element is the list of names that a PATCH of SCIM 1.1 clears.
    fn names_attributes(&self, parent: Option<&Attribute>, child: &Element) -> bool {
        let is_meta = parent.is_some_and(|parent| parent.path() == "meta");
        self.dialect == XmlDialect::Scim11 && is_meta && child.is_named("attributes")
    }

    /// A list of names holds each as text or as a `value`.
    fn named(&self, mut object: Object, attribute: Option<&Attribute>) -> Value {
        let is_meta = attribute.is_some_and(|attribute| attribute.path() == "meta");
        if self.dialect == XmlDialect::Scim11 && is_meta {
            let names = object.get_mut("attributes").and_then(Value::as_array_mut);
            for name in names.into_iter().flatten() {
                if let Some(value) = name.get_mut("value") {
                    *name = value.take();
                }
            }
        }
        object.into()
    }
}

/// The part of an attribute that an element names.
fn part<'a>(attribute: &'a Attribute, name: &str) -> Option<&'a Attribute> {
    let reference = || name.eq_ignore_ascii_case("ref").then(|| attribute.sub_attribute("$ref"));
    attribute.sub_attribute(name).or_else(|| reference().flatten()).map(|it| &**it)
}

/// A text as a value of this type, or as text where it is none.
fn text(element: &Element, kind: AttributeType) -> Result<Value, ScimError> {
    let text = decoded(element)?;
    let trimmed = text.trim_matches([' ', '\t', '\r', '\n']);
    let typed = match kind {
        AttributeType::String | AttributeType::Reference => None,
        AttributeType::Boolean => match trimmed {
            "true" | "1" => Some(true.into()),
            "false" | "0" => Some(false.into()),
            _ => None,
        },
        AttributeType::Integer | AttributeType::Decimal => number(trimmed).map(Value::Number),
        AttributeType::Binary => {
            Some(text.chars().filter(|c| !c.is_ascii_whitespace()).collect::<String>().into())
        }
        AttributeType::DateTime => Some(trimmed.into()),
        AttributeType::Complex if trimmed.is_empty() => Some(Object::new().into()),
        // The short form of a value that has nothing else.
        AttributeType::Complex => None,
    };
    Ok(typed.unwrap_or(Value::String(text)))
}

fn decoded(element: &Element) -> Result<String, ScimError> {
    if !element.is_encoded {
        return Ok(element.text.clone());
    }
    let code: String = element.text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let octets = BASE64_STANDARD.decode(code).ok();
    octets.and_then(|octets| String::from_utf8(octets).ok()).ok_or_else(|| {
        invalid(format!("`{}` is marked as base64 and is not UTF-8 in base64", element.shown()))
    })
}

/// A number in the forms of JSON and of XML Schema, which also has `+1`, `.5` and `007`.
fn number(text: &str) -> Option<Number> {
    if let Ok(number) = serde_json::from_str::<Number>(text)
        && number.to_string() == text
    {
        return Some(number);
    }
    let is_digit = |byte: u8| byte.is_ascii_digit() || b"+-.eE".contains(&byte);
    if !text.bytes().all(is_digit) {
        return None;
    }
    let integer = text.parse::<i64>().map(Number::from);
    // serde_json's own reading of fractions may be off by the last digit.
    integer.ok().or_else(|| text.parse().ok().and_then(Number::from_f64))
}
