//! Unique values, and the text that stands for a resource where others refer to it.

use std::sync::Arc;

use serde_json::Value;

use crate::{
    config::UniqueNames,
    query::prepared_values,
    resource::Object,
    schema::{Attribute, ResourceType, Uniqueness},
    store::Claim,
};

/// The unique values that a document holds (RFC 7643 §7, `uniqueness`).
pub(crate) fn claims(
    resource_type: &ResourceType,
    values: &Object,
    names: UniqueNames,
) -> Vec<Claim> {
    unique_attributes(resource_type, names)
        .flat_map(|attribute| claims_of(attribute, values))
        .collect()
}

/// The claims of one document that another does not have.
pub(crate) fn difference(
    resource_type: &ResourceType,
    from: &Object,
    without: &Object,
    names: UniqueNames,
) -> Vec<Claim> {
    unique_attributes(resource_type, names)
        .flat_map(|attribute| {
            let kept = claims_of(attribute, without);
            claims_of(attribute, from).into_iter().filter(move |claim| !kept.contains(claim))
        })
        .collect()
}

fn claims_of(attribute: &Arc<Attribute>, values: &Object) -> Vec<Claim> {
    let claim = |value| Claim { attribute: attribute.clone(), value };
    prepared_values(attribute, values).into_iter().map(claim).collect()
}

fn unique_attributes(
    resource_type: &ResourceType,
    names: UniqueNames,
) -> impl Iterator<Item = &Arc<Attribute>> {
    let is_unique = |attribute: &Attribute| attribute.uniqueness() != Uniqueness::None;
    let name = group_name(resource_type).filter(|attribute| !is_unique(attribute));
    resource_type
        .all_attributes()
        .flat_map(|attribute| std::iter::once(attribute).chain(attribute.sub_attributes()))
        .filter(move |attribute| is_unique(attribute) && attribute.path() != "id")
        .chain(name.filter(|_| names == UniqueNames::Groups))
}

/// What clients call a group by.
fn group_name(resource_type: &ResourceType) -> Option<&Arc<Attribute>> {
    let is_group = !resource_type.relations().is_empty();
    resource_type.attribute("displayName").filter(|_| is_group)
}

/// The `display` of a resource: its `displayName`, else its `userName`, else its `name`.
pub(crate) fn label(values: &Object) -> Option<Box<str>> {
    ["displayName", "userName", "name"]
        .iter()
        .find_map(|name| values.get(*name).and_then(Value::as_str))
        .map(Into::into)
}
