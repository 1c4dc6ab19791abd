//! Resources in answers, as SCIM 1.1 shows them (core schema §5).

use serde_json::Value;

use super::{
    locale,
    names::{Names, part_shown},
};
use crate::{
    resource::Object,
    schema::{Attribute, Extension, is_element_name},
};

impl Names<'_> {
    /// Turns what SCIM 2.0 shows into what SCIM 1.1 does. Values that a host put in place of
    /// others stay as they are.
    pub(crate) fn show(&self, resource: &mut Object) {
        let shown = std::mem::take(resource).into_iter().filter_map(|(name, value)| {
            if name == "schemas" {
                return Some((name, self.schemas(value)));
            }
            if let Some(attribute) = self.resource_type.attribute(&name) {
                return is_element_name(&name).then(|| (name, shown(attribute, value)));
            }
            match self.resource_type.extension(&name) {
                Some(extension) => {
                    let urn = self.urns.shown(extension.urn()).to_owned();
                    Some((urn, extension_shown(extension, value)))
                }
                None => Some((name, value)),
            }
        });
        *resource = shown.collect();
        if let Some(Value::Object(meta)) = resource.get_mut("meta") {
            meta.remove("resourceType");
        }
    }

    fn schemas(&self, urns: Value) -> Value {
        let Value::Array(urns) = urns else { return urns };
        let mut shown: Vec<Value> = Vec::with_capacity(urns.len());
        for urn in urns {
            let urn = urn.as_str().map(|urn| Value::from(self.urns.shown(urn))).unwrap_or(urn);
            if !shown.contains(&urn) {
                shown.push(urn);
            }
        }
        shown.into()
    }
}

fn extension_shown(extension: &Extension, value: Value) -> Value {
    let Value::Object(values) = value else { return value };
    let shown = values.into_iter().filter_map(|(name, value)| match extension.attribute(&name) {
        Some(attribute) => is_element_name(&name).then(|| (name, shown(attribute, value))),
        None => Some((name, value)),
    });
    Value::Object(shown.collect())
}

fn shown(attribute: &Attribute, value: Value) -> Value {
    match value {
        Value::Array(values) => values.into_iter().map(|value| shown(attribute, value)).collect(),
        Value::Object(parts) => {
            let parts = parts.into_iter().filter_map(|(name, value)| {
                let shown_name = part_shown(attribute, &name)?.to_owned();
                let value = match attribute.sub_attribute(&name) {
                    Some(part) => shown(part, value),
                    None => value,
                };
                Some((shown_name, value))
            });
            Value::Object(parts.collect())
        }
        value => locale::shown(attribute, value),
    }
}
