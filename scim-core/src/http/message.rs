//! What the messages of the protocol have in common (RFC 7644 §3.1).

use serde_json::Value;

use crate::{
    error::{ScimError, ScimType},
    resource::Object,
};

/// Checks that the `schemas` of a body name a message.
///
/// # Errors
/// 400 `invalidSyntax` for another message.
pub(super) fn check_schema(body: &Object, urn: &'static str) -> Result<(), ScimError> {
    let is_message = |it: &Value| it.as_str().is_some_and(|it| it.eq_ignore_ascii_case(urn));
    let schemas = body.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas"));
    let urns = schemas.and_then(|(_, urns)| urns.as_array());
    if urns.is_some_and(|urns| urns.iter().any(is_message)) {
        return Ok(());
    }
    let detail = format!("the body is no `{urn}`");
    Err(ScimError::new(ScimType::InvalidSyntax, detail).at("schemas"))
}

/// Takes the member of this name, in any case, out of an object; `null` is as good as none.
pub(super) fn take(object: &mut Object, name: &str) -> Option<Value> {
    let name = object.keys().find(|it| it.eq_ignore_ascii_case(name))?.clone();
    object.remove(&name).filter(|value| !value.is_null())
}
