//! `phones` is another name for `phoneNumbers`. `externalID` needs no rule: names ignore case.

use scim_core::{
    Caller, Mapping, Object, ScimError, ScimType,
    schema::{ResourceType, builtin},
};
use serde_json::Value;

const ALIAS: &str = "phones";
const NAME: &str = "phoneNumbers";

/// Takes the alias for the name in resources and in PATCH.
#[derive(Debug)]
pub(crate) struct Aliases;

impl Mapping for Aliases {
    fn incoming(
        &self,
        _: &Caller<'_>,
        _: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        body.as_object_mut().map_or(Ok(()), rename)
    }

    fn incoming_patch(
        &self,
        _: &Caller<'_>,
        _: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        let operations = member(body, "Operations").and_then(Value::as_array_mut);
        for operation in operations.into_iter().flatten() {
            if let Some(Value::String(path)) = member(operation, "path") {
                rename_path(path);
            }
            if let Some(Value::Object(value)) = member(operation, "value") {
                rename(value)?;
            }
        }
        Ok(())
    }
}

/// Renames the member of an object.
fn rename(object: &mut Object) -> Result<(), ScimError> {
    let Some(alias) = object.keys().find(|key| key.eq_ignore_ascii_case(ALIAS)).cloned() else {
        return Ok(());
    };
    if object.keys().any(|key| key.eq_ignore_ascii_case(NAME)) {
        let detail = format!("`{alias}` and `{NAME}` are the same attribute");
        return Err(ScimError::new(ScimType::InvalidSyntax, detail));
    }
    if let Some(phones) = object.remove(&alias) {
        object.insert(NAME.to_owned(), phones);
    }
    Ok(())
}

/// Renames the attribute that a path begins with: `phones[type eq "work"].value`.
fn rename_path(path: &mut String) {
    let (start, rest) = match path.split_at_checked(builtin::USER.len()) {
        Some((urn, rest)) if urn.eq_ignore_ascii_case(builtin::USER) => {
            (format!("{urn}:"), rest.trim_start_matches(':'))
        }
        _ => (String::new(), path.as_str()),
    };
    let Some((name, rest)) = rest.split_at_checked(ALIAS.len()) else { return };
    let ends = rest.is_empty() || rest.starts_with(['[', '.', ' ']);
    if ends && name.eq_ignore_ascii_case(ALIAS) {
        *path = format!("{start}{NAME}{rest}");
    }
}

/// The member of an object, ignoring case.
fn member<'v>(object: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    let members = object.as_object_mut()?.iter_mut();
    members.into_iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}
