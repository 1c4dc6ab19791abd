//! What of a write's answer is shown because the request itself set it.

use std::sync::Arc;

use crate::{
    resource::{Object, value_of},
    schema::{Attribute, ResourceType},
};

/// The attributes that values assign, without their parts.
pub(super) fn assigned(resource_type: &ResourceType, values: &Object) -> Vec<Arc<Attribute>> {
    let has = |attribute: &&Arc<Attribute>| value_of(attribute, values).is_some();
    resource_type.all_attributes().filter(has).cloned().collect()
}
