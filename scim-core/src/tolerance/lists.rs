//! One value where a list is declared, as in templates that administrators write.

use serde_json::Value;

use crate::{
    schema::Attribute,
    validate::{NoteRule, Notes},
};

pub(super) fn wrap(attribute: &Attribute, value: Value, notes: &mut Notes) -> Value {
    match value {
        Value::Array(_) | Value::Null => value,
        single => {
            notes.add(attribute.path(), NoteRule::ListFromSingle);
            Value::Array(vec![single])
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Registry;

    #[test]
    fn one_value_becomes_a_list() {
        let registry = Registry::standard();
        let emails = registry.resource_type("User").unwrap().attribute("emails").unwrap().clone();
        let cases = [
            (json!({"value": "x@y.z"}), json!([{"value": "x@y.z"}])),
            (json!("x@y.z"), json!(["x@y.z"])),
            (json!([]), json!([])),
            (Value::Null, Value::Null),
        ];
        for (given, expected) in cases {
            let mut notes = Notes::default();
            let is_rewritten = given != expected;
            assert_eq!(wrap(&emails, given, &mut notes), expected);
            assert_eq!(notes.is_empty(), !is_rewritten);
        }
    }
}
