//! XML in place of JSON.

mod http;
mod identity;
mod reading;
mod refused;
#[cfg(feature = "scim11")]
mod scim11;
mod vectors;

use std::sync::Arc;

use scim_core::{
    Object,
    schema::{
        AttributeDefinition, AttributeType, Registry, ResourceType, ResourceTypeDefinition,
        SchemaDefinition, builtin,
    },
    xml::XmlFormat,
};

/// A resource type of every type that attributes have, with an extension of its own.
fn registry() -> Arc<Registry> {
    use AttributeType::{
        Binary, Boolean, Complex, DateTime, Decimal, Integer, Reference, String as Text,
    };
    let kinds = [Text, Boolean, Decimal, Integer, DateTime, Binary, Reference];
    let of = |kind: AttributeType| AttributeDefinition::new(kind.as_str(), kind);
    let several = |kind: AttributeType| {
        AttributeDefinition::new(format!("{}s", kind.as_str()), kind).multi_valued()
    };
    let attributes = kinds
        .map(of)
        .into_iter()
        .chain(kinds.map(several))
        .chain([AttributeDefinition::new("whole", Complex).sub_attributes(kinds.map(of))])
        .chain([AttributeDefinition::new("wholes", Complex)
            .multi_valued()
            .sub_attributes(kinds.map(of))]);
    let extension = attributes.clone().map(|mut it| {
        it.name.insert_str(0, "own-");
        it
    });
    let device = ResourceTypeDefinition::new("Device", "urn:example:2.0:Device")
        .extension("urn:example:2.0:More")
        .extension("urn:example:extension:other:2.0");
    Registry::builder()
        .standard()
        .schema(SchemaDefinition::new("urn:example:2.0:Device", attributes))
        .schema(SchemaDefinition::new("urn:example:2.0:More", extension))
        .schema(SchemaDefinition::new("urn:example:extension:other:2.0", [of(Text)]))
        .resource_type(device)
        .build()
        .unwrap()
}

fn user_type() -> Arc<ResourceType> {
    Registry::standard().resource_type("User").unwrap().clone()
}

/// The JSON of a user's XML, or the detail of the error.
fn read(format: &XmlFormat, xml: &str) -> Result<Object, String> {
    format.read(&user_type(), xml.as_bytes(), 64).map_err(|error| {
        assert_eq!(error.status(), 400);
        assert_eq!(error.scim_type().map(|it| it.as_str()), Some("invalidSyntax"));
        error.to_string()
    })
}

/// URNs that JSON of SCIM 1.1 has for what the registry knows by another.
fn urn_of_1(urn: &str) -> &str {
    if urn == builtin::ENTERPRISE_USER { "urn:scim:schemas:extension:enterprise:1.0" } else { urn }
}
