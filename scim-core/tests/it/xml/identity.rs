//! JSON → XML → JSON is the identity, for every resource that keeps to its schema.

use std::sync::{Arc, LazyLock};

use proptest::{collection::vec, option, prelude::*};
use scim_core::{
    Object,
    schema::{Attribute, AttributeType, Registry, ResourceType},
    xml::{XmlDialect, XmlFormat},
};
use serde_json::{Value, json};

use super::urn_of_1;

static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(super::registry);

fn scalar(kind: AttributeType) -> BoxedStrategy<Value> {
    match kind {
        AttributeType::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        AttributeType::Integer => any::<i64>().prop_map(Value::from).boxed(),
        AttributeType::Decimal => {
            prop_oneof![any::<u64>().prop_map(Value::from), any::<f64>().prop_map(Value::from)]
                .prop_filter("JSON has no NaN", |it| !it.is_null())
                .boxed()
        }
        AttributeType::DateTime => {
            "20[0-9]{2}-0[1-9]-0[1-9]T00:00:00Z".prop_map(Value::from).boxed()
        }
        AttributeType::Binary => "([A-Za-z0-9+/]{4}){0,4}".prop_map(Value::from).boxed(),
        AttributeType::Reference => "(https?://[a-z&<>?=\"]{1,9})?".prop_map(Value::from).boxed(),
        AttributeType::String | AttributeType::Complex => {
            prop_oneof![any::<String>(), "[ \t\r\n<>&\"'\\]]{0,6}", "[a-z ]{0,9}"]
                .prop_map(Value::from)
                .boxed()
        }
    }
}

fn one(attribute: &Attribute, dialect: XmlDialect) -> BoxedStrategy<Value> {
    if attribute.kind() != AttributeType::Complex {
        return scalar(attribute.kind());
    }
    let parts = attribute.sub_attributes().iter().filter(|it| shows(it, dialect));
    object(parts.cloned().collect(), dialect).prop_map(Value::from).boxed()
}

/// SCIM 1.1 has no references.
fn shows(attribute: &Attribute, dialect: XmlDialect) -> bool {
    attribute.name() != "$ref" || dialect == XmlDialect::Plain
}

fn values(attribute: &Attribute, dialect: XmlDialect) -> BoxedStrategy<Value> {
    let one = one(attribute, dialect);
    match attribute.is_multi_valued() {
        true => vec(one, 0..3).prop_map(Value::from).boxed(),
        false => one,
    }
}

fn object(attributes: Vec<Arc<Attribute>>, dialect: XmlDialect) -> BoxedStrategy<Object> {
    let names: Vec<_> = attributes.iter().map(|it| it.name().to_owned()).collect();
    let each: Vec<_> = attributes.iter().map(|it| option::of(values(it, dialect))).collect();
    each.prop_map(move |values| {
        let assigned = names.iter().cloned().zip(values);
        assigned.filter_map(|(name, value)| Some((name, value?))).collect()
    })
    .boxed()
}

/// Any resource of a type, whose `schemas` name the extensions that it has.
fn resource(resource_type: &Arc<ResourceType>, dialect: XmlDialect) -> BoxedStrategy<Value> {
    let own = resource_type.attributes().iter().filter(|it| it.name() != "schemas");
    let core = object(own.cloned().collect(), dialect);
    let extensions = resource_type.extensions().iter().map(|extension| {
        let filled = object(extension.attributes().to_vec(), dialect);
        option::of(filled.prop_filter("an extension has data", |it| !it.is_empty()))
    });
    let extensions = extensions.collect::<Vec<_>>();
    let resource_type = resource_type.clone();
    (core, extensions)
        .prop_map(move |(mut resource, extensions)| {
            let is_1 = dialect == XmlDialect::Scim11;
            let base = if is_1 { "urn:scim:schemas:core:1.0" } else { resource_type.schema() };
            let mut schemas = vec![json!(base)];
            for (extension, values) in resource_type.extensions().iter().zip(extensions) {
                let Some(values) = values else { continue };
                let urn = if is_1 { urn_of_1(extension.urn()) } else { extension.urn() };
                schemas.push(json!(urn));
                resource.insert(urn.to_owned(), values.into());
            }
            resource.insert("schemas".to_owned(), schemas.into());
            resource.into()
        })
        .boxed()
}

fn any_resource(dialect: XmlDialect) -> impl Strategy<Value = (Arc<ResourceType>, Value)> {
    let types = REGISTRY.resource_types().iter().map(|it| {
        let of_type = it.clone();
        resource(it, dialect).prop_map(move |value| (of_type.clone(), value)).boxed()
    });
    proptest::strategy::Union::new(types.collect::<Vec<_>>())
}

fn comes_back(format: &XmlFormat, resource_type: &ResourceType, resource: &Value) {
    let xml = format.write(&REGISTRY, Some(resource_type), resource);
    let read = format.read(resource_type, xml.as_bytes(), 64);
    assert_eq!(read.map(Value::from).as_ref(), Ok(resource), "{xml}");
    assert_eq!(format.write(&REGISTRY, Some(resource_type), resource), xml);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn plain_xml_gives_json_back((of_type, resource) in any_resource(XmlDialect::Plain)) {
        let format = XmlFormat::plain().root("User", "scimUser").items("emails", "mail");
        comes_back(&format, &of_type, &resource);
    }

    #[test]
    fn xml_of_1_gives_json_back((of_type, resource) in any_resource(XmlDialect::Scim11)) {
        comes_back(&XmlFormat::scim11(), &of_type, &resource);
    }
}
