//! What stays of stored values where a client puts others in their place.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{Identity, Key};
use crate::{
    resource::Object,
    schema::{Attribute, Mutability},
};

/// Values that are the same as stored ones keep the parts that clients do not write, or left out
/// and need not repeat. They may be exchanged for others as a whole, so that nothing is refused
/// (A-035, A-045; RFC 7643 §4.2).
pub(crate) fn carry_elements(attribute: &Attribute, stored: &[Value], given: &mut [Value]) {
    let kept = parts(attribute, |it| it != Mutability::ReadWrite);
    carry_known_again(attribute, &kept, stored, given, Identity::of);
}

/// Values that are the same as stored ones in all that can be seen keep the parts that cannot
/// (U-016).
pub(crate) fn carry_unseen(
    attribute: &Attribute,
    unseen: &[&Arc<Attribute>],
    stored: &[Value],
    given: &mut [Value],
) {
    carry_known_again(attribute, unseen, stored, given, |attribute, element| {
        Identity::of(attribute, &without(unseen, element))
    });
}

/// A single value keeps the parts that clients do not write or see (A-035, A-045, U-016), unless
/// another name makes it another one: the name of one manager is not that of the next.
pub(crate) fn carry_single(
    attribute: &Attribute,
    unseen: &[Arc<Attribute>],
    stored: &Value,
    given: &mut Value,
) {
    let (Value::Object(stored), Value::Object(given)) = (stored, given) else { return };
    if name_of(attribute, stored) == name_of(attribute, given) {
        let mut kept = parts(attribute, |it| it == Mutability::ReadOnly);
        kept.extend(unseen);
        carry(&kept, stored, given);
    }
}

/// Drops what the host said of the value of this name, if it has another name now.
pub(crate) fn drop_outdated(attribute: &Attribute, name: Option<&Key>, object: &mut Object) {
    if name != name_of(attribute, object).as_ref() {
        for part in parts(attribute, |it| it == Mutability::ReadOnly) {
            object.remove(part.name());
        }
    }
}

/// What says which thing a complex value is about: its `value`, or its `$ref` where it has none.
pub(crate) fn name_of(attribute: &Attribute, object: &Object) -> Option<Key> {
    ["value", "$ref"].iter().find_map(|name| Key::of_part(attribute, name, object.get(*name)))
}

fn parts(attribute: &Attribute, are: impl Fn(Mutability) -> bool) -> Vec<&Arc<Attribute>> {
    attribute.sub_attributes().iter().filter(|part| are(part.mutability())).collect()
}

fn carry_known_again(
    attribute: &Attribute,
    kept: &[&Arc<Attribute>],
    stored: &[Value],
    given: &mut [Value],
    known_by: impl Fn(&Attribute, &Value) -> Identity,
) {
    if kept.is_empty() {
        return;
    }
    let stored: HashMap<_, _> = stored.iter().map(|it| (known_by(attribute, it), it)).collect();
    for element in given {
        let before = stored.get(&Identity::of(attribute, element)).and_then(|it| it.as_object());
        if let (Some(before), Value::Object(element)) = (before, element) {
            carry(kept, before, element);
        }
    }
}

fn carry(kept: &[&Arc<Attribute>], stored: &Object, given: &mut Object) {
    for part in kept {
        if let (None, Some(value)) = (given.get(part.name()), stored.get(part.name())) {
            given.insert(part.name().to_owned(), value.clone());
        }
    }
}

fn without(parts: &[&Arc<Attribute>], element: &Value) -> Value {
    let mut element = element.clone();
    if let Value::Object(element) = &mut element {
        element.retain(|name, _| !parts.iter().any(|part| part.name() == name));
    }
    element
}
