//! Write-only values: they go to the host, or nowhere (RFC 7643 §4.1.1, §9.2).

use std::sync::Arc;

use serde_json::Value;

use super::{Context, Engine};
use crate::{
    error::{ScimError, ScimType},
    query::prepared_password,
    resource::{Object, set_value, value_of},
    schema::{Attribute, Mutability, ResourceType},
    store::Key,
    validate::NoteRule,
};

impl Engine {
    /// Replaces every write-only value that differs from what is stored by what the host wants
    /// stored; without a [`SecretKeeper`](crate::SecretKeeper) it is discarded.
    ///
    /// # Errors
    /// What the host refuses with.
    pub(super) async fn keep_secrets(
        &self,
        context: &mut Context,
        key: &Key,
        values: &mut Object,
        stored: Option<&Object>,
    ) -> Result<(), ScimError> {
        for attribute in secrets(&key.resource_type) {
            let kept = stored.and_then(|stored| value_of(attribute, stored));
            let given = value_of(attribute, values).filter(|given| kept != Some(given));
            let Some(given) = given.cloned() else { continue };
            let replacement = match &self.hooks.secrets {
                Some(keeper) => {
                    let given = prepared(attribute, given)?;
                    keeper.keep(&context.caller(), key, attribute, given).await?
                }
                None => {
                    context.notes.add(attribute.path(), NoteRule::SecretDiscarded);
                    None
                }
            };
            set_value(attribute, values, replacement.or_else(|| kept.cloned()));
        }
        Ok(())
    }
}

/// Whether values hold any that are write-only.
pub(super) fn has_secrets(resource_type: &ResourceType, values: &Object) -> bool {
    secrets(resource_type).any(|attribute| value_of(attribute, values).is_some())
}

/// I-004: however a password was typed, the host gets to see the same text.
fn prepared(attribute: &Attribute, given: Value) -> Result<Value, ScimError> {
    let (Some(password), "password") = (given.as_str(), attribute.path()) else { return Ok(given) };
    prepared_password(password).map(Value::from).ok_or_else(|| {
        let detail = "is too long, or has characters that RFC 8265 does not admit in a password";
        ScimError::new(ScimType::InvalidValue, detail).at(attribute.path())
    })
}

/// Write-only attributes, and write-only parts of others. Parts of multi-valued attributes are
/// never write-only: no registry takes them.
fn secrets(resource_type: &ResourceType) -> impl Iterator<Item = &Arc<Attribute>> {
    let is_secret = |it: &&Arc<Attribute>| it.mutability() == Mutability::WriteOnly;
    resource_type.all_attributes().flat_map(move |attribute| {
        let (whole, parts) = match is_secret(&attribute) {
            true => (Some(attribute), &[][..]),
            false => (None, attribute.sub_attributes()),
        };
        whole.into_iter().chain(parts.iter().filter(is_secret))
    })
}
