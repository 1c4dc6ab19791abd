//! What of a write's answer is shown because the request itself set it.

use std::sync::Arc;

use crate::{
    resource::{Object, attributes_in, value_of},
    schema::{Attribute, ResourceType},
};

/// The attributes that values assign, with the parts that these have.
pub(super) fn assigned(resource_type: &ResourceType, values: &Object) -> Vec<Arc<Attribute>> {
    let attributes = resource_type.all_attributes();
    let set = attributes.filter_map(|it| Some(attributes_in(it, value_of(it, values)?)));
    set.flatten().cloned().collect()
}
