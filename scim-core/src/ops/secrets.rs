//! Write-only values: they go to the host, or nowhere (RFC 7643 §4.1.1, §9.2).

use std::sync::Arc;

use serde_json::Value;

use super::Engine;
use crate::{
    error::{ScimError, ScimType},
    query::prepared_password,
    resource::Object,
    schema::{Attribute, Mutability, ResourceType},
    store::Scope,
    validate::{NoteRule, Notes},
};

impl Engine {
    /// Replaces every write-only value that differs from what is stored by what the host wants
    /// stored; without a [`SecretKeeper`](crate::SecretKeeper) it is discarded.
    ///
    /// # Errors
    /// What the host refuses with.
    pub(super) async fn keep_secrets(
        &self,
        scope: &Scope,
        resource_type: &ResourceType,
        values: &mut Object,
        stored: Option<&Object>,
        notes: &mut Notes,
    ) -> Result<(), ScimError> {
        for attribute in secrets(resource_type) {
            let kept = stored.and_then(|stored| place(attribute, stored)?.get(attribute.name()));
            let given = place(attribute, values).and_then(|place| place.get(attribute.name()));
            let Some(given) = given.filter(|given| kept != Some(given)).cloned() else { continue };
            let replacement = match &self.hooks.secrets {
                Some(keeper) => keeper.keep(scope, attribute, prepared(attribute, given)?).await?,
                None => {
                    notes.add(attribute.path(), NoteRule::SecretDiscarded);
                    None
                }
            };
            put(attribute, values, replacement.or_else(|| kept.cloned()));
        }
        Ok(())
    }
}

/// I-004: however a password was typed, the host gets to see the same text.
fn prepared(attribute: &Attribute, given: Value) -> Result<Value, ScimError> {
    let (Some(password), "password") = (given.as_str(), attribute.path()) else { return Ok(given) };
    prepared_password(password).map(Value::from).ok_or_else(|| {
        let detail = "contains characters that RFC 8265 does not admit in a password";
        ScimError::new(ScimType::InvalidValue, detail).at(attribute.path())
    })
}

fn secrets(resource_type: &ResourceType) -> impl Iterator<Item = &Arc<Attribute>> {
    resource_type.all_attributes().filter(|it| it.mutability() == Mutability::WriteOnly)
}

fn place<'a>(attribute: &Attribute, values: &'a Object) -> Option<&'a Object> {
    match attribute.namespace() {
        None => Some(values),
        Some(urn) => values.get(urn)?.as_object(),
    }
}

fn put(attribute: &Attribute, values: &mut Object, value: Option<Value>) {
    let place = match attribute.namespace() {
        None => Some(&mut *values),
        Some(urn) => values.get_mut(urn).and_then(Value::as_object_mut),
    };
    let Some(place) = place else { return };
    match value {
        Some(value) => place.insert(attribute.name().to_owned(), value),
        None => place.remove(attribute.name()),
    };
    if let (true, Some(urn)) = (place.is_empty(), attribute.namespace()) {
        values.remove(urn);
    }
}
