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
    stated.iter().map(Value::as_str).eq(used.into_iter().map(Some))
}

/// The `schemas` of a resource that has data of some extensions, and stated these.
pub(super) fn schemas_of(
    resource_type: &ResourceType,
    stated: Option<&Value>,
    is_present: impl Fn(&str) -> bool,
) -> Value {
    let stated = stated.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    urns(resource_type, texts(stated), is_present).into_iter().map(Value::from).collect()
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
        let used = urns(resource_type, listed.clone().flatten(), is_present);
        listed.eq(used.into_iter().map(Some))
    })
}

fn texts(stated: &[Value]) -> impl Iterator<Item = &str> {
    stated.iter().filter_map(Value::as_str)
}

/// In the order of the type or, where another one has stated more, in that in which they stand, so
/// that servers of different registries do not turn it over and over.
fn urns<'a>(
    resource_type: &'a ResourceType,
    stated: impl Iterator<Item = &'a str>,
    is_present: impl Fn(&str) -> bool,
) -> Vec<&'a str> {
    let extensions = resource_type.extensions().iter().map(|extension| extension.urn());
    let used = std::iter::once(resource_type.schema())
        .chain(extensions.filter(|urn| is_present(urn)))
        .collect::<Vec<_>>();
    let is_known = |urn: &str| resource_type.uses_schema(urn) || resource_type.has_member(urn);
    let is_used = |urn: &&str| used.contains(urn) || !is_known(urn) && is_present(urn);
    let mut all: Vec<_> = stated.filter(is_used).collect();
    if all.iter().all(|urn| used.contains(urn)) {
        return used;
    }
    all.extend(used.iter().filter(|urn| !all.contains(urn)).collect::<Vec<_>>());
    all
}
