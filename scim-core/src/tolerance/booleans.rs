//! `"True"` and `"False"`: how Entra ID writes booleans unless told otherwise.

use serde_json::Value;

use crate::{
    schema::{Attribute, AttributeType},
    validate::{NoteRule, Notes},
};

pub(super) fn from_text(attribute: &Attribute, value: Value, notes: &mut Notes) -> Value {
    let (AttributeType::Boolean, Value::String(text)) = (attribute.kind(), &value) else {
        return value;
    };
    let boolean = match text {
        text if text.eq_ignore_ascii_case("true") => true,
        text if text.eq_ignore_ascii_case("false") => false,
        _ => return value,
    };
    notes.add(attribute.path(), NoteRule::BooleanFromText);
    Value::Bool(boolean)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Registry;

    #[test]
    fn texts_become_booleans_where_one_is_declared() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let cases = [
            ("active", json!("True"), json!(true)),
            ("active", json!("fAlse"), json!(false)),
            ("active", json!("yes"), json!("yes")),
            ("active", json!(1), json!(1)),
            ("title", json!("True"), json!("True")),
        ];
        for (name, given, expected) in cases {
            let mut notes = Notes::default();
            let attribute = user.attribute(name).unwrap();
            let is_rewritten = given != expected;
            assert_eq!(from_text(attribute, given, &mut notes), expected, "{name}");
            assert_eq!(notes.is_empty(), !is_rewritten, "{name}");
        }
    }
}
