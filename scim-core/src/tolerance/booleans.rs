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
