//! The resource types that the tests of PATCH work on.

use std::sync::Arc;

use scim_core::schema::{
    AttributeDefinition, AttributeType, Mutability, Registry, ResourceTypeDefinition,
    SchemaDefinition,
};

const DEVICE: &str = "urn:example:2.0:Device";
const STORED: &str = "urn:example:2.0:Stored";
const WARRANTY: &str = "urn:example:2.0:Warranty";

/// The standard types; `Device` with attributes of every mutability, and two more that share its
/// schemas: `Depot` requires a list, `Vault` an extension.
pub(super) fn registry() -> Arc<Registry> {
    let warranty = |name, schema| ResourceTypeDefinition::new(name, schema).extension(WARRANTY);
    let mut vault = warranty("Vault", STORED);
    for extension in &mut vault.schema_extensions {
        extension.required = true;
    }
    Registry::builder()
        .standard()
        .schema(SchemaDefinition::new(DEVICE, device()))
        .schema(SchemaDefinition::new(
            STORED,
            device().into_iter().chain([text("zones").multi_valued().required()]),
        ))
        .schema(SchemaDefinition::new(
            WARRANTY,
            [
                text("until"),
                text("vendor").mutability(Mutability::ReadOnly),
                text("contract").mutability(Mutability::Immutable),
            ],
        ))
        .resource_type(warranty("Device", DEVICE))
        .resource_type(warranty("Depot", STORED))
        .resource_type(vault)
        .build()
        .unwrap()
}

fn device() -> Vec<AttributeDefinition> {
    let complex = |name: &str| AttributeDefinition::new(name, AttributeType::Complex);
    vec![
        text("serial").required(),
        text("assetTag").mutability(Mutability::Immutable),
        text("batches").multi_valued().mutability(Mutability::Immutable),
        text("status").mutability(Mutability::ReadOnly),
        text("tags").multi_valued(),
        complex("owner").sub_attributes([
            text("note"),
            text("aliases").multi_valued(),
            text("badge").mutability(Mutability::Immutable),
        ]),
        complex("ports").multi_valued().sub_attributes([
            AttributeDefinition::new("number", AttributeType::Integer).required(),
            text("label"),
            text("kind").mutability(Mutability::Immutable),
        ]),
        complex("keys").multi_valued().sub_attributes([
            text("value"),
            text("display"),
            text("hosts").multi_valued(),
            text("stamps").multi_valued().mutability(Mutability::Immutable),
            text("registered").mutability(Mutability::ReadOnly),
        ]),
    ]
}

fn text(name: &str) -> AttributeDefinition {
    AttributeDefinition::new(name, AttributeType::String)
}
