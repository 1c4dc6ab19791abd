//! Where the value of an attribute stands among the values of a resource.

use std::{iter::once, slice, sync::Arc};

use serde_json::Value;

use super::Object;
use crate::schema::Attribute;

/// The value of an attribute, or of a part of a single complex one.
pub(crate) fn value_of<'v>(attribute: &Attribute, values: &'v Object) -> Option<&'v Value> {
    let mut around = around(attribute);
    around.try_fold(values, |object, name| object.get(name)?.as_object())?.get(attribute.name())
}

/// Whether there is a value of an attribute, or of a part of one in at least one of its values.
pub(crate) fn has_value(attribute: &Attribute, values: &Object) -> bool {
    let way: Vec<_> = around(attribute).chain([attribute.name()]).collect();
    leads_to_value(values, &way)
}

/// An attribute that has this value, and those of its parts that the value has.
pub(crate) fn attributes_in<'a>(
    attribute: &'a Arc<Attribute>,
    value: &'a Value,
) -> impl Iterator<Item = &'a Arc<Attribute>> {
    let elements = value.as_array().map_or(slice::from_ref(value), Vec::as_slice);
    let has = |part: &&Arc<Attribute>| elements.iter().any(|it| it.get(part.name()).is_some());
    once(attribute).chain(attribute.sub_attributes().iter().filter(has))
}

/// Takes the value of an attribute, or of a part of a single complex one, out of the objects around
/// it, which stay.
pub(crate) fn take_value(attribute: &Attribute, values: &mut Object) -> Option<Value> {
    let mut around = around(attribute);
    let inner = around.try_fold(values, |object, name| object.get_mut(name)?.as_object_mut());
    inner?.remove(attribute.name())
}

/// Whether it is the value of a list that counts before the others (RFC 7643 §2.4).
pub(crate) fn is_primary(element: &Value) -> bool {
    element.get("primary") == Some(&Value::Bool(true))
}

/// Sets or takes away the value of an attribute, or of a part of a single complex one, with the
/// objects around it: none of them stays without content.
pub(crate) fn set_value(attribute: &Attribute, values: &mut Object, value: Option<Value>) {
    let way: Vec<_> = around(attribute).chain([attribute.name()]).collect();
    set(values, &way, value);
}

/// Names of the objects that hold the value, from the outside in.
fn around(attribute: &Attribute) -> impl Iterator<Item = &str> {
    [attribute.namespace(), attribute.parent_name()].into_iter().flatten()
}

fn leads_to_value(values: &Object, way: &[&str]) -> bool {
    let Some((name, rest)) = way.split_first() else { return true };
    match (values.get(*name), rest) {
        (value, []) => value.is_some(),
        (Some(Value::Object(inner)), rest) => leads_to_value(inner, rest),
        (Some(Value::Array(elements)), rest) => {
            elements.iter().filter_map(Value::as_object).any(|it| leads_to_value(it, rest))
        }
        _ => false,
    }
}

fn set(values: &mut Object, way: &[&str], value: Option<Value>) {
    let Some((name, rest)) = way.split_first() else { return };
    match (rest, value) {
        ([], Some(value)) => {
            values.insert((*name).to_owned(), value);
        }
        ([], None) => {
            values.remove(*name);
        }
        (rest, value) => {
            let inner = values.entry(*name).or_insert_with(|| Object::new().into());
            let Value::Object(inner) = inner else { return };
            set(inner, rest, value);
            if inner.is_empty() {
                values.remove(*name);
            }
        }
    }
}
