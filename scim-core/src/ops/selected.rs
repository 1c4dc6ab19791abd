//! What of a write's answer is shown because the request itself set it.

use std::sync::Arc;

use crate::{
    resource::Object,
    schema::{Attribute, ResourceType},
};

/// The attributes that values assign, without their parts.
pub(super) fn assigned(resource_type: &ResourceType, values: &Object) -> Vec<Arc<Attribute>> {
    let has = |attribute: &&Arc<Attribute>| match attribute.namespace() {
        None => values.contains_key(attribute.name()),
        Some(urn) => values.get(urn).is_some_and(|it| it.get(attribute.name()).is_some()),
    };
    resource_type.all_attributes().filter(has).cloned().collect()
}
