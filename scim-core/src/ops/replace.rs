//! Replacing a resource (RFC 7644 §3.5.1). A PUT is a difference: only what changed is written.

use std::sync::Arc;

use serde_json::Value;

use super::{Context, Engine, Failure, Outcome, relations, write::document_change};
use crate::{
    config::ATTEMPTS,
    error::{ScimError, ScimType},
    resource::Object,
    schema::{Attribute, Mutability, ResourceType},
    store::{Change, Key, Precondition, StoreError, StoreErrorKind, Write},
    validate,
};

impl Engine {
    /// # Errors
    /// 400 for a body that does not fit the schema or changes an immutable value, 404 when there
    /// is no such resource, 409 `uniqueness`, 412 when it has another version.
    pub(super) async fn replace(
        &self,
        context: &mut Context,
        key: Key,
        body: Value,
        precondition: Precondition,
    ) -> Result<Outcome, Failure> {
        let resource_type = key.resource_type.clone();
        let (notes, rules) = (&mut context.notes, &self.behaviour.rules);
        let mut given = validate::resource(&self.registry, &resource_type, body, notes, rules)?;
        let targets = relations::take_targets(&self.registry, &resource_type, &mut given)?;
        let edges = relations::replaced(targets, self.behaviour.unknown_targets);
        for _ in 0..ATTEMPTS.get() {
            let current = self.read_document(context, &key).await?;
            let before = current.document.values()?;
            let mut after = carried_over(&resource_type, before, given.clone())?;
            validate::required(&resource_type, &after)?;
            let notes = &mut context.notes;
            self.keep_secrets(&context.scope, &resource_type, &mut after, Some(before), notes)
                .await?;
            validate::schemas(&resource_type, &mut after);
            let unchanged = precondition.clone().and_document(current.meta.revision.clone());
            let mut change = Change::new(key.clone(), unchanged);
            change.document = document_change(&resource_type, before, after);
            change.relations.clone_from(&edges);
            let assigned = assigned(&resource_type, &given);
            match self.write_one(context, Write::Change(change)).await {
                Err(lost) if *lost.kind() == StoreErrorKind::Stale => {}
                Err(failure) => return Err(failure.into()),
                Ok(_) => {
                    context.selection = std::mem::take(&mut context.selection).with(assigned);
                    return self.changed(context, &key).await;
                }
            }
        }
        Err(StoreError::new(StoreErrorKind::Stale).into())
    }
}

/// The attributes that a body assigned, by which those returned on request are shown.
pub(super) fn assigned(resource_type: &ResourceType, given: &Object) -> Vec<Arc<Attribute>> {
    let has = |attribute: &&Arc<Attribute>| match attribute.namespace() {
        None => given.contains_key(attribute.name()),
        Some(urn) => given.get(urn).is_some_and(|it| it.get(attribute.name()).is_some()),
    };
    resource_type.all_attributes().filter(has).cloned().collect()
}

/// The document after a PUT: what was given, and what a PUT does not touch.
///
/// readOnly and omitted writeOnly values stay (U-008, U-010); an immutable value that is set may
/// be repeated or omitted, but not changed (U-006).
fn carried_over(
    resource_type: &ResourceType,
    before: &Object,
    mut given: Object,
) -> Result<Object, ScimError> {
    for attribute in resource_type.attributes() {
        carry(attribute, before, &mut given)?;
    }
    for extension in resource_type.extensions() {
        let Some(Value::Object(before)) = before.get(extension.urn()) else { continue };
        let mut after = match given.remove(extension.urn()) {
            Some(Value::Object(after)) => after,
            _ => Object::new(),
        };
        extension.attributes().iter().try_for_each(|it| carry(it, before, &mut after))?;
        if !after.is_empty() {
            given.insert(extension.urn().to_owned(), Value::Object(after));
        }
    }
    Ok(given)
}

fn carry(attribute: &Attribute, before: &Object, given: &mut Object) -> Result<(), ScimError> {
    let Some(stored) = before.get(attribute.name()) else { return Ok(()) };
    let new = given.get(attribute.name());
    match attribute.mutability() {
        Mutability::ReadOnly => {}
        Mutability::WriteOnly | Mutability::Immutable if new.is_none() => {}
        Mutability::Immutable if new != Some(stored) => {
            return Err(ScimError::new(ScimType::Mutability, "the value cannot be changed")
                .at(attribute.path()));
        }
        _ => return carry_parts(attribute, stored, given),
    }
    given.insert(attribute.name().to_owned(), stored.clone());
    Ok(())
}

/// The same for the parts of a single complex attribute.
fn carry_parts(attribute: &Attribute, stored: &Value, given: &mut Object) -> Result<(), ScimError> {
    let Value::Object(stored) = stored else { return Ok(()) };
    let rest = |it: &&Arc<Attribute>| it.mutability() != Mutability::ReadWrite;
    let kept: Vec<_> = attribute.sub_attributes().iter().filter(rest).collect();
    if kept.is_empty() {
        return Ok(());
    }
    let Some(Value::Object(parts)) = given.get_mut(attribute.name()) else { return Ok(()) };
    kept.into_iter().try_for_each(|sub| carry(sub, stored, parts))
}
