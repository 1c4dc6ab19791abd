//! Where the values of an attribute stand in a document.

use std::slice;

use serde_json::Value;

use crate::{resource::Object, schema::Attribute};

static NOT_PRIMARY: Value = Value::Bool(false);

/// Every scalar that the attribute holds: of a sub-attribute, those of all values of its parent.
pub(super) fn scalars<'a>(
    attribute: &'a Attribute,
    values: &'a Object,
) -> impl Iterator<Item = &'a Value> {
    elements(attribute, values).iter().flat_map(|element| scalars_of(attribute, element))
}

/// The scalars that the attribute holds in one value of its parent, or that value itself.
pub(super) fn scalars_of<'a>(attribute: &Attribute, element: &'a Value) -> &'a [Value] {
    let Value::Object(parts) = element else { return listed(element) };
    match parts.get(attribute.name()) {
        None | Some(Value::Null) if is_primary(attribute) => slice::from_ref(&NOT_PRIMARY),
        None => &[],
        Some(value) if attribute.is_multi_valued() => listed(value),
        Some(value) => first_of(listed(value)),
    }
}

/// The values of the attribute, or of the complex attribute that it is a part of; a single value
/// is a list of one. Of a list that was stored when the attribute had many values, the first counts
/// where it has one.
pub(super) fn elements<'a>(attribute: &Attribute, values: &'a Object) -> &'a [Value] {
    let scope = match attribute.namespace() {
        None => Some(values),
        Some(urn) => values.get(urn).and_then(Value::as_object),
    };
    let (name, is_many) = match attribute.parent_name() {
        Some(parent) => (parent, attribute.is_in_multi_valued()),
        None => (attribute.name(), attribute.is_multi_valued()),
    };
    let elements = scope.and_then(|scope| scope.get(name)).map_or(&[][..], listed);
    if is_many { elements } else { first_of(elements) }
}

/// Whether the attribute has a value that counts as one (RFC 7644 §3.4.2.2, `pr`).
pub(super) fn is_present(attribute: &Attribute, values: &Object) -> bool {
    elements(attribute, values).iter().any(|element| is_present_in(attribute, element))
}

/// Whether the attribute has a value in one value of its parent, or that value is one itself.
pub(super) fn is_present_in(attribute: &Attribute, element: &Value) -> bool {
    match element {
        Value::Object(parts) if attribute.parent_name().is_some() => {
            parts.get(attribute.name()).is_some_and(counts)
        }
        whole => counts(whole),
    }
}

fn counts(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => elements.iter().any(counts),
        Value::Object(parts) => parts.values().any(counts),
    }
}

fn listed(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        Value::Null => &[],
        single => slice::from_ref(single),
    }
}

fn first_of(elements: &[Value]) -> &[Value] {
    elements.get(..1).unwrap_or_default()
}

/// RFC 7643 §2.4: an absent `primary` counts as `false`. Each of many values that has one has a
/// boolean (the registry takes no other).
fn is_primary(attribute: &Attribute) -> bool {
    attribute.is_in_multi_valued() && attribute.name() == "primary"
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::schema::{
        AttributeDefinition, AttributeType, Registry, ResourceTypeDefinition, SchemaDefinition,
    };

    fn registry(attributes: impl IntoIterator<Item = AttributeDefinition>) -> Arc<Registry> {
        Registry::builder()
            .schema(SchemaDefinition::new("urn:example:2.0:It", attributes))
            .resource_type(ResourceTypeDefinition::new("It", "urn:example:2.0:It"))
            .build()
            .unwrap()
    }

    #[test]
    fn only_of_many_values_the_primary_one_is_false_where_it_is_absent() {
        // RFC 7643 §2.4
        let part = |name: &str, kind| AttributeDefinition::new(name, kind);
        let complex = |name: &str| part(name, AttributeType::Complex);
        let attributes = [
            complex("ports").multi_valued().sub_attributes([
                part("number", AttributeType::Integer),
                part("primary", AttributeType::Boolean),
                part("open", AttributeType::Boolean),
            ]),
            complex("case").sub_attributes([
                part("size", AttributeType::Integer),
                part("primary", AttributeType::Boolean),
            ]),
        ];
        let registry = registry(attributes);
        let it = registry.resource_type("It").unwrap();
        let document = json!({
            "ports": [{"number": 1}, {"number": 2, "primary": null}, {"number": 3, "primary": true}],
            "case": {"size": 1},
        });
        let Value::Object(values) = document else { panic!("an object") };
        for (whole, name, expected) in [
            ("ports", "primary", json!([false, false, true])),
            ("ports", "open", json!([])),
            ("case", "primary", json!([])),
        ] {
            let attribute = it.attribute(whole).unwrap().sub_attribute(name).unwrap();
            let found: Vec<_> = scalars(attribute, &values).cloned().collect();
            assert_eq!(Value::from(found), expected, "{whole}.{name}");
        }
    }

    #[test]
    fn of_a_list_where_one_value_is_due_the_first_counts() {
        let part = |name: &str, kind| AttributeDefinition::new(name, kind);
        let attributes = [
            part("tag", AttributeType::String),
            part("tags", AttributeType::String).multi_valued(),
            part("case", AttributeType::Complex)
                .sub_attributes([part("size", AttributeType::Integer)]),
        ];
        let registry = registry(attributes);
        let it = registry.resource_type("It").unwrap();
        let document = json!({
            "tag": ["a", "b"], "tags": ["a", "b"], "case": [{"size": [1, 2]}, {"size": 3}],
        });
        let Value::Object(values) = document else { panic!("an object") };
        for (path, expected) in
            [("tag", json!(["a"])), ("tags", json!(["a", "b"])), ("case.size", json!([1]))]
        {
            let attribute = it.attribute_at(path).unwrap();
            let found: Vec<_> = scalars(attribute, &values).cloned().collect();
            assert_eq!(Value::from(found), expected, "{path}");
        }
    }
}
