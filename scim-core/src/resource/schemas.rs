//! The `schemas` attribute (RFC 7643 §3), which follows from the data.

use serde_json::Value;

use super::Object;
use crate::schema::ResourceType;

/// Sets `schemas` to the base schema and the extensions whose data is present: those of the
/// type, and those that were stated and which it does not know.
pub(crate) fn set_schemas(resource_type: &ResourceType, values: &mut Object) {
    if !has_schemas(resource_type, values) {
        let schemas =
            schemas_of(resource_type, values.get("schemas"), |it| values.contains_key(it));
        values.insert("schemas".to_owned(), schemas);
    }
}

/// Whether `schemas` are set so already.
pub(crate) fn has_schemas(resource_type: &ResourceType, values: &Object) -> bool {
    let Some(Value::Array(stated)) = values.get("schemas") else { return false };
    let used = urns(resource_type, texts(stated), |urn| values.contains_key(urn));
    stated.iter().map(Value::as_str).eq(used.map(Some))
}

/// The `schemas` of a resource that has data of some extensions, and stated these.
pub(super) fn schemas_of(
    resource_type: &ResourceType,
    stated: Option<&Value>,
    is_present: impl Fn(&str) -> bool + Copy,
) -> Value {
    let stated = stated.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    urns(resource_type, texts(stated), is_present).map(Value::from).collect()
}

/// Whether a text, as it is mostly written, lists just these.
pub(super) fn lists_schemas(
    text: &str,
    resource_type: &ResourceType,
    is_present: impl Fn(&str) -> bool + Copy,
) -> bool {
    let listed = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    listed.is_some_and(|listed| {
        let listed = listed.split(',').map(|urn| urn.strip_prefix('"')?.strip_suffix('"'));
        listed.clone().eq(urns(resource_type, listed.flatten(), is_present).map(Some))
    })
}

fn texts(stated: &[Value]) -> impl Iterator<Item = &str> {
    stated.iter().filter_map(Value::as_str)
}

fn urns<'a>(
    resource_type: &'a ResourceType,
    stated: impl Iterator<Item = &'a str>,
    is_present: impl Fn(&str) -> bool + Copy,
) -> impl Iterator<Item = &'a str> {
    let extensions = resource_type.extensions().iter().map(|extension| extension.urn());
    let is_known = |urn: &str| resource_type.uses_schema(urn) || resource_type.has_member(urn);
    let unknown = stated.filter(move |urn| !is_known(urn));
    let used = extensions.chain(unknown).filter(move |urn| is_present(urn));
    std::iter::once(resource_type.schema()).chain(used)
}
