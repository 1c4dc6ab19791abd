//! `add` and `replace` (RFC 7644 §3.5.2.1, §3.5.2.3), which differ on multi-valued attributes only.

use std::sync::Arc;

use scim_filter::Filter;
use serde_json::Value;

use super::{
    error::invalid_value,
    options::{EmptyAdd, UnmatchedAdd, UnmatchedReplace},
    plan::Planner,
    seed::seed,
    step::{Change, ElementChange, Part, PartChange, Selection, Unmatched},
    target::{Place, Target, locate, locate_in},
};
use crate::{
    error::ScimError,
    query::Predicate,
    resource::Object,
    schema::{Attribute, AttributeType, Extension, Mutability},
    tolerance::Switch,
    validate::{self, NoteRule, describe},
};

/// `add` or `replace`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Assignment {
    Add,
    Replace,
}

impl Planner<'_> {
    pub(super) fn assign(
        &mut self,
        how: Assignment,
        target: Target<'_>,
        value: Value,
    ) -> Result<(), ScimError> {
        match target {
            Target::Resource => self.assign_members(how, None, value),
            Target::Extension(extension) => self.assign_extension(how, extension, value),
            target => {
                target.writable()?;
                self.assign_at(how, target, value)
            }
        }
    }

    fn assign_extension(
        &mut self,
        how: Assignment,
        extension: &Extension,
        value: Value,
    ) -> Result<(), ScimError> {
        match value {
            Value::Null => self.drop_extension(extension),
            value => self.assign_members(how, Some(extension), value),
        }
    }

    /// Assigns each member of an object to what its name means: an attribute, a path, an extension
    /// (H-017, H-031, H-044). What is readOnly or unknown in it is left out.
    fn assign_members(
        &mut self,
        how: Assignment,
        within: Option<&Extension>,
        value: Value,
    ) -> Result<(), ScimError> {
        let place = within.map_or("value", Extension::urn);
        let Value::Object(members) = value else {
            let detail = format!("expected an object of attributes, found {}", describe(&value));
            return Err(invalid_value(place, detail));
        };
        for (name, value) in members {
            let name = self.undotted(name);
            let target = match within {
                Some(extension) => locate_in(extension, &name),
                None => locate(self.context, &name).ok(),
            };
            match target {
                None => validate::unknown(name, self.notes, self.context.rules)?,
                Some(Target::Resource) => self.assign_members(how, None, value)?,
                Some(Target::Extension(extension)) => {
                    self.assign_extension(how, extension, value)?;
                }
                Some(target) => match target.read_only() {
                    Some(attribute) => self.notes.add(attribute.path(), NoteRule::ReadOnly),
                    // It is derived; a client that echoes it means nothing by it.
                    None if is_schemas(&target) => {}
                    None => self.assign_at(how, target, value)?,
                },
            }
        }
        Ok(())
    }

    fn assign_at(
        &mut self,
        how: Assignment,
        target: Target<'_>,
        value: Value,
    ) -> Result<(), ScimError> {
        let Some(attribute) = target.attribute() else { return Ok(()) };
        if is_schemas(&target) {
            return self.assign_schemas(how, &target, &value);
        }
        if let Some(relation) = self.context.resource_type.relation_of(attribute) {
            return self.assign_relation(how, relation, &target, value);
        }
        match target {
            Target::Values(place, filter) => self.assign_selected(how, place, &filter, value),
            Target::Part(Place { attribute, part: Some(part) }) => {
                let part = self.part(how, part, value)?;
                self.assign_part(attribute, part);
                Ok(())
            }
            _ if attribute.is_multi_valued() => self.assign_values(how, attribute, value),
            _ if attribute.kind() == AttributeType::Complex => {
                self.assign_complex(how, attribute, value)
            }
            _ => {
                let value = self.canonical(attribute, value)?;
                self.change(attribute, Change::Assign(value));
                Ok(())
            }
        }
    }

    /// A part of the one value, or of all values there are.
    fn assign_part(&mut self, attribute: &Arc<Attribute>, part: Part) {
        let parts = vec![part];
        let change = if attribute.is_multi_valued() {
            let all = Selection { predicate: None, unmatched: Unmatched::Refuse };
            Change::Select(all, ElementChange::Merge(parts))
        } else {
            Change::Merge(parts)
        };
        self.change(attribute, change);
    }

    /// H-020, H-034: what is not named stays, but for what the host said of another `value`. A bare
    /// value stands for the whole, so there only that stays which clients do not write or see, and not
    /// even that when the value is another.
    fn assign_complex(
        &mut self,
        how: Assignment,
        attribute: &Arc<Attribute>,
        value: Value,
    ) -> Result<(), ScimError> {
        let tolerance = &self.context.rules.tolerance;
        let change = match tolerance.rewrite_list(attribute, value, self.notes) {
            Value::Object(parts) => Change::Merge(self.parts(how, attribute, parts)?),
            other => Change::Assign(self.canonical(attribute, other)?),
        };
        self.change(attribute, change);
        Ok(())
    }

    fn assign_values(
        &mut self,
        how: Assignment,
        attribute: &Arc<Attribute>,
        value: Value,
    ) -> Result<(), ScimError> {
        if how == Assignment::Replace || self.unassigns(&value) {
            let values = self.canonical(attribute, value)?;
            self.change(attribute, Change::Assign(values));
        } else if let Some(Value::Array(values)) = self.canonical(attribute, listed(value))? {
            self.change(attribute, Change::Append(values));
        }
        Ok(())
    }

    /// H-039: whether adding this value clears a multi-valued attribute.
    pub(super) fn unassigns(&self, value: &Value) -> bool {
        is_empty(value) && self.context.options.empty_add == EmptyAdd::Unassign
    }

    fn assign_selected(
        &mut self,
        how: Assignment,
        place: Place<'_>,
        filter: &Filter<'_>,
        value: Value,
    ) -> Result<(), ScimError> {
        let Place { attribute, part } = place;
        let predicate = self.predicate(attribute, filter)?;
        let change = match part {
            Some(part) => ElementChange::Merge(vec![self.part(how, part, value)?]),
            None => self.element_change(how, attribute, value)?,
        };
        let unmatched = self.unmatched(how, attribute, filter, &predicate, &change);
        let selection = Selection { predicate: Some(predicate), unmatched };
        self.change(attribute, Change::Select(selection, change));
        Ok(())
    }

    /// `add` merges into the values that match, `replace` puts another in their place.
    fn element_change(
        &mut self,
        how: Assignment,
        attribute: &Arc<Attribute>,
        value: Value,
    ) -> Result<ElementChange, ScimError> {
        let value = self.single(attribute, value)?;
        let is_bare = !value.is_object() && attribute.kind() == AttributeType::Complex;
        match self.rewritten(attribute, value) {
            Value::Null => Ok(ElementChange::Remove),
            Value::Object(parts) if how == Assignment::Add || is_bare => {
                Ok(ElementChange::Merge(self.parts(how, attribute, parts)?))
            }
            value => {
                let element = validate::element(attribute, value, self.notes, self.context.rules)?;
                Ok(element.map_or(ElementChange::Remove, ElementChange::Put))
            }
        }
    }

    fn unmatched(
        &self,
        how: Assignment,
        attribute: &Arc<Attribute>,
        filter: &Filter<'_>,
        predicate: &Predicate,
        change: &ElementChange,
    ) -> Unmatched {
        let options = self.context.options;
        let creates = match how {
            Assignment::Add => options.unmatched_add == UnmatchedAdd::CreateElement,
            Assignment::Replace => options.unmatched_replace == UnmatchedReplace::CreateElement,
        };
        if !creates {
            return Unmatched::Refuse;
        }
        match seed(attribute, filter, predicate, self.context.rules) {
            None => Unmatched::Refuse,
            Some(seed) => change.created(seed).map_or(Unmatched::Ignore, Unmatched::Create),
        }
    }

    /// The parts that an object names.
    fn parts(
        &mut self,
        how: Assignment,
        attribute: &Attribute,
        object: Object,
    ) -> Result<Vec<Part>, ScimError> {
        let mut parts = Vec::with_capacity(object.len());
        for (name, value) in object {
            match attribute.sub_attribute(&name) {
                None => {
                    let path = format!("{}.{name}", attribute.path());
                    validate::unknown(path, self.notes, self.context.rules)?;
                }
                Some(part) if part.mutability() == Mutability::ReadOnly => {
                    self.notes.add(part.path(), NoteRule::ReadOnly);
                }
                Some(part) => parts.push(self.part(how, part, value)?),
            }
        }
        Ok(parts)
    }

    fn part(
        &mut self,
        how: Assignment,
        part: &Arc<Attribute>,
        value: Value,
    ) -> Result<Part, ScimError> {
        let extends = how == Assignment::Add && part.is_multi_valued() && !self.unassigns(&value);
        let value = if extends { listed(value) } else { value };
        let change = match self.canonical(part, value)? {
            Some(Value::Array(values)) if extends => PartChange::Extend(values),
            Some(value) => PartChange::Assign(value),
            None if extends => PartChange::Extend(Vec::new()),
            None => PartChange::Unassign,
        };
        Ok(Part { attribute: part.clone(), change })
    }

    /// One value where clients may wrap it in a list of its own.
    pub(super) fn single(
        &mut self,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Value, ScimError> {
        match value {
            Value::Array(mut values) if self.context.rules.tolerance.lists == Switch::On => {
                let single = values.pop().unwrap_or_default();
                if values.is_empty() {
                    return Ok(single);
                }
                Err(one_expected(attribute))
            }
            value => Ok(value),
        }
    }

    fn rewritten(&mut self, attribute: &Attribute, value: Value) -> Value {
        self.context.rules.tolerance.rewrite_element(attribute, value, self.notes)
    }

    pub(super) fn canonical(
        &mut self,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        validate::value(attribute, value, self.notes, self.context.rules)
    }
}

pub(super) fn one_expected(attribute: &Attribute) -> ScimError {
    invalid_value(attribute.path(), "expected one value, found several")
}

fn is_schemas(target: &Target<'_>) -> bool {
    target.attribute().is_some_and(|attribute| attribute.path() == "schemas")
}

fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// The values of a list; one that stands alone is a list of one (H-018).
pub(super) fn listed(value: Value) -> Value {
    match value {
        Value::Array(_) | Value::Null => value,
        single => Value::Array(vec![single]),
    }
}
