//! A whole body as POST and PUT carry it.

use serde_json::Value;

use super::{
    NoteRule, Notes, Rules,
    scalar::describe,
    schemas,
    value::{in_place, insert_once, unknown, value},
};
use crate::{
    error::{ScimError, ScimType},
    resource::{Object, set_schemas},
    schema::{Attribute, Extension, Mutability, Registry, ResourceType},
};

/// The canonical values of a body; `schemas` is derived from what is there.
///
/// readOnly attributes are left out and noted (C-001, U-008). Whether required ones are present is
/// asked separately, because a PUT may leave some to what is stored.
///
/// # Errors
/// 400 `invalidSyntax` for a body that is no object or is of another resource type, and for
/// unknown attributes where they are refused; 400 `invalidValue` for values of the wrong type.
pub(crate) fn resource(
    registry: &Registry,
    resource_type: &ResourceType,
    body: Value,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<Object, ScimError> {
    let Value::Object(mut body) = body else {
        let detail = format!("expected a JSON object, found {}", describe(&body));
        return Err(ScimError::new(ScimType::InvalidSyntax, detail));
    };
    let named = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas"));
    schemas::check(registry, resource_type, named.map(|(_, urns)| urns), notes, rules)?;
    rules.tolerance.rewrite_body(resource_type, &mut body, notes);
    let is_spelt = |name: &String| match resource_type.attribute(name) {
        Some(attribute) => attribute.name() == name && is_writable(attribute),
        None => resource_type.extension(name).is_some_and(|extension| extension.urn() == name),
    };
    let mut canonical = if body.keys().all(is_spelt) {
        in_place(body, |name, given| match resource_type.attribute(name) {
            Some(attribute) if attribute.path() == "schemas" => Ok(Some(given)),
            Some(attribute) => value(attribute, given, notes, rules),
            None => match resource_type.extension(name) {
                Some(extension) => extension_value(extension, given, notes, rules),
                None => Ok(None),
            },
        })?
    } else {
        rebuilt(resource_type, body, notes, rules)?
    };
    set_schemas(resource_type, &mut canonical);
    Ok(canonical)
}

fn rebuilt(
    resource_type: &ResourceType,
    body: Object,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<Object, ScimError> {
    let mut canonical = Object::new();
    for (name, given) in body {
        if let Some(attribute) = resource_type.attribute(&name) {
            assign(&mut canonical, name, attribute, given, notes, rules)?;
        } else if let Some(extension) = resource_type.extension(&name) {
            let value = extension_value(extension, given, notes, rules)?;
            let twice = value.and_then(|it| canonical.insert(extension.urn().to_owned(), it));
            if twice.is_some() {
                return Err(
                    ScimError::new(ScimType::InvalidSyntax, "given twice").at(extension.urn())
                );
            }
        } else {
            unknown(name, notes, rules)?;
        }
    }
    Ok(canonical)
}

fn assign(
    object: &mut Object,
    name: String,
    attribute: &Attribute,
    given: Value,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<(), ScimError> {
    if attribute.path() == "schemas" {
        return Ok(());
    }
    if !is_writable(attribute) {
        notes.add(attribute.path(), NoteRule::ReadOnly);
        return Ok(());
    }
    match value(attribute, given, notes, rules)? {
        Some(canonical) => insert_once(object, name, attribute, canonical),
        None => Ok(()),
    }
}

fn extension_value(
    extension: &Extension,
    given: Value,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<Option<Value>, ScimError> {
    let given = match given {
        Value::Object(given) => given,
        Value::Null => return Ok(None),
        other => {
            let detail = format!("expected an object, found {}", describe(&other));
            return Err(ScimError::new(ScimType::InvalidValue, detail).at(extension.urn()));
        }
    };
    let is_spelt = |name: &String| {
        let attribute = extension.attribute(name);
        attribute.is_some_and(|it| it.name() == name && is_writable(it))
    };
    if given.keys().all(is_spelt) {
        let object = in_place(given, |name, given| match extension.attribute(name) {
            Some(attribute) => value(attribute, given, notes, rules),
            None => Ok(None),
        })?;
        return Ok((!object.is_empty()).then_some(Value::Object(object)));
    }
    let mut object = Object::new();
    for (name, given) in given {
        match extension.attribute(&name) {
            Some(attribute) => assign(&mut object, name, attribute, given, notes, rules)?,
            None => unknown(format!("{}:{name}", extension.urn()), notes, rules)?,
        }
    }
    Ok((!object.is_empty()).then_some(Value::Object(object)))
}

fn is_writable(attribute: &Attribute) -> bool {
    attribute.mutability() != Mutability::ReadOnly
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// RFC 7643 §2.1: names are the same in any case, and are kept as the schema spells them.
    #[test]
    fn names_are_spelt_as_in_the_schema() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let read = |body| {
            let body = resource(&registry, user, body, &mut Notes::default(), &Rules::default());
            Value::Object(body.unwrap())
        };
        let spelt = read(json!({
            "schemas": [user.schema(), enterprise],
            "userName": "b",
            enterprise: {"department": "Tours", "costCenter": "7"},
        }));
        assert_eq!(spelt[enterprise], json!({"department": "Tours", "costCenter": "7"}));
        assert_eq!(spelt["userName"], "b");
        for (body, extension) in [
            ("USERNAME", json!({"DEPARTMENT": "Tours", "COSTCENTER": "7"})),
            ("userName", json!({"DEPARTMENT": "Tours", "costCenter": "7"})),
            ("UserName", json!({"department": "Tours", "costCenter": "7"})),
        ] {
            let schemas = [user.schema(), enterprise];
            let body = json!({"schemas": schemas, body: "b", enterprise: extension});
            assert_eq!(read(body.clone()), spelt, "{body}");
        }
    }

    /// C-001: also where nothing else is given.
    #[test]
    fn read_only_parts_are_left_out_and_noted() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        for (manager, kept) in [
            (json!({"displayName": "John"}), None),
            (json!({"DISPLAYNAME": "John"}), None),
            (json!({"value": "7", "displayName": "John"}), Some(json!({"value": "7"}))),
        ] {
            let schemas = [user.schema(), enterprise];
            let body = json!({"schemas": schemas, enterprise: {"manager": manager}});
            let mut notes = Notes::default();
            let read = resource(&registry, user, body, &mut notes, &Rules::default()).unwrap();
            let found = read.get(enterprise).and_then(|it| it.get("manager")).cloned();
            assert_eq!(found, kept);
            let noted: Vec<_> = notes.iter().map(|note| (note.rule, &*note.path)).collect();
            let path = format!("{enterprise}:manager.displayName");
            assert_eq!(noted, [(NoteRule::ReadOnly, &*path)]);
        }
    }
}
