//! From JSON to XML. The same JSON always gives the same text, in the order of the schema.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;

use super::{
    format::{CORE_1, XmlDialect, XmlFormat},
    names, text,
};
use crate::{
    resource::Object,
    schema::{Attribute, Extension, Registry, ResourceType, is_element_name},
};

const DECLARATION: &str = r#"<?xml version="1.0" encoding="UTF-8"?>"#;
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

impl XmlFormat {
    /// Writes a document: a resource of this type, a list of such, or a message.
    ///
    /// In lists each resource is of the type whose schema it names, or else of the given one.
    pub fn write(
        &self,
        registry: &Registry,
        resource_type: Option<&ResourceType>,
        document: &Value,
    ) -> String {
        let mut writer = Writer { format: self, registry, out: DECLARATION.to_owned() };
        let empty = Object::new();
        let object = document.as_object().unwrap_or(&empty);
        match Kind::of(self.dialect, object) {
            Kind::Resource => match writer.type_of(object, resource_type) {
                Some(of_type) => writer.resource(self.root_of(of_type), "", object, of_type, true),
                None => writer.message(&message_name(object), object, resource_type),
            },
            Kind::Message(name) => writer.message(&name, object, resource_type),
        }
        writer.out
    }
}

/// What a document is.
enum Kind {
    Resource,
    /// Neither a resource nor in need of a schema, with its root element.
    Message(String),
}

impl Kind {
    fn of(dialect: XmlDialect, object: &Object) -> Self {
        let names = |name: &str| object.contains_key(name);
        let message = match dialect {
            XmlDialect::Scim11 if names("Errors") || names("Resources") => Some("Response"),
            XmlDialect::Scim11 if names("Operations") => Some("Bulk"),
            XmlDialect::Scim11 if names("authenticationSchemes") => Some("ServiceProviderConfig"),
            XmlDialect::Scim11 if names("endpoint") && names("attributes") => Some("Schema"),
            XmlDialect::Scim11 => None,
            XmlDialect::Plain if is_message(object) => return Self::Message(message_name(object)),
            XmlDialect::Plain => None,
        };
        message.map_or(Self::Resource, |name| Self::Message(name.to_owned()))
    }
}

/// Whether an object is one of the protocol's own.
fn is_message(object: &Object) -> bool {
    let urns = object.get("schemas").and_then(Value::as_array).into_iter().flatten();
    urns.filter_map(Value::as_str).any(|urn| urn.starts_with("urn:ietf:params:scim:api:messages:"))
}

/// The schema of a resource of SCIM 1.1: its first, where it does not name the one of all others.
fn base_schema(object: &Object) -> &str {
    let urns = object.get("schemas").and_then(Value::as_array);
    let mut urns = urns.into_iter().flatten().filter_map(Value::as_str).peekable();
    let first = urns.peek().copied().unwrap_or(CORE_1);
    if urns.any(|urn| urn == CORE_1) { CORE_1 } else { first }
}

/// The root element of what no resource type describes: the end of its URN.
fn message_name(object: &Object) -> String {
    let urn = object.get("schemas").and_then(|it| it.get(0)).and_then(Value::as_str);
    let end = urn.and_then(|urn| urn.rsplit(':').next()).filter(|end| is_element_name(end));
    end.unwrap_or("Error").to_owned()
}

struct Writer<'a> {
    format: &'a XmlFormat,
    registry: &'a Registry,
    out: String,
}

impl<'a> Writer<'a> {
    /// The type of a resource.
    fn type_of<'t>(
        &self,
        object: &Object,
        otherwise: Option<&'t ResourceType>,
    ) -> Option<&'t ResourceType>
    where
        'a: 't,
    {
        let urns = || object.get("schemas").and_then(Value::as_array).into_iter().flatten();
        let is_named = |it: &ResourceType| urns().any(|urn| urn.as_str() == Some(it.schema()));
        let mut types = self.registry.resource_types().iter().map(|it| &**it);
        types.find(|it| is_named(it)).or(otherwise)
    }

    /// A resource with its extensions, under a root element or in a list.
    fn resource(
        &mut self,
        element: &str,
        attributes: &str,
        object: &Object,
        resource_type: &ResourceType,
        is_root: bool,
    ) {
        let mut opening = format!("{element}{attributes}");
        if is_root {
            self.declare(&mut opening, base_schema(object));
        }
        let mut prefixes = Vec::new();
        for (name, extension) in self.extensions(object, resource_type) {
            let is_taken = |it: &str| {
                prefixes.iter().any(|(_, known, _)| *known == it)
                    || self.format.declared(it).is_some_and(|namespace| namespace != name)
            };
            let prefix = names::prefix(name, is_taken);
            if !is_root || self.format.declared(&prefix).is_none() {
                attribute(&mut opening, &format!("xmlns:{prefix}"), name);
            }
            prefixes.push((name, prefix, extension));
        }
        self.out.push_str(&format!("<{opening}>"));
        for (name, value, attribute) in self.members(object, resource_type) {
            if !prefixes.iter().any(|(known, ..)| *known == name) {
                self.member("", name, value, attribute);
            }
        }
        for (name, prefix, extension) in prefixes {
            let Some(Value::Object(object)) = object.get(name) else { continue };
            let attributes = extension.map(Extension::attributes).unwrap_or_default();
            let order: Vec<_> = attributes.iter().map(|it| &**it).collect();
            for (name, value, attribute) in in_order(object, &order) {
                self.member(&format!("{prefix}:"), name, value, attribute);
            }
        }
        self.out.push_str(&format!("</{element}>"));
    }

    /// The namespaces of a root element, its own first.
    fn declare(&self, opening: &mut String, own: &str) {
        if self.format.dialect == XmlDialect::Scim11 {
            attribute(opening, "xmlns", own);
        }
        for (prefix, namespace) in &self.format.declared {
            attribute(opening, &format!("xmlns:{prefix}"), namespace);
        }
    }

    /// The objects in a resource that are those of extensions, those of the type first.
    fn extensions<'o, 't>(
        &self,
        object: &'o Object,
        resource_type: &'t ResourceType,
    ) -> Vec<(&'o str, Option<&'t Extension>)> {
        let mut found: Vec<_> = object
            .iter()
            .filter(|(name, value)| value.is_object() && name.contains(':'))
            .map(|(name, _)| (name.as_str(), self.format.extension(resource_type, name)))
            .collect();
        let position = |it: Option<&Extension>| {
            let of_type = resource_type.extensions().iter();
            of_type.map(Extension::urn).position(|urn| it.is_some_and(|it| it.urn() == urn))
        };
        found.sort_by_key(|(name, it)| (position(*it).unwrap_or(usize::MAX), *name));
        found
    }

    /// What a resource has outside of extensions, in the order of its schema.
    fn members<'o, 't>(
        &self,
        object: &'o Object,
        resource_type: &'t ResourceType,
    ) -> Vec<Member<'o, 't>> {
        let mut order: Vec<&Attribute> =
            resource_type.attributes().iter().map(|it| &**it).collect();
        let is_1 = self.format.dialect == XmlDialect::Scim11;
        order.sort_by_key(|it| match it.name() {
            "schemas" => 0,
            "id" => 1,
            "meta" if is_1 => 2,
            "externalId" => 3,
            "meta" => 5,
            _ => 4,
        });
        let mut members = in_order(object, &order);
        members.retain(|(name, ..)| !(is_1 && *name == "schemas"));
        members
    }

    /// A message of the protocol or a discovery resource.
    fn message(&mut self, element: &str, object: &Object, resource_type: Option<&ResourceType>) {
        let mut opening = element.to_owned();
        self.declare(&mut opening, CORE_1);
        let is_1 = self.format.dialect == XmlDialect::Scim11;
        let has_types = is_1 && object.contains_key("Resources");
        if has_types && self.format.declared("xsi").is_none() {
            attribute(&mut opening, "xmlns:xsi", INSTANCE);
        }
        self.contents(element, &opening, object, resource_type);
    }

    fn contents(
        &mut self,
        element: &str,
        opening: &str,
        object: &Object,
        resource_type: Option<&ResourceType>,
    ) {
        let is_1 = self.format.dialect == XmlDialect::Scim11;
        self.out.push_str(&format!("<{opening}>"));
        for (name, value, _) in in_order(object, &[]) {
            match (name, value) {
                ("schemas", _) if is_1 => {}
                ("Resources", Value::Array(resources)) => self.list(resources, resource_type),
                ("Errors", value) if is_1 => self.member("", "errors", value, None),
                _ => self.member("", name, value, None),
            }
        }
        self.out.push_str(&format!("</{element}>"));
    }

    fn list(&mut self, resources: &[Value], otherwise: Option<&ResourceType>) {
        if resources.is_empty() {
            return self.out.push_str("<Resources/>");
        }
        self.out.push_str("<Resources>");
        for object in resources.iter().filter_map(Value::as_object) {
            match (self.type_of(object, otherwise), self.format.dialect) {
                (Some(of_type), XmlDialect::Scim11) => {
                    let xsi = format!(" xsi:type=\"{}\"", of_type.name());
                    self.resource("Resource", &xsi, object, of_type, false);
                }
                (Some(of_type), XmlDialect::Plain) => {
                    self.resource(self.format.root_of(of_type), "", object, of_type, false);
                }
                (None, XmlDialect::Scim11) => {
                    let Kind::Message(name) = Kind::of(self.format.dialect, object) else {
                        continue;
                    };
                    let opening = format!("Resource xsi:type=\"{name}\"");
                    self.contents("Resource", &opening, object, None);
                }
                (None, XmlDialect::Plain) => {
                    self.complex(&message_name(object), "", object, None);
                }
            }
        }
        self.out.push_str("</Resources>");
    }

    /// An attribute with all its values. What is null is unassigned and left out.
    fn member(&mut self, prefix: &str, name: &str, value: &Value, attribute: Option<&Attribute>) {
        let is_1 = self.format.dialect == XmlDialect::Scim11;
        let shown = if name == "$ref" && !is_1 { "ref" } else { name };
        if !is_element_name(shown) {
            return;
        }
        let element = format!("{prefix}{shown}");
        match value {
            Value::Array(values) if values.is_empty() => {
                self.out.push_str(&format!("<{element}/>"));
            }
            Value::Array(values) if is_1 && name == "canonicalValues" => {
                values.iter().for_each(|value| self.value(&element, prefix, value, attribute));
            }
            Value::Array(values) => {
                let item = format!("{prefix}{}", self.format.item_of(name, attribute));
                self.out.push_str(&format!("<{element}>"));
                values.iter().for_each(|value| self.value(&item, prefix, value, attribute));
                self.out.push_str(&format!("</{element}>"));
            }
            value => self.value(&element, prefix, value, attribute),
        }
    }

    fn value(&mut self, element: &str, prefix: &str, value: &Value, attribute: Option<&Attribute>) {
        match value {
            Value::Null => {}
            Value::Bool(value) => self.text(element, &value.to_string()),
            Value::Number(number) => self.text(element, &number.to_string()),
            Value::String(text) => self.text(element, text),
            Value::Object(object) => self.complex(element, prefix, object, attribute),
            // No schema has lists of lists.
            Value::Array(values) => {
                values.iter().for_each(|value| self.value(element, prefix, value, attribute));
            }
        }
    }

    fn complex(
        &mut self,
        element: &str,
        prefix: &str,
        object: &Object,
        attribute: Option<&Attribute>,
    ) {
        if object.is_empty() {
            return self.out.push_str(&format!("<{element}/>"));
        }
        let parts = attribute.map(Attribute::sub_attributes).unwrap_or_default();
        let mut order: Vec<&Attribute> = parts.iter().map(|it| &**it).collect();
        let is_1 = self.format.dialect == XmlDialect::Scim11;
        if is_1 && attribute.is_some_and(Attribute::is_multi_valued) {
            order.sort_by_key(|part| names::rank_in_value(part.name()));
        }
        self.out.push_str(&format!("<{element}>"));
        for (name, value, part) in in_order(object, &order) {
            self.member(prefix, name, value, part);
        }
        self.out.push_str(&format!("</{element}>"));
    }

    fn text(&mut self, element: &str, content: &str) {
        if content.is_empty() {
            self.out.push_str(&format!("<{element}/>"));
        } else if content.chars().all(text::is_char) {
            self.out.push_str(&format!("<{element}>"));
            text::escape(content, &mut self.out);
            self.out.push_str(&format!("</{element}>"));
        } else {
            let code = BASE64_STANDARD.encode(content);
            self.out.push_str(&format!("<{element} base64Encoded=\"true\">{code}</{element}>"));
        }
    }
}

type Member<'o, 't> = (&'o str, &'o Value, Option<&'t Attribute>);

/// The members of an object: those that are known in the given order, then the others.
fn in_order<'o, 't>(object: &'o Object, order: &[&'t Attribute]) -> Vec<Member<'o, 't>> {
    let known = |attribute: &&'t Attribute| {
        let (name, value) = object.get_key_value(attribute.name())?;
        Some((name.as_str(), value, Some(*attribute)))
    };
    let mut members: Vec<_> = order.iter().filter_map(known).collect();
    let is_known = |name: &str| order.iter().any(|attribute| attribute.name() == name);
    let mut others: Vec<_> =
        object.iter().map(|(name, value)| (name.as_str(), value, None)).collect();
    others.retain(|(name, ..)| !is_known(name));
    others.sort_by_key(|(name, ..)| (names::rank(name), *name));
    members.append(&mut others);
    members
}

fn attribute(opening: &mut String, name: &str, value: &str) {
    opening.push_str(&format!(" {name}=\""));
    text::escape(value, opening);
    opening.push('"');
}
