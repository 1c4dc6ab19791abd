//! A list where one value is declared: old samples of Entra ID write `"manager": [{…}]`.

use serde_json::Value;

use crate::{
    schema::Attribute,
    validate::{NoteRule, Notes},
};

/// An empty list stands for no value.
pub(super) fn empty_to_null(attribute: &Attribute, value: Value, notes: &mut Notes) -> Value {
    match value {
        Value::Array(values) if values.is_empty() => {
            notes.add(attribute.path(), NoteRule::EmptyCleared);
            Value::Null
        }
        other => other,
    }
}

/// A list of one stands for the one; a longer one says nothing clear and stays.
pub(super) fn only_element(attribute: &Attribute, value: Value, notes: &mut Notes) -> Value {
    match value {
        Value::Array(mut values) if values.len() == 1 => {
            notes.add(attribute.path(), NoteRule::SingleFromList);
            values.pop().unwrap_or_default()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::Registry;

    #[test]
    fn a_list_of_one_is_the_one() {
        let registry = Registry::standard();
        let name = registry.resource_type("User").unwrap().attribute("name").unwrap().clone();
        let mut notes = Notes::default();
        let cases = [
            (json!([{"givenName": "B"}]), json!({"givenName": "B"})),
            (json!([1, 2]), json!([1, 2])),
            (json!([]), json!([])),
            (json!("x"), json!("x")),
        ];
        for (given, expected) in cases {
            assert_eq!(only_element(&name, given, &mut notes), expected);
        }
        assert_eq!(notes.iter().count(), 1);
        assert_eq!(empty_to_null(&name, json!([]), &mut notes), Value::Null);
        assert_eq!(empty_to_null(&name, json!([1]), &mut notes), json!([1]));
    }
}
