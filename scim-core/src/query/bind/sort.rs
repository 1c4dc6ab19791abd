//! What `sortBy` names (RFC 7644 §3.4.2.3).

use std::sync::Arc;

use scim_filter::Parser;

use crate::{
    error::{ScimError, ScimType},
    query::{SortKey, SortOrder},
    schema::{Attribute, AttributeType, ResourceType, Returned},
};

/// Resolves the path of `sortBy`.
///
/// A multi-valued complex attribute is sorted by its `value`; `meta.location` by `id`, which is
/// the same order.
///
/// ```
/// use scim_core::{query::{SortOrder, bind_sort}, schema::Registry};
///
/// let registry = Registry::standard();
/// let user = registry.resource_type("User").unwrap();
/// let key = bind_sort("emails", SortOrder::Ascending, user)?;
/// assert_eq!(key.attribute.path(), "emails.value");
/// assert!(bind_sort("name", SortOrder::Ascending, user).is_err());
/// # Ok::<_, scim_core::ScimError>(())
/// ```
///
/// # Errors
/// 400 `invalidValue` when the path is malformed, names no attribute of the type, a complex one
/// without an order (O-006), one that is never returned, or related resources. (`invalidPath` is
/// kept for PATCH.)
pub fn bind_sort(
    sort_by: &str,
    order: SortOrder,
    resource_type: &ResourceType,
) -> Result<SortKey, ScimError> {
    let refused = |detail: String| {
        let detail = format!("`sortBy` {detail}");
        ScimError::new(ScimType::InvalidValue, detail).at(sort_by)
    };
    let path = Parser::tolerant()
        .attr_path(sort_by)
        .map_err(|error| refused(format!("is no attribute path: {error}")))?;
    let attribute = resource_type
        .resolve(path.uri.as_deref(), &path.name, path.sub.as_deref())
        .ok_or_else(|| refused(format!("names no attribute of {}", resource_type.name())))?;
    let sortable =
        sortable_part(attribute, resource_type).map_err(|detail| refused(detail.to_owned()))?;
    Ok(SortKey { attribute: sortable.clone(), order })
}

fn sortable_part<'a>(
    attribute: &'a Arc<Attribute>,
    resource_type: &'a ResourceType,
) -> Result<&'a Arc<Attribute>, &'static str> {
    let part = match attribute.kind() {
        AttributeType::Complex => attribute
            .sub_attribute("value")
            .filter(|_| attribute.is_multi_valued())
            .ok_or("names a complex attribute: one of its sub-attributes is needed")?,
        _ => attribute,
    };
    let is_related =
        resource_type.relation_of(part).is_some() || resource_type.inverse_of(part).is_some();
    match part.path() {
        _ if part.returned() == Returned::Never => Err("names an attribute that is not shown"),
        _ if is_related => Err("names related resources, which have no order"),
        "meta.location" => Ok(resource_type.attribute("id").unwrap_or(part)),
        _ => Ok(part),
    }
}
