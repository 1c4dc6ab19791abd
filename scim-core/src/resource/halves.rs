//! The visible and the hidden half of the values of a document.

use std::sync::Arc;

use serde_json::Value;

use super::{Object, value_of};
use crate::schema::{Attribute, ResourceType, Returned};

/// Whether any of the values may belong to the hidden part; mostly none does, and the values are
/// written out as they are.
pub(super) fn hides_any(resource_type: &ResourceType, values: &Object) -> bool {
    // An extension without values is left out by `split`.
    let is_empty = |urn| values.get(urn).and_then(Value::as_object).is_some_and(Object::is_empty);
    let mut hiding = resource_type.all_attributes().filter(|attribute| attribute.may_be_hidden());
    hiding.any(|attribute| value_of(attribute, values).is_some())
        || resource_type.extensions().iter().any(|extension| is_empty(extension.urn()))
}

/// The visible and the hidden part of values. What the type does not know stays in the half in which
/// it was `before`: another definition of the type may hide it.
pub(super) fn split(
    resource_type: &ResourceType,
    values: &Object,
    before: Option<&Object>,
) -> (Object, Object) {
    let mut visible = Object::new();
    let mut hidden = Object::new();
    for (name, value) in values {
        let was = before.and_then(|before| before.get(name));
        let parts = match (resource_type.attribute(name), resource_type.extension(name), value) {
            (Some(attribute), _, _) => split_attribute(attribute, value, was),
            (None, Some(extension), Value::Object(object)) => {
                let find = |name: &str| extension.attribute(name);
                non_empty_parts(split_object(object, was, find, split_attribute))
            }
            _ => split_unknown(value, was),
        };
        visible.extend(parts.0.map(|value| (name.clone(), value)));
        hidden.extend(parts.1.map(|value| (name.clone(), value)));
    }
    (visible, hidden)
}

type Parts = (Option<Value>, Option<Value>);

fn split_attribute(attribute: &Attribute, value: &Value, was: Option<&Value>) -> Parts {
    if is_hidden(attribute) {
        return (None, Some(value.clone()));
    }
    if !attribute.may_be_hidden() && was.is_none() {
        return (Some(value.clone()), None);
    }
    let split = |object: &Object, was: Option<&Value>| split_parts(attribute, object, was);
    match value {
        Value::Array(elements) => split_elements(elements, was, split),
        Value::Object(object) => non_empty_parts(split(object, was)),
        other => (Some(other.clone()), None),
    }
}

/// What nobody knows stays where it was.
fn split_unknown(value: &Value, was: Option<&Value>) -> Parts {
    let split = |object: &Object, was: Option<&Value>| {
        split_object(object, was, |_| None, |_, value, was| split_unknown(value, was))
    };
    match (value, was) {
        (_, None) => (Some(value.clone()), None),
        (_, Some(was)) if was == value => (None, Some(value.clone())),
        (Value::Array(elements), was) => split_elements(elements, was, split),
        (Value::Object(object), was) => non_empty_parts(split(object, was)),
        _ => (None, Some(value.clone())),
    }
}

/// What is hidden of each value stands where it belongs; of a value that has nothing to show, in a
/// list of its own, as none stands for it in the visible part.
fn split_elements(
    elements: &[Value],
    was: Option<&Value>,
    split: impl Fn(&Object, Option<&Value>) -> (Object, Object),
) -> Parts {
    let (mut shown, mut kept) = (Vec::new(), Vec::with_capacity(elements.len()));
    let mut is_hiding = false;
    let mut was = was.and_then(Value::as_array).into_iter().flatten();
    for element in elements {
        let was = was.next().map(|it| it.as_array().and_then(|only| only.first()).unwrap_or(it));
        let (visible, hidden) = match element {
            Value::Object(object) => split(object, was),
            other => {
                shown.push(other.clone());
                kept.push(Value::Object(Object::new()));
                continue;
            }
        };
        is_hiding |= !hidden.is_empty();
        kept.push(match visible.is_empty() {
            true => Value::Array(vec![Value::Object(hidden)]),
            false => Value::Object(hidden),
        });
        shown.extend(non_empty(visible));
    }
    let shown = (!shown.is_empty()).then_some(Value::Array(shown));
    (shown, is_hiding.then_some(Value::Array(kept)))
}

fn split_parts(attribute: &Attribute, object: &Object, was: Option<&Value>) -> (Object, Object) {
    split_object(
        object,
        was,
        |name| attribute.sub_attribute(name),
        |sub, value, _| match is_hidden(sub) {
            true => (None, Some(value.clone())),
            false => (Some(value.clone()), None),
        },
    )
}

fn split_object<'a>(
    object: &Object,
    was: Option<&Value>,
    find: impl Fn(&str) -> Option<&'a Arc<Attribute>>,
    split: impl Fn(&Attribute, &Value, Option<&Value>) -> Parts,
) -> (Object, Object) {
    let mut shown = Object::new();
    let mut kept = Object::new();
    for (name, value) in object {
        let was = was.and_then(|was| was.get(name));
        let parts = match find(name) {
            Some(attribute) => split(attribute, value, was),
            None => split_unknown(value, was),
        };
        shown.extend(parts.0.map(|value| (name.clone(), value)));
        kept.extend(parts.1.map(|value| (name.clone(), value)));
    }
    (shown, kept)
}

fn non_empty_parts((shown, kept): (Object, Object)) -> Parts {
    (non_empty(shown), non_empty(kept))
}

fn is_hidden(attribute: &Attribute) -> bool {
    matches!(attribute.returned(), Returned::Never | Returned::Request)
}

fn non_empty(object: Object) -> Option<Value> {
    (!object.is_empty()).then_some(Value::Object(object))
}

/// Puts the hidden part back: objects are joined by name, arrays by position.
pub(super) fn merge(visible: &mut Object, hidden: Object) {
    for (name, kept) in hidden {
        match (visible.get_mut(&name), kept) {
            (Some(Value::Object(shown)), Value::Object(kept)) => merge(shown, kept),
            (Some(Value::Array(shown)), Value::Array(kept)) => merge_elements(shown, kept),
            (None, Value::Array(kept)) => {
                let elements = kept.into_iter().map(|it| alone(it).unwrap_or_else(|it| it));
                visible.insert(name, elements.collect());
            }
            (_, kept) => {
                visible.insert(name, kept);
            }
        }
    }
}

fn merge_elements(shown: &mut Vec<Value>, hidden: Vec<Value>) {
    let mut visible = std::mem::take(shown).into_iter();
    for kept in hidden {
        match alone(kept) {
            Ok(kept) => shown.push(kept),
            Err(kept) => {
                let Some(mut element) = visible.next() else { continue };
                if let (Value::Object(element), Value::Object(kept)) = (&mut element, kept) {
                    merge(element, kept);
                }
                shown.push(element);
            }
        }
    }
    shown.extend(visible);
}

/// A value that nothing stands for in the visible part, or else what it is.
fn alone(kept: Value) -> Result<Value, Value> {
    match kept {
        Value::Array(mut only) if only.len() == 1 => only.pop().ok_or(Value::Null),
        other => Err(other),
    }
}
