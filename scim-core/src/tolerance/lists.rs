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
