//! A resource type with an attribute of every kind and characteristic.

use std::sync::Arc;

use scim_core::schema::{Registry, RegistryBuilder};
use serde_json::{Value, json};

use crate::endpoint::Endpoint;

pub(super) const WIDGET: &str = "urn:example:2.0:Widget";
pub(super) const STOCK: &str = "urn:example:2.0:Stock";

const WIDGET_SCHEMA: &str = r#"{"id": "urn:example:2.0:Widget", "name": "Widget", "attributes": [
    {"name": "plain"},
    {"name": "price", "type": "decimal"},
    {"name": "size", "type": "integer"},
    {"name": "seen", "type": "dateTime"},
    {"name": "icon", "type": "binary"},
    {"name": "page", "type": "reference", "referenceTypes": ["external"]},
    {"name": "active", "type": "boolean"},
    {"name": "code", "caseExact": true},
    {"name": "serial", "mutability": "immutable"},
    {"name": "batch", "uniqueness": "server"},
    {"name": "rare", "returned": "request"},
    {"name": "pin", "returned": "never", "mutability": "writeOnly"},
    {"name": "id", "mutability": "readWrite", "returned": "request"},
    {"name": "parts", "type": "complex", "multiValued": true}
]}"#;

const STOCK_SCHEMA: &str = r#"{"id": "urn:example:2.0:Stock", "attributes": [
    {"name": "plain", "type": "integer", "required": true}
]}"#;

/// The standard types, and widgets.
pub(super) fn definitions() -> RegistryBuilder {
    let standard = Registry::builder().standard();
    let schemas = standard.schema_json(WIDGET_SCHEMA).unwrap().schema_json(STOCK_SCHEMA).unwrap();
    let widget = json!({
        "name": "Widget", "endpoint": "/Widgets", "schema": WIDGET,
        "schemaExtensions": [{"schema": STOCK, "required": false}]
    });
    schemas.resource_type_json(&widget.to_string()).unwrap()
}

pub(super) fn endpoint() -> Endpoint {
    endpoint_of(definitions().build().unwrap())
}

pub(super) fn endpoint_of(registry: Arc<Registry>) -> Endpoint {
    Endpoint::with(|builder| builder.registry(registry))
}

/// Adds a widget and answers its path.
pub(super) fn widget(scim: &Endpoint, values: Value) -> String {
    let created = scim.post("/Widgets", body(values)).expect(201);
    format!("/Widgets/{}", created.id())
}

pub(super) fn body(mut values: Value) -> Value {
    values["schemas"] = json!([WIDGET]);
    values
}
