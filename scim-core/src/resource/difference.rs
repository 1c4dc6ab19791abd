//! In which attributes two versions of a document differ.

use std::sync::Arc;

use serde_json::Value;

use super::Object;
use crate::schema::{Attribute, ResourceType};

/// The attributes in which two sets of canonical values differ, in schema order: simple ones,
/// sub-attributes of single-valued complex ones, and multi-valued ones as a whole. Empty if the
/// values are equal.
pub fn changed(
    before: &Object,
    after: &Object,
    resource_type: &ResourceType,
) -> Vec<Arc<Attribute>> {
    let mut changed = Vec::new();
    compare(resource_type.attributes(), Some(before), Some(after), &mut changed);
    for extension in resource_type.extensions() {
        let (before, after) = (before.get(extension.urn()), after.get(extension.urn()));
        compare(extension.attributes(), object(before), object(after), &mut changed);
    }
    changed
}

fn compare(
    attributes: &[Arc<Attribute>],
    before: Option<&Object>,
    after: Option<&Object>,
    changed: &mut Vec<Arc<Attribute>>,
) {
    for attribute in attributes {
        let before = before.and_then(|it| it.get(attribute.name()));
        let after = after.and_then(|it| it.get(attribute.name()));
        if before == after {
            continue;
        }
        if attribute.is_multi_valued() || attribute.sub_attributes().is_empty() {
            changed.push(attribute.clone());
        } else {
            compare(attribute.sub_attributes(), object(before), object(after), changed);
        }
    }
}

fn object(value: Option<&Value>) -> Option<&Object> {
    value.and_then(Value::as_object)
}
