//! What stays of stored values where a client puts others in their place.

use std::collections::HashMap;

use serde_json::Value;

use super::Identity;
use crate::{
    resource::Object,
    schema::{Attribute, Mutability},
};

/// Values that are the same as stored ones keep the parts that clients do not write, or left out
/// and need not repeat. They may be exchanged for others as a whole, so that nothing is refused
/// (A-035, A-045; RFC 7643 §4.2).
pub(crate) fn carry_elements(attribute: &Attribute, stored: &[Value], given: &mut [Value]) {
    let is_kept = |it: Mutability| it != Mutability::ReadWrite;
    if !attribute.sub_attributes().iter().any(|part| is_kept(part.mutability())) {
        return;
    }
    let stored: HashMap<_, _> = stored.iter().map(|it| (Identity::of(attribute, it), it)).collect();
    for element in given {
        let before = stored.get(&Identity::of(attribute, element)).and_then(|it| it.as_object());
        if let (Some(before), Value::Object(element)) = (before, element) {
            carry(attribute, before, element, is_kept);
        }
    }
}

/// A single value keeps the parts that clients do not write.
pub(crate) fn carry_read_only(attribute: &Attribute, stored: &Object, given: &mut Object) {
    carry(attribute, stored, given, |it| it == Mutability::ReadOnly);
}

fn carry(
    attribute: &Attribute,
    stored: &Object,
    given: &mut Object,
    is_kept: impl Fn(Mutability) -> bool,
) {
    for part in attribute.sub_attributes().iter().filter(|part| is_kept(part.mutability())) {
        if let (None, Some(value)) = (given.get(part.name()), stored.get(part.name())) {
            given.insert(part.name().to_owned(), value.clone());
        }
    }
}
