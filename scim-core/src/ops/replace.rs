//! Replacing a resource (RFC 7644 §3.5.1). A PUT is a difference: only what changed is written.

use std::sync::Arc;

use http::Method;
use serde_json::Value;

use super::{Context, Engine, Failure, relations, secrets::has_secrets, selected::assigned};
use crate::{
    error::{ScimError, ScimType},
    hooks::{Proposal, ProposedDocument},
    profile::advised,
    resource::{
        Document, Excerpt, Object, Values, has_schemas, has_value, set_schemas, set_value, value_of,
    },
    schema::{Attribute, Mutability, ResourceType},
    store::{Delta, Key, RelationChange},
    validate::{self, Former, Known},
};

/// What a PUT asks for, validated.
#[derive(Debug)]
pub(super) struct Replacement {
    values: Arc<Object>,
    relations: Vec<RelationChange>,
}

impl Engine {
    /// # Errors
    /// 400 for a body that does not fit the schema, 403 for an attribute that the caller may
    /// neither read nor write.
    pub(super) fn read_replacement(
        &self,
        context: &mut Context,
        resource_type: &Arc<ResourceType>,
        body: Value,
    ) -> Result<Replacement, ScimError> {
        let (registry, behaviour) = (&self.registry, &context.behaviour);
        let notes = &mut context.notes;
        let mut values = validate::resource(registry, resource_type, body, notes, &behaviour.rules)
            .map_err(advised)?;
        let targets =
            relations::take_targets(registry, resource_type, &mut values).map_err(advised)?;
        context.selection.also_show(assigned(resource_type, &values));
        let mut relations = relations::replaced(targets, behaviour.unknown_targets);
        self.check_named(context, resource_type, |attribute| {
            let names = |it: &RelationChange| {
                it.delta != Delta::Clear && attribute.is_within(it.relation.attribute())
            };
            has_value(attribute, &values) || relations.iter().any(names)
        })?;
        let unreadable = self.unreadable(context, resource_type);
        relations
            .retain(|it| it.delta != Delta::Clear || !unreadable.contains(it.relation.attribute()));
        Ok(Replacement { values: values.into(), relations })
    }

    /// # Errors
    /// 400 for a body that changes an immutable value or lacks a required one.
    pub(super) async fn propose_replacement(
        &self,
        context: &mut Context,
        key: &Key,
        replacement: &Replacement,
        before: Values,
    ) -> Result<Proposal, Failure> {
        let resource_type = &key.resource_type;
        let unseen = self.unreadable(context, resource_type);
        let excerpt = before.document().and_then(|it| excerpt(resource_type, it, &unseen));
        let stored = match &excerpt {
            Some(excerpt) => excerpt.values(),
            None => before.read()?,
        };
        let mut after = replacement.values.clone();
        keep_unknown(resource_type, stored, &mut after);
        keep_unseen(&unseen, stored, &mut after);
        keep_unseen_parts(resource_type, &unseen, stored, &mut after);
        carry_over(resource_type, stored, &mut after)?;
        validate::required(resource_type, &after, Known::Stored).map_err(advised)?;
        if has_secrets(resource_type, &after) {
            self.keep_secrets(context, key, Arc::make_mut(&mut after), Some(stored)).await?;
        }
        if !has_schemas(resource_type, &after) {
            set_schemas(resource_type, Arc::make_mut(&mut after));
        }
        let after = match excerpt {
            Some(excerpt) => excerpt.replaced(after),
            None => after.into(),
        };
        let document = ProposedDocument::Changed { before, after };
        let mut proposal = Proposal::new(key.clone(), document).asked_by(Method::PUT);
        proposal.relations.clone_from(&replacement.relations);
        self.leave_out_repeated(context, &mut proposal).await?;
        Ok(proposal)
    }
}

/// The stored values of which some may stay; `None` where it takes all of them to say.
fn excerpt<'d>(
    resource_type: &'d ResourceType,
    stored: &'d Document,
    unseen: &[Arc<Attribute>],
) -> Option<Excerpt<'d>> {
    let mut excerpt = Excerpt::of(resource_type, stored)?;
    let mut kept = kept(resource_type).chain(unseen);
    kept.try_for_each(|attribute| excerpt.read_around(attribute))?;
    excerpt.read_unknown()?;
    Some(excerpt)
}

/// The attributes of which a PUT may keep what is stored, or a part of it.
fn kept(resource_type: &ResourceType) -> impl Iterator<Item = &Arc<Attribute>> {
    let is_kept = |it: &Attribute| it.mutability() != Mutability::ReadWrite;
    let keeps = move |it: &&Arc<Attribute>| {
        is_kept(it) || it.sub_attributes().iter().any(|part| is_kept(part))
    };
    resource_type.all_attributes().filter(keeps)
}

/// What this definition of the type lacks, such as an extension that only a newer server has, no
/// body can repeat: it stays, as in a PATCH.
fn keep_unknown(resource_type: &ResourceType, before: &Object, after: &mut Arc<Object>) {
    let is_unknown = |name: &str| !resource_type.has_member(name);
    if before.keys().any(|name| is_unknown(name)) {
        let after = Arc::make_mut(after);
        add_those(is_unknown, before, after);
        // They name the extensions among it.
        add_those(|name| name == "schemas", before, after);
    }
    for extension in resource_type.extensions() {
        let Some(Value::Object(before)) = before.get(extension.urn()) else { continue };
        let is_unknown = |name: &str| extension.attribute(name).is_none();
        if before.keys().any(|name| is_unknown(name)) {
            let after = Arc::make_mut(after).entry(extension.urn());
            if let Value::Object(after) = after.or_insert_with(|| Object::new().into()) {
                add_those(is_unknown, before, after);
            }
        }
    }
}

fn add_those(are_meant: impl Fn(&str) -> bool, from: &Object, to: &mut Object) {
    let meant = from.iter().filter(|(name, _)| are_meant(name));
    to.extend(meant.map(|(name, value)| (name.clone(), value.clone())));
}

/// U-016: what the caller cannot see, it did not mean to clear by leaving it out. What nobody can
/// write stays or goes as for everybody.
fn keep_unseen(unseen: &[Arc<Attribute>], before: &Object, after: &mut Arc<Object>) {
    for attribute in unseen.iter().filter(|it| it.mutability() != Mutability::ReadOnly) {
        if let (None, Some(stored)) = (value_of(attribute, after), value_of(attribute, before)) {
            set_value(attribute, Arc::make_mut(after), Some(stored.clone()));
        }
    }
}

/// The same for parts of several values, each of which is known again by what can be seen of it.
fn keep_unseen_parts(
    resource_type: &ResourceType,
    unseen: &[Arc<Attribute>],
    before: &Object,
    after: &mut Arc<Object>,
) {
    for whole in resource_type.all_attributes().filter(|it| it.is_multi_valued()) {
        let parts: Vec<_> =
            whole.sub_attributes().iter().filter(|it| unseen.contains(it)).collect();
        let (Some(Value::Array(stored)), Some(Value::Array(given)), false) =
            (value_of(whole, before), value_of(whole, after), parts.is_empty())
        else {
            continue;
        };
        let mut given = given.clone();
        validate::carry_unseen(whole, &parts, stored, &mut given);
        set_value(whole, Arc::make_mut(after), Some(Value::Array(given)));
    }
}

/// Adds what a PUT does not touch to what was given.
///
/// readOnly and omitted writeOnly values stay (U-008, U-010), but for what was said of another
/// value; an immutable one that is set may be repeated or omitted, but not changed (U-006).
fn carry_over(
    resource_type: &ResourceType,
    before: &Object,
    given: &mut Arc<Object>,
) -> Result<(), ScimError> {
    for attribute in kept(resource_type) {
        if value_of(attribute, before).is_none() {
            continue;
        }
        let given = Arc::make_mut(given);
        let Some(urn) = attribute.namespace() else {
            carry(attribute, before, given)?;
            continue;
        };
        let Some(Value::Object(before)) = before.get(urn) else { continue };
        let mut after = match given.remove(urn) {
            Some(Value::Object(after)) => after,
            _ => Object::new(),
        };
        carry(attribute, before, &mut after)?;
        if !after.is_empty() {
            given.insert(urn.to_owned(), Value::Object(after));
        }
    }
    Ok(())
}

fn carry(attribute: &Attribute, before: &Object, given: &mut Object) -> Result<(), ScimError> {
    let Some(stored) = before.get(attribute.name()) else { return Ok(()) };
    let new = given.get(attribute.name());
    match attribute.mutability() {
        Mutability::ReadOnly => {}
        Mutability::WriteOnly | Mutability::Immutable if new.is_none() => {}
        Mutability::Immutable => {
            carry_parts(attribute, stored, given)?;
            return match given.get(attribute.name()) == Some(stored) {
                true => Ok(()),
                false => Err(ScimError::new(ScimType::Mutability, "the value cannot be changed")
                    .at(attribute.path())),
            };
        }
        _ => return carry_parts(attribute, stored, given),
    }
    given.insert(attribute.name().to_owned(), stored.clone());
    Ok(())
}

/// The same for the parts of a complex attribute.
fn carry_parts(attribute: &Attribute, stored: &Value, given: &mut Object) -> Result<(), ScimError> {
    let rest = |it: &&Arc<Attribute>| it.mutability() != Mutability::ReadWrite;
    let kept: Vec<_> = attribute.sub_attributes().iter().filter(rest).collect();
    if kept.is_empty() {
        return Ok(());
    }
    match (stored, given.get_mut(attribute.name())) {
        (Value::Object(stored), Some(Value::Object(parts))) => {
            kept.into_iter().try_for_each(|sub| carry(sub, stored, parts))?;
            let before = validate::NAMES.map(|name| Former::Was(stored.get(name).cloned()));
            validate::drop_outdated(attribute, before, parts);
            Ok(())
        }
        (Value::Array(stored), Some(Value::Array(given))) => {
            validate::carry_elements(attribute, stored, given);
            Ok(())
        }
        _ => Ok(()),
    }
}
