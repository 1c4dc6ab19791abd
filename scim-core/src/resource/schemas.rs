//! The `schemas` attribute (RFC 7643 §3), which follows from the data.

use serde_json::Value;

use super::Object;
use crate::schema::ResourceType;

/// Sets `schemas` to the base schema and the extensions whose data is present.
pub(crate) fn set_schemas(resource_type: &ResourceType, values: &mut Object) {
    let extensions = resource_type.extensions().iter().map(|extension| extension.urn());
    let present = extensions.filter(|urn| values.contains_key(*urn));
    let urns = std::iter::once(resource_type.schema()).chain(present);
    let urns = Value::Array(urns.map(Value::from).collect());
    values.insert("schemas".to_owned(), urns);
}
