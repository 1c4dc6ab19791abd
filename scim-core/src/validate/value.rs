//! The value of one attribute: single or multi-valued, simple or complex.

use serde_json::Value;

use super::{
    NoteRule, Notes, Rules, UnknownAttributes, firsts,
    scalar::{describe, invalid, scalar},
};
use crate::{
    error::{ScimError, ScimType},
    resource::{Object, is_primary},
    schema::{Attribute, AttributeType, Mutability},
};

/// The canonical form of a client's value for an attribute; `None` if it is unassigned.
///
/// # Errors
/// 400 `invalidValue` for a value of the wrong type or two primary values, 400 `invalidSyntax`
/// for an unknown sub-attribute where those are refused.
pub(crate) fn value(
    attribute: &Attribute,
    value: Value,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<Option<Value>, ScimError> {
    let value = rules.tolerance.rewrite(attribute, value, notes);
    if value.is_null() {
        return Ok(None);
    }
    if !attribute.is_multi_valued() {
        return single(attribute, value, notes, rules);
    }
    let Value::Array(values) = value else {
        let found = describe(&value);
        return Err(invalid(attribute, format!("expected an array, found {found}")));
    };
    list(attribute, values, notes, rules)
}

/// The canonical form of one value of a multi-valued attribute; `None` if it is empty.
///
/// # Errors
/// As [`value`].
pub(crate) fn element(
    attribute: &Attribute,
    element: Value,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<Option<Value>, ScimError> {
    single(attribute, rules.tolerance.rewrite_element(attribute, element, notes), notes, rules)
}

fn list(
    attribute: &Attribute,
    values: Vec<Value>,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<Option<Value>, ScimError> {
    let mut canonical = Vec::with_capacity(values.len());
    for value in values {
        canonical.extend(element(attribute, value, notes, rules)?);
    }
    let mut are_first = firsts(attribute, &canonical, &[]).into_iter();
    canonical.retain(|_| {
        let is_first = are_first.next() == Some(true);
        if !is_first {
            notes.add(attribute.path(), NoteRule::Duplicate);
        }
        is_first
    });
    if canonical.iter().filter(|value| is_primary(value)).count() > 1 {
        return Err(invalid(attribute, "at most one value may be primary".to_owned()));
    }
    Ok((!canonical.is_empty()).then_some(Value::Array(canonical)))
}

fn single(
    attribute: &Attribute,
    value: Value,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<Option<Value>, ScimError> {
    match (attribute.kind(), value) {
        (_, Value::Null) => Ok(None),
        (AttributeType::Complex, Value::Object(object)) => parts(attribute, object, notes, rules),
        (AttributeType::Complex, other) => {
            let found = describe(&other);
            Err(invalid(attribute, format!("expected an object, found {found}")))
        }
        (_, value) => scalar(attribute, value, rules).map(Some),
    }
}

fn parts(
    attribute: &Attribute,
    object: Object,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<Option<Value>, ScimError> {
    // A readOnly attribute is only ever canonicalised on behalf of the host.
    let is_left_out = |sub: &Attribute| {
        sub.mutability() == Mutability::ReadOnly && attribute.mutability() != Mutability::ReadOnly
    };
    let is_spelt = |name: &String| {
        let sub = attribute.sub_attribute(name);
        sub.is_some_and(|sub| sub.name() == name && !is_left_out(sub))
    };
    if object.keys().all(is_spelt) {
        let canonical = in_place(object, |name, part| match attribute.sub_attribute(name) {
            Some(sub) => value(sub, part, notes, rules),
            None => Ok(None),
        })?;
        return Ok((!canonical.is_empty()).then_some(Value::Object(canonical)));
    }
    let mut canonical = Object::new();
    for (name, part) in object {
        let Some(sub) = attribute.sub_attribute(&name) else {
            unknown(format!("{}.{name}", attribute.path()), notes, rules)?;
            continue;
        };
        if is_left_out(sub) {
            notes.add(sub.path(), NoteRule::ReadOnly);
        } else if let Some(part) = value(sub, part, notes, rules)? {
            insert_once(&mut canonical, name, sub, part)?;
        }
    }
    Ok((!canonical.is_empty()).then_some(Value::Object(canonical)))
}

/// An object in which all names stay and values become what the function makes of them; those
/// without one go.
pub(super) fn in_place(
    mut object: Object,
    mut canonical: impl FnMut(&str, Value) -> Result<Option<Value>, ScimError>,
) -> Result<Object, ScimError> {
    let mut is_complete = true;
    for (name, value) in &mut object {
        match canonical(name, value.take())? {
            Some(canonical) => *value = canonical,
            None => is_complete = false,
        }
    }
    if !is_complete {
        object.retain(|_, value| !value.is_null());
    }
    Ok(object)
}

/// the same attribute twice, under names that differ in case, has no defined meaning.
///
/// `given` is the name in the case of the client.
pub(super) fn insert_once(
    object: &mut Object,
    given: String,
    attribute: &Attribute,
    value: Value,
) -> Result<(), ScimError> {
    let name = if given == attribute.name() { given } else { attribute.name().to_owned() };
    match object.insert(name, value) {
        None => Ok(()),
        Some(_) => Err(ScimError::new(ScimType::InvalidSyntax, "given twice").at(attribute.path())),
    }
}

pub(crate) fn unknown(path: String, notes: &mut Notes, rules: &Rules) -> Result<(), ScimError> {
    match rules.unknown_attributes {
        UnknownAttributes::Ignore => {
            notes.add(path, NoteRule::UnknownAttribute);
            Ok(())
        }
        UnknownAttributes::Refuse => {
            Err(ScimError::new(ScimType::InvalidSyntax, "no schema has this attribute").at(path))
        }
    }
}
