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

/// The unique attributes among those that differ, and their parts.
fn unique_in<'d>(
    resource_type: &ResourceType,
    difference: &'d Difference<'_>,
    names: UniqueNames,
) -> impl Iterator<Item = &'d Arc<Attribute>> {
    let name = group_name(resource_type).filter(|_| names == UniqueNames::Groups);
    with_parts(difference.changed.iter())
        .filter(move |attribute| is_unique(attribute) || name == Some(attribute))
}

fn claims_of(attribute: &Arc<Attribute>, values: &Object) -> Vec<Claim> {
    let claim = |value| Claim { attribute: attribute.clone(), value };
    prepared_values(attribute, values).into_iter().map(claim).collect()
}

fn unique_attributes(
    resource_type: &ResourceType,
    names: UniqueNames,
) -> impl Iterator<Item = &Arc<Attribute>> {
    let name = group_name(resource_type).filter(|attribute| !is_unique(attribute));
    resource_type.unique_attributes().chain(name.filter(|_| names == UniqueNames::Groups))
}

fn with_parts<'a>(
    attributes: impl Iterator<Item = &'a Arc<Attribute>>,
) -> impl Iterator<Item = &'a Arc<Attribute>> {
    attributes.flat_map(|attribute| std::iter::once(attribute).chain(attribute.sub_attributes()))
}

/// Ids are unique without a claim.
fn is_unique(attribute: &Attribute) -> bool {
    attribute.uniqueness() != Uniqueness::None && attribute.path() != "id"
}

/// What clients call a group by.
fn group_name(resource_type: &ResourceType) -> Option<&Arc<Attribute>> {
    let is_group = !resource_type.relations().is_empty();
    resource_type.attribute("displayName").filter(|_| is_group)
}
