//! Unique values.

use std::sync::Arc;

use crate::{
    config::UniqueNames,
    query::prepared_values,
    resource::{Difference, Object},
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

/// The unique values that a change takes.
pub(crate) fn taken(
    resource_type: &ResourceType,
    difference: &Difference<'_>,
    names: UniqueNames,
) -> Vec<Claim> {
    let Difference { before, after, .. } = difference;
    only_in(after, before, unique_in(resource_type, difference, names))
}

/// The unique values that a change gives up.
pub(crate) fn given_up(
    resource_type: &ResourceType,
    difference: &Difference<'_>,
    names: UniqueNames,
) -> Vec<Claim> {
    let Difference { before, after, .. } = difference;
    only_in(before, after, unique_in(resource_type, difference, names))
}

/// The claims of one document that another does not have.
fn only_in<'a>(
    document: &Object,
    other: &Object,
    attributes: impl Iterator<Item = &'a Arc<Attribute>>,
) -> Vec<Claim> {
    attributes
        .flat_map(|attribute| {
            let kept = claims_of(attribute, other);
            claims_of(attribute, document).into_iter().filter(move |claim| !kept.contains(claim))
        })
        .collect()
}

fn unique_in<'a>(
    resource_type: &'a ResourceType,
    difference: &Difference<'_>,
    names: UniqueNames,
) -> impl Iterator<Item = &'a Arc<Attribute>> {
    unique_attributes(resource_type, names).filter(|attribute| difference.touches(attribute))
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
