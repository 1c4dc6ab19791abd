//! What of a write's answer is shown because the request itself set it.

use std::sync::Arc;

use crate::{
    resource::{Object, value_of},
    schema::{Attribute, ResourceType, Returned},
};

/// The attributes that values assign and that are returned on request only, without their parts.
pub(super) fn assigned(resource_type: &ResourceType, values: &Object) -> Vec<Arc<Attribute>> {
    let is_asked_for = |attribute: &&Arc<Attribute>| attribute.returned() == Returned::Request;
    let has = |attribute: &&Arc<Attribute>| value_of(attribute, values).is_some();
    resource_type.all_attributes().filter(is_asked_for).filter(has).cloned().collect()
}
