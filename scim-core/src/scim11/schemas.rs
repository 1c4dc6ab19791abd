//! `/Schemas` (core schema §10): each describes a resource whole, with its endpoint.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{names::part_shown, settings::Scim11, urns::Urns};
use crate::{
    resource::Object,
    schema::{Attribute, AttributeType, Mutability, Registry, ResourceType, singular},
};

/// Canonical values that only SCIM 2.0 has.
const LATER: [(&str, &str); 1] = [("ims.type", "other")];

/// The schemas of all resource types.
pub(crate) fn schemas(registry: &Registry, scim11: &Scim11) -> Vec<Value> {
    registry.resource_types().iter().map(|it| schema(scim11, it)).collect()
}

/// The schema of this id, or of the resource type of this name, ignoring case.
pub(crate) fn schema_of(registry: &Registry, scim11: &Scim11, id: &str) -> Option<Value> {
    let is_named = |it: &&Arc<ResourceType>| {
        it.name().eq_ignore_ascii_case(id) || id_of(&scim11.urns, it).eq_ignore_ascii_case(id)
    };
    registry.resource_types().iter().find(is_named).map(|it| schema(scim11, it))
}

fn id_of(urns: &Urns, resource_type: &ResourceType) -> String {
    format!("{}:{}", urns.shown(resource_type.schema()), resource_type.name())
}

fn schema(scim11: &Scim11, resource_type: &ResourceType) -> Value {
    let urns = &scim11.urns;
    let shown = resource_type.all_attributes().filter(|it| it.path() != "schemas");
    let attributes: Vec<_> = shown.map(|it| scim11.attribute_shown(resource_type, it)).collect();
    json!({
        "id": id_of(urns, resource_type),
        "name": resource_type.name(),
        "description": resource_type.description(),
        "schema": urns.shown(resource_type.schema()),
        "endpoint": resource_type.endpoint(),
        "attributes": attributes,
    })
}

impl Scim11 {
    fn attribute_shown(&self, resource_type: &ResourceType, attribute: &Attribute) -> Value {
        let schema = attribute.namespace().unwrap_or(resource_type.schema());
        let mut shown = characteristics(attribute, attribute.name());
        let mut set = |name: &str, value: Value| shown.insert(name.to_owned(), value);
        set("multiValued", attribute.is_multi_valued().into());
        set("schema", self.urns.shown(schema).into());
        if attribute.is_multi_valued() {
            set("multiValuedAttributeChildName", Value::from(&*self.child_name(attribute)));
        }
        let is_own = |it: &&Arc<Attribute>| it.path() != "meta.resourceType";
        let parts = attribute.sub_attributes().iter().filter(is_own);
        let parts: Vec<_> = parts.filter_map(|it| part(attribute, it)).collect();
        if !parts.is_empty() {
            set("subAttributes", parts.into());
        }
        shown.into()
    }

    /// What one value of a list is called (core schema §10, `multiValuedAttributeChildName`): the
    /// element that XML has for it.
    fn child_name(&self, attribute: &Attribute) -> Box<str> {
        #[cfg(feature = "xml")]
        if let Some(xml) = &self.xml {
            return xml.item_of(attribute.name(), Some(attribute));
        }
        singular(attribute.name()).into()
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
