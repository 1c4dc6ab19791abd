//! `/Schemas` (core schema §10): each describes a resource whole, with its endpoint.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{
    names::{Names, part_shown},
    urns::Urns,
};
use crate::{
    resource::Object,
    schema::{Attribute, AttributeType, Mutability, Registry, ResourceType},
};

/// What the values of a list are called one by one, where that is not the name without its last
/// letter.
const CHILDREN: [(&str, &str); 1] = [("addresses", "address")];

/// Canonical values that only SCIM 2.0 has.
const LATER: [(&str, &str); 1] = [("ims.type", "other")];

/// The schemas of all resource types.
pub(crate) fn schemas(registry: &Registry, urns: &Urns) -> Vec<Value> {
    registry.resource_types().iter().map(|it| schema(urns, it)).collect()
}

/// The schema of this id, or of the resource type of this name, ignoring case.
pub(crate) fn schema_of(registry: &Registry, urns: &Urns, id: &str) -> Option<Value> {
    let is_named = |it: &&Arc<ResourceType>| {
        it.name().eq_ignore_ascii_case(id) || id_of(urns, it).eq_ignore_ascii_case(id)
    };
    registry.resource_types().iter().find(is_named).map(|it| schema(urns, it))
}

fn id_of(urns: &Urns, resource_type: &ResourceType) -> String {
    format!("{}:{}", urns.shown(resource_type.schema()), resource_type.name())
}

fn schema(urns: &Urns, resource_type: &ResourceType) -> Value {
    let names = Names { urns, resource_type };
    let shown = resource_type.all_attributes().filter(|it| it.path() != "schemas");
    let attributes: Vec<_> = shown.map(|it| names.attribute_shown(it)).collect();
    json!({
        "id": id_of(urns, resource_type),
        "name": resource_type.name(),
        "description": resource_type.description(),
        "schema": urns.shown(resource_type.schema()),
        "endpoint": resource_type.endpoint(),
        "attributes": attributes,
    })
}

impl Names<'_> {
    fn attribute_shown(&self, attribute: &Attribute) -> Value {
        let schema = attribute.namespace().unwrap_or(self.resource_type.schema());
        let mut shown = characteristics(attribute, attribute.name());
        let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        set("multiValued", attribute.is_multi_valued().into());
        set("schema", self.urns.shown(schema).into());
        if attribute.is_multi_valued() {
            set("multiValuedAttributeChildName", child_name(attribute.name()).into());
        }
        let is_own = |it: &&Arc<Attribute>| it.path() != "meta.resourceType";
        let parts = attribute.sub_attributes().iter().filter(is_own);
        let parts: Vec<_> = parts.filter_map(|it| part(attribute, it)).collect();
        if !parts.is_empty() {
            set("subAttributes", parts.into());
        }
        shown.into()
    }
}

/// `None` for a part that has no name here.
fn part(attribute: &Attribute, part: &Attribute) -> Option<Value> {
    let mut shown = characteristics(part, part_shown(attribute, part.name())?);
    if part.is_multi_valued() {
        shown.insert("multiValued".to_owned(), true.into());
    }
    let is_own = |value: &&String| !LATER.contains(&(part.path(), value.as_str()));
    let canonical: Vec<_> = part.canonical_values().iter().filter(is_own).collect();
    if !canonical.is_empty() {
        shown.insert("canonicalValues".to_owned(), json!(canonical));
    }
    Some(shown.into())
}

/// What attributes and parts have in common. There are no references here: they are texts.
fn characteristics(attribute: &Attribute, name: &str) -> Object {
    let kind = match attribute.kind() {
        AttributeType::Reference => AttributeType::String,
        kind => kind,
    };
    let shown = [
        ("name", name.into()),
        ("type", kind.as_str().into()),
        ("description", attribute.description().into()),
        ("readOnly", (attribute.mutability() == Mutability::ReadOnly).into()),
        ("required", attribute.is_required().into()),
        ("caseExact", attribute.is_case_exact().into()),
    ];
    Object::from_iter(shown.map(|(name, value): (_, Value)| (name.to_owned(), value)))
}

/// What one value of a list is called (core schema §10, `multiValuedAttributeChildName`).
pub(crate) fn child_name(name: &str) -> &str {
    let irregular = CHILDREN.into_iter().find(|(list, _)| *list == name).map(|(_, child)| child);
    irregular.or_else(|| name.strip_suffix('s').filter(|it| !it.is_empty())).unwrap_or(name)
}
