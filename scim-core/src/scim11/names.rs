//! Names of attributes, from SCIM 1.1 to 2.0 and back.

use scim_filter::{AttrName, AttrPath, Parser, SchemaUri};

use super::urns::Urns;
use crate::schema::{Attribute, ResourceType, builtin, is_element_name};

/// How the parts of attributes are called, where that differs: whose, in SCIM 2.0, here.
const PARTS: [(&str, &str, &str, &str); 1] =
    [(builtin::ENTERPRISE_USER, "manager", "value", "managerId")];

/// The names that attributes of a resource type have in SCIM 1.1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Names<'a> {
    pub(crate) urns: &'a Urns,
    pub(crate) resource_type: &'a ResourceType,
}

impl Names<'_> {
    /// A name in attribute notation, or the URN of a schema, as SCIM 2.0 has it. What is no name
    /// stays as it is.
    pub(crate) fn text(&self, name: &str) -> String {
        let name = name.trim();
        if let Some(urn) = self.urns.schema(self.resource_type, name) {
            return urn.to_owned();
        }
        match Parser::tolerant().attr_path(name) {
            Ok(path) => self.path(path.into_owned()).to_string(),
            Err(_) => name.to_owned(),
        }
    }

    /// A path as SCIM 2.0 has it.
    pub(super) fn path(&self, mut path: AttrPath<'static>) -> AttrPath<'static> {
        if let Some(uri) = path.uri.as_deref()
            && let Some(urn) = self.urns.schema(self.resource_type, uri)
            && let Ok(urn) = SchemaUri::new(urn.to_owned())
        {
            path.uri = Some(urn);
        }
        if let Some(attribute) = self.attribute(&path)
            && let Some(sub) = path.sub.as_deref()
            && let Ok(sub) = AttrName::new(part_read(attribute, sub).to_owned())
        {
            path.sub = Some(sub);
        }
        path
    }

    /// The attribute, without its part, that a path of SCIM 2.0 names.
    pub(super) fn attribute(&self, path: &AttrPath<'_>) -> Option<&Attribute> {
        self.resource_type.resolve(path.uri.as_deref(), &path.name, None).map(|it| &**it)
    }
}

/// The part of an attribute that is called so here, as SCIM 2.0 calls it.
pub(super) fn part_read<'n>(attribute: &Attribute, name: &'n str) -> &'n str {
    let found = parts_of(attribute).find(|(_, shown)| shown.eq_ignore_ascii_case(name));
    found.map_or(name, |(part, _)| part)
}

/// What a part of an attribute is called here; `None` for one that has no name here, since names
/// are those of XML elements (core schema §3).
pub(super) fn part_shown<'n>(attribute: &Attribute, part: &'n str) -> Option<&'n str> {
    let found = parts_of(attribute).find(|(known, _)| *known == part);
    found.map(|(_, shown)| shown).or_else(|| is_element_name(part).then_some(part))
}

fn parts_of(attribute: &Attribute) -> impl Iterator<Item = (&'static str, &'static str)> {
    PARTS.into_iter().filter_map(|(urn, name, part, shown)| {
        let is_whole = attribute.namespace() == Some(urn) && attribute.name() == name;
        is_whole.then_some((part, shown))
    })
}
