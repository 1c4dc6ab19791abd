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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Registry;

    #[test]
    fn bare_values_become_objects_that_can_hold_them() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let cases = [
            ("manager", json!("7"), json!({"value": "7"})),
            ("manager", json!(7), json!({"value": 7})),
            ("manager", json!(""), Value::Null),
            ("manager", json!({"value": "7"}), json!({"value": "7"})),
            ("manager", json!(true), json!(true)),
            ("emails", json!("x@y.z"), json!({"value": "x@y.z"})),
            ("name", json!("Barbara"), json!("Barbara")),
            ("title", json!(""), json!("")),
        ];
        for (name, given, expected) in cases {
            let mut notes = Notes::default();
            let attribute = user.resolve(None, name, None).unwrap();
            let is_rewritten = given != expected;
            assert_eq!(from_scalar(attribute, given, &mut notes), expected, "{name}");
            assert_eq!(notes.is_empty(), !is_rewritten, "{name}");
        }
    }
}
