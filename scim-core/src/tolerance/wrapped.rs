//! The name of the attribute repeated around its values: Salesforce removes members with
//! `"path": "members", "value": {"members": [{"value": "…"}]}`.

use serde_json::Value;

use crate::{
    schema::Attribute,
    validate::{NoteRule, Notes},
};

/// What stands inside, where an object has the attribute's own name and nothing else.
pub(crate) fn unwrapped(attribute: &Attribute, value: Value, notes: &mut Notes) -> Value {
    let Value::Object(object) = value else { return value };
    let repeats = object.len() == 1
        && object.keys().any(|name| name.eq_ignore_ascii_case(attribute.name()))
        && attribute.sub_attribute(attribute.name()).is_none();
    if !repeats {
        return Value::Object(object);
    }
    notes.add(attribute.path(), NoteRule::ValuesUnwrapped);
    object.into_iter().next().map(|(_, values)| values).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Registry;

    #[test]
    fn values_come_out_of_their_wrapping() {
        let registry = Registry::standard();
        let members = registry.resource_type("Group").unwrap().attribute("members").unwrap();
        let mut notes = Notes::default();
        let cases = [
            (json!({"members": [{"value": "a"}]}), json!([{"value": "a"}])),
            (json!({"Members": "a"}), json!("a")),
            (json!({"value": "a"}), json!({"value": "a"})),
            (json!([{"members": []}]), json!([{"members": []}])),
        ];
        for (given, expected) in cases {
            assert_eq!(unwrapped(members, given, &mut notes), expected);
        }
        assert_eq!(notes.iter().count(), 2);
    }
}
