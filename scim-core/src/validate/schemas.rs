//! The `schemas` attribute (RFC 7643 §3) of a body.

use serde_json::Value;

use super::{MissingSchemas, NoteRule, Notes, Rules, UnknownAttributes, scalar::describe};
use crate::{
    error::{ScimError, ScimType},
    schema::{Registry, ResourceType},
    tolerance::Switch,
};

/// Checks the `schemas` of a body.
///
/// # Errors
/// 400 `invalidSyntax` when they are missing and required, are no array of strings, or name only
/// the base schema of another resource type; 400 `invalidValue` for an unknown one where unknown
/// attributes are refused.
pub(super) fn check(
    registry: &Registry,
    resource_type: &ResourceType,
    schemas: Option<&Value>,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<(), ScimError> {
    let urns = match schemas {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(urns)) => urns.iter().map(text).collect::<Result<_, _>>()?,
        Some(single) if rules.tolerance.lists == Switch::On => {
            notes.add("schemas", NoteRule::ListFromSingle);
            vec![text(single)?]
        }
        Some(other) => return Err(no_list(other)),
    };
    if urns.is_empty() {
        return missing(resource_type, notes, rules);
    }
    for urn in urns.iter().filter(|urn| !resource_type.uses_schema(urn)) {
        if rules.unknown_attributes == UnknownAttributes::Refuse {
            let detail = format!("`{urn}` is no schema of {}", resource_type.name());
            return Err(ScimError::new(ScimType::InvalidValue, detail).at("schemas"));
        }
        notes.add(*urn, NoteRule::UnknownSchema);
    }
    let is_other_base = |urn: &&str| {
        registry.resource_types().iter().any(|other| other.schema().eq_ignore_ascii_case(urn))
    };
    if !urns.iter().any(|urn| resource_type.uses_schema(urn)) && urns.iter().any(is_other_base) {
        return Err(expected(resource_type, "names another resource type"));
    }
    Ok(())
}

fn text(value: &Value) -> Result<&str, ScimError> {
    value.as_str().ok_or_else(|| no_list(value))
}

fn no_list(value: &Value) -> ScimError {
    let detail = format!("expected an array of strings, found {}", describe(value));
    ScimError::new(ScimType::InvalidSyntax, detail).at("schemas")
}

fn missing(
    resource_type: &ResourceType,
    notes: &mut Notes,
    rules: &Rules,
) -> Result<(), ScimError> {
    match rules.missing_schemas {
        MissingSchemas::Infer => {
            notes.add("schemas", NoteRule::SchemasInferred);
            Ok(())
        }
        MissingSchemas::Refuse => Err(expected(resource_type, "missing")),
    }
}

fn expected(resource_type: &ResourceType, problem: &str) -> ScimError {
    let detail = format!("{problem}; expected an array with `{}`", resource_type.schema());
    ScimError::new(ScimType::InvalidSyntax, detail).at("schemas")
}
