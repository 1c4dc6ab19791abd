//! Attributes of an extension that stand outside of its object: `"department": "Tours"` beside
//! `userName`.

use serde_json::Value;

use crate::{
    resource::Object,
    schema::ResourceType,
    validate::{NoteRule, Notes},
};

/// Moves attributes that the one extension has and the base schema lacks into its object. What the
/// object says itself stays.
pub(super) fn qualify(resource_type: &ResourceType, body: &mut Object, notes: &mut Notes) {
    let is_known = |name: &str| {
        resource_type.attribute(name).is_some() || resource_type.extension(name).is_some()
    };
    let names: Vec<_> = body.keys().filter(|name| !is_known(name)).cloned().collect();
    for name in names {
        let Some(attribute) = resource_type.resolve(None, &name, None) else { continue };
        let Some(urn) = attribute.namespace() else { continue };
        let key = body.keys().find(|key| key.eq_ignore_ascii_case(urn)).cloned();
        let key = key.unwrap_or_else(|| urn.to_owned());
        let value = body.remove(&name).unwrap_or_default();
        let extension = body.entry(key).or_insert(Value::Null);
        if extension.is_null() {
            *extension = Value::Object(Object::new());
        }
        let Value::Object(extension) = extension else { continue };
        if !extension.keys().any(|key| key.eq_ignore_ascii_case(&name)) {
            extension.insert(name, value);
        }
        notes.add(attribute.path(), NoteRule::ExtensionQualified);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{Registry, builtin::ENTERPRISE_USER};

    fn qualified(body: Value) -> (Value, usize) {
        let registry = Registry::standard();
        let Value::Object(mut body) = body else { panic!() };
        let mut notes = Notes::default();
        qualify(registry.resource_type("User").unwrap(), &mut body, &mut notes);
        (Value::Object(body), notes.iter().count())
    }

    #[test]
    fn attributes_move_into_their_extension() {
        let cases = [
            (json!({"title": "x", "foo": 1}), json!({"title": "x", "foo": 1}), 0),
            (json!({"department": "T"}), json!({ENTERPRISE_USER: {"department": "T"}}), 1),
            (
                json!({"department": "T", ENTERPRISE_USER: {"Department": "U"}}),
                json!({ENTERPRISE_USER: {"Department": "U"}}),
                1,
            ),
            (
                json!({"manager": "7", ENTERPRISE_USER: null}),
                json!({ENTERPRISE_USER: {"manager": "7"}}),
                1,
            ),
        ];
        for (given, expected, count) in cases {
            assert_eq!(qualified(given), (expected, count));
        }
    }
}
