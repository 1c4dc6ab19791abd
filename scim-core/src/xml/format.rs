//! The choices that a service makes about its XML.

use crate::schema::{Attribute, Extension, ResourceType, singular};

/// URN of the core schema of SCIM 1.1, the namespace of its XML.
pub(super) const CORE_1: &str = "urn:scim:schemas:core:1.0";
/// URN of the enterprise extension of SCIM 1.1.
const ENTERPRISE_1: &str = "urn:scim:schemas:extension:enterprise:1.0";

/// Which of the XML encodings a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum XmlDialect {
    /// That of SCIM 1.1: namespaces in place of `schemas`, lists and errors in a `Response`.
    Scim11,
    /// JSON element by element, `schemas` included; core attributes are in no namespace.
    Plain,
}

/// How resources, lists and errors look as XML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlFormat {
    pub(super) dialect: XmlDialect,
    pub(super) declared: Vec<(Box<str>, Box<str>)>,
    roots: Vec<(Box<str>, Box<str>)>,
    items: Vec<(Box<str>, Box<str>)>,
    /// Namespaces of extensions with the URN that their schema has here.
    namespaces: Vec<(Box<str>, Box<str>)>,
}

/// Where an element directly below a resource belongs.
pub(super) enum Place<'a> {
    /// To the resource itself.
    Core,
    /// To the object of this name, which may be that of an extension.
    Extension(&'a str, Option<&'a Extension>),
}

impl XmlFormat {
    /// XML as SCIM 1.1 defines it. It goes with JSON of SCIM 1.1, whose URNs are the namespaces.
    pub fn scim11() -> Self {
        Self::new(XmlDialect::Scim11)
            .namespace(ENTERPRISE_1, crate::schema::builtin::ENTERPRISE_USER)
    }

    /// XML for the JSON of SCIM 2.0.
    pub fn plain() -> Self {
        Self::new(XmlDialect::Plain)
    }

    fn new(dialect: XmlDialect) -> Self {
        Self {
            dialect,
            declared: Vec::new(),
            roots: Vec::new(),
            items: Vec::new(),
            namespaces: Vec::new(),
        }
    }

    /// Names the root element of resources of a type. The default is the name of the type.
    pub fn root(
        mut self,
        resource_type: impl Into<Box<str>>,
        element: impl Into<Box<str>>,
    ) -> Self {
        self.roots.push((resource_type.into(), element.into()));
        self
    }

    /// Names the elements that hold the values of a multi-valued attribute, by the path of the
    /// attribute. The default is the singular of its name.
    pub fn items(mut self, attribute: impl Into<Box<str>>, element: impl Into<Box<str>>) -> Self {
        self.items.push((attribute.into(), element.into()));
        self
    }

    /// Names the namespace of an extension where it is not the URN that its schema has here.
    pub fn namespace(mut self, namespace: impl Into<Box<str>>, urn: impl Into<Box<str>>) -> Self {
        self.namespaces.push((namespace.into(), urn.into()));
        self
    }

    /// Declares a prefix on every root element, for clients that look for it.
    pub fn declares(mut self, prefix: impl Into<Box<str>>, namespace: impl Into<Box<str>>) -> Self {
        self.declared.push((prefix.into(), namespace.into()));
        self
    }

    /// Which of the encodings it is.
    pub fn dialect(&self) -> XmlDialect {
        self.dialect
    }

    /// The namespace of a prefix that every root element declares.
    pub(super) fn declared(&self, prefix: &str) -> Option<&str> {
        self.declared
            .iter()
            .find(|(known, _)| **known == *prefix)
            .map(|(_, namespace)| &**namespace)
    }

    pub(super) fn root_of<'s>(&'s self, resource_type: &'s ResourceType) -> &'s str {
        let chosen = self.roots.iter().find(|(name, _)| **name == *resource_type.name());
        chosen.map_or(resource_type.name(), |(_, element)| element)
    }

    /// The element that holds one value of an attribute.
    pub(crate) fn item_of(&self, name: &str, attribute: Option<&Attribute>) -> Box<str> {
        let path = attribute.map_or(name, Attribute::path);
        let chosen = self.items.iter().find(|(known, _)| known.eq_ignore_ascii_case(path));
        chosen.map_or_else(|| singular(name).into(), |(_, element)| element.clone())
    }

    /// The extension whose object has this name in JSON.
    pub(super) fn extension<'t>(
        &self,
        resource_type: &'t ResourceType,
        name: &str,
    ) -> Option<&'t Extension> {
        let known = self.namespaces.iter().find(|(wire, _)| wire.eq_ignore_ascii_case(name));
        resource_type.extension(known.map_or(name, |(_, urn)| urn))
    }

    /// Where an element in a namespace belongs.
    pub(super) fn place<'a>(
        &'a self,
        resource_type: &'a ResourceType,
        namespace: Option<&'a str>,
    ) -> Place<'a> {
        let Some(namespace) = namespace else { return Place::Core };
        let known = self.namespaces.iter().find(|(wire, _)| wire.eq_ignore_ascii_case(namespace));
        let urn = known.map_or(namespace, |(_, urn)| urn);
        let is_shared = namespace.eq_ignore_ascii_case(CORE_1);
        if urn.eq_ignore_ascii_case(resource_type.schema())
            || is_shared && self.dialect == XmlDialect::Scim11
        {
            return Place::Core;
        }
        let extension = resource_type.extension(urn);
        let name = match (known, extension) {
            (Some((wire, _)), _) => wire,
            (None, Some(extension)) => extension.urn(),
            (None, None) => namespace,
        };
        Place::Extension(name, extension)
    }
}
