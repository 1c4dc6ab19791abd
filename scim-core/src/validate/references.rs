//! What a document refers to beside its relations, such as a user's manager (RFC 7643 §2.3.7).

use std::sync::Arc;

use serde_json::Value;

use crate::{
    query::located,
    resource::{Object, ResourceId, value_of},
    schema::{Attribute, AttributeType, Mutability, Registry, ResourceType},
};

/// A resource of this service provider that a document refers to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reference {
    /// The attribute that refers to it.
    pub(crate) attribute: Arc<Attribute>,
    /// The types that it may have.
    pub(crate) targets: Vec<Arc<ResourceType>>,
    /// Its id, or the text that is none.
    pub(crate) id: ResourceId,
}

/// The resources that a document refers to, by the `referenceTypes` of its schemas.
///
/// A complex value whose `$ref` points at resources refers to the one that its `value` names.
/// Relations are left out: their targets exist always.
pub(crate) fn references(
    registry: &Registry,
    resource_type: &ResourceType,
    values: &Object,
    base: &str,
) -> Vec<Reference> {
    let mut found = Vec::new();
    for attribute in resource_type.all_attributes() {
        let is_edge = resource_type.relation_of(attribute).is_some();
        if is_edge || attribute.mutability() == Mutability::ReadOnly {
            continue;
        }
        let Some(value) = value_of(attribute, values) else { continue };
        let referring = Referring { registry, base };
        elements(value).for_each(|it| referring.add(attribute, it, &mut found));
    }
    found
}

/// How values become references.
struct Referring<'a> {
    registry: &'a Registry,
    base: &'a str,
}

impl Referring<'_> {
    fn add(&self, attribute: &Arc<Attribute>, value: &Value, found: &mut Vec<Reference>) {
        if attribute.kind() == AttributeType::Reference {
            found.extend(value.as_str().and_then(|url| self.by_url(attribute, url)));
        }
        let id = attribute.sub_attribute("value").and_then(|it| self.by_id(attribute, it, value));
        let has_id = id.is_some();
        found.extend(id);
        for part in attribute.sub_attributes().iter().filter(|it| !has_id || it.name() != "$ref") {
            let Some(values) = value.get(part.name()) else { continue };
            elements(values).for_each(|it| self.add(part, it, found));
        }
    }

    /// The `value` beside a `$ref`.
    fn by_id(
        &self,
        whole: &Attribute,
        attribute: &Arc<Attribute>,
        value: &Value,
    ) -> Option<Reference> {
        let targets = self.targets(whole.sub_attribute("$ref")?);
        let id = value.get(attribute.name())?.as_str().filter(|id| !id.is_empty())?;
        let attribute = attribute.clone();
        (!targets.is_empty()).then(|| Reference { attribute, targets, id: id.into() })
    }

    /// A URL; one that leads elsewhere is none of ours where the schema allows that.
    fn by_url(&self, attribute: &Arc<Attribute>, url: &str) -> Option<Reference> {
        let mut targets = self.targets(attribute);
        let named = located(self.registry, self.base, url);
        let may_lead_elsewhere = targets.len() < attribute.reference_types().len();
        if targets.is_empty() || named.is_none() && may_lead_elsewhere {
            return None;
        }
        let (resource_type, id) = match named {
            Some((resource_type, id)) => (Some(resource_type), id),
            None => (None, url.into()),
        };
        targets.retain(|it| resource_type.is_some_and(|named| named == it));
        Some(Reference { attribute: attribute.clone(), targets, id })
    }

    fn targets(&self, attribute: &Attribute) -> Vec<Arc<ResourceType>> {
        let names = attribute.reference_types().iter();
        names.filter_map(|name| self.registry.resource_type(name).cloned()).collect()
    }
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    let (one, many) = match value {
        Value::Array(elements) => (None, elements.as_slice()),
        other => (Some(other), &[][..]),
    };
    one.into_iter().chain(many)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{AttributeDefinition, ResourceTypeDefinition, SchemaDefinition};

    /// RFC 7643 §7, `mutability` and `referenceTypes`.
    #[test]
    fn what_a_client_may_write_refers_once_to_each_resource() {
        let owner = |name: &str| {
            AttributeDefinition::new(name, AttributeType::Reference).reference_types(["User"])
        };
        let registry = Registry::builder()
            .standard()
            .schema(SchemaDefinition::new(
                "urn:example:2.0:It",
                [
                    owner("owner"),
                    owner("creator").mutability(Mutability::ReadOnly),
                    AttributeDefinition::new("keeper", AttributeType::Complex).sub_attributes([
                        AttributeDefinition::new("value", AttributeType::String),
                        owner("$ref"),
                        owner("deputy"),
                    ]),
                ],
            ))
            .resource_type(ResourceTypeDefinition::new("It", "urn:example:2.0:It"))
            .build()
            .unwrap();
        let named = |resource_type: &str, values: Value| {
            let Value::Object(values) = values else { panic!("an object") };
            let resource_type = registry.resource_type(resource_type).unwrap();
            let found = references(&registry, resource_type, &values, "https://x.test");
            found.iter().map(|it| it.attribute.path().to_owned()).collect::<Vec<_>>()
        };
        let user = "https://x.test/Users/1";
        assert_eq!(named("It", json!({"owner": user, "creator": user})), ["owner"]);
        let keeper = json!({"keeper": {"value": "1", "$ref": user, "deputy": user}});
        assert_eq!(named("It", keeper), ["keeper.value", "keeper.deputy"]);
        let keeper = json!({"keeper": {"$ref": user, "deputy": user}});
        assert_eq!(named("It", keeper), ["keeper.$ref", "keeper.deputy"]);
        assert!(named("User", json!({"groups": [{"value": "1", "$ref": user}]})).is_empty());
        assert!(named("Group", json!({"members": [{"value": "1", "$ref": user}]})).is_empty());
    }
}
