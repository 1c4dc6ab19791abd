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
    let read_only = parts(attribute, |it| it == Mutability::ReadOnly);
    carry_known_again(attribute, &kept, &read_only, stored, given);
}

/// Values that are the same as stored ones in all that can be seen keep the parts that cannot
/// (U-016).
pub(crate) fn carry_unseen(
    attribute: &Attribute,
    unseen: &[&Arc<Attribute>],
    stored: &[Value],
    given: &mut [Value],
) {
    carry_known_again(attribute, unseen, unseen, stored, given);
}

/// A single value keeps the parts that clients do not write or see, or need not repeat (A-035, A-045,
/// U-016), unless another name makes it another one: the name of one manager is not that of the next.
pub(crate) fn carry_single(
    attribute: &Attribute,
    unseen: &[Arc<Attribute>],
    stored: &Value,
    given: &mut Value,
) {
    let (Value::Object(stored), Value::Object(given)) = (stored, given) else { return };
    if has_same_name(attribute, stored, given) {
        let mut kept = parts(attribute, |it| it != Mutability::ReadWrite);
        kept.extend(unseen);
        carry(&kept, stored, given);
    }
}

/// What says which thing a complex value is about: its `value`, or its `$ref` where it has none.
pub(crate) const NAMES: [&str; 2] = ["value", "$ref"];

/// What a part was before a change.
pub(crate) enum Former {
    /// What it is.
    Unchanged,
    Was(Option<Value>),
}

/// Drops what the host said of a complex value if it has another name now.
pub(crate) fn drop_outdated(attribute: &Attribute, before: [Former; 2], object: &mut Object) {
    let mut names = NAMES.into_iter().zip(before).filter(|(name, _)| !is_secret(attribute, name));
    let is_other = names.find_map(|(name, former)| {
        let now = object.get(name);
        match former {
            Former::Unchanged => now.map(|_| false),
            Former::Was(None) if now.is_none() => None,
            Former::Was(before) => {
                let key = |value| Key::of_part(attribute, name, value);
                Some(before.as_ref() != now && key(before.as_ref()) != key(now))
            }
        }
    });
    if is_other == Some(true) {
        for part in parts(attribute, |it| it == Mutability::ReadOnly) {
            object.remove(part.name());
        }
    }
}

/// Whether a part is kept otherwise than it came, so that it cannot say anything.
fn is_secret(attribute: &Attribute, name: &str) -> bool {
    let part = attribute.sub_attribute(name);
    part.is_some_and(|part| part.mutability() == Mutability::WriteOnly)
}

fn has_same_name(attribute: &Attribute, one: &Object, other: &Object) -> bool {
    let names = || NAMES.into_iter().filter(|name| !is_secret(attribute, name));
    let key = |it: &Object| names().find_map(|name| Key::of_part(attribute, name, it.get(name)));
    key(one) == key(other)
}

fn parts(attribute: &Attribute, are: impl Fn(Mutability) -> bool) -> Vec<&Arc<Attribute>> {
    attribute.sub_attributes().iter().filter(|part| are(part.mutability())).collect()
}

/// Values are known again without the parts that clients cannot repeat.
fn carry_known_again(
    attribute: &Attribute,
    kept: &[&Arc<Attribute>],
    unrepeated: &[&Arc<Attribute>],
    stored: &[Value],
    given: &mut [Value],
) {
    if kept.is_empty() {
        return;
    }
    let known_by = |element| Identity::of(attribute, &without(unrepeated, element));
    let stored: HashMap<_, _> = stored.iter().map(|it| (known_by(it), it)).collect();
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
