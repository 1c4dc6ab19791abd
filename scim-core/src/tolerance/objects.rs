//! A bare value where an object with a `value` is declared: `"manager": "26118915"`, members as
//! strings. An empty text is how some clients clear such an attribute.

use serde_json::{Value, json};

use crate::{
    schema::{Attribute, AttributeType},
    validate::{NoteRule, Notes},
};

pub(super) fn from_scalar(attribute: &Attribute, value: Value, notes: &mut Notes) -> Value {
    let has_value = attribute.sub_attribute("value").is_some();
    if attribute.kind() != AttributeType::Complex || !has_value {
        return value;
    }
    match value {
        Value::String(text) if text.is_empty() => {
            notes.add(attribute.path(), NoteRule::EmptyCleared);
            Value::Null
        }
        scalar @ (Value::String(_) | Value::Number(_)) => {
            notes.add(attribute.path(), NoteRule::ObjectFromScalar);
            json!({ "value": scalar })
        }
        other => other,
    }
}
