//! The `schemas` attribute (RFC 7643 §3), which follows from the data.

use serde_json::Value;

use super::Object;
use crate::schema::ResourceType;

/// Sets `schemas` to the base schema and the extensions whose data is present.
pub(crate) fn set_schemas(resource_type: &ResourceType, values: &mut Object) {
    if !has_schemas(resource_type, values) {
        let schemas = schemas_of(resource_type, |urn| values.contains_key(urn));
        values.insert("schemas".to_owned(), schemas);
    }
}

/// Whether `schemas` are set so already.
pub(crate) fn has_schemas(resource_type: &ResourceType, values: &Object) -> bool {
    let Some(Value::Array(stated)) = values.get("schemas") else { return false };
    let used = urns(resource_type, |urn| values.contains_key(urn));
    stated.iter().map(Value::as_str).eq(used.map(Some))
}

/// The `schemas` of a resource that has data of some extensions.
pub(super) fn schemas_of(resource_type: &ResourceType, is_present: impl Fn(&str) -> bool) -> Value {
    urns(resource_type, is_present).map(Value::from).collect()
}

/// Whether a text, as it is mostly written, lists just these.
pub(super) fn lists_schemas(
    text: &str,
    resource_type: &ResourceType,
    is_present: impl Fn(&str) -> bool,
) -> bool {
    let listed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    listed.is_some_and(|listed| {
        let listed = listed.split(',').map(|urn| urn.strip_prefix('"')?.strip_suffix('"'));
        listed.eq(urns(resource_type, is_present).map(Some))
    })
}

fn urns(
    resource_type: &ResourceType,
    is_present: impl Fn(&str) -> bool,
) -> impl Iterator<Item = &str> {
    let extensions = resource_type.extensions().iter().map(|extension| extension.urn());
    std::iter::once(resource_type.schema()).chain(extensions.filter(move |urn| is_present(urn)))
}
