//! Carrying out the document part of a plan, on a copy.

use std::{collections::HashMap, sync::Arc};

use serde_json::Value;

use super::{
    discard::discard,
    elements::{append, select},
    kept::Changed,
    options::{Matching, PatchOptions, RequiredCheck},
    parts::{fixed, keep_immutable, unassign},
    positions::Positions,
    step::{Change, DocumentOperation, Step},
    work::Work,
};
use crate::{
    error::ScimError,
    query::Predicate,
    resource::{Object, set_schemas, set_value, take_value},
    schema::{Attribute, Mutability, ResourceType},
    validate::{self, Known, Notes},
};

/// What the values of a document become by the operations of a [`Plan`](super::Plan).
///
/// Equal values come back when there was nothing to change.
///
/// # Errors
/// The first operation that fails, with its position: 400 `noTarget`, `mutability` or
/// `invalidValue`, and `tooMany` when those before it had to look at more than a million values or
/// it alone at 25 million, or when it puts a large value into too many; 400 `invalidValue` without a position if the result
/// lacks what is required.
pub fn apply(
    resource_type: &ResourceType,
    values: &Object,
    operations: &[DocumentOperation],
    options: &PatchOptions,
    notes: &mut Notes,
) -> Result<Object, ScimError> {
    let mut values = carried_out(resource_type, values.clone(), operations, options, notes)?;
    set_schemas(resource_type, &mut values);
    validate::required(resource_type, &values, Known::Stored)?;
    Ok(values)
}

/// What the values become, not looked at as a whole: it takes only those that operations are about.
///
/// # Errors
/// The first operation that fails.
pub(super) fn carried_out(
    resource_type: &ResourceType,
    values: Object,
    operations: &[DocumentOperation],
    options: &PatchOptions,
    notes: &mut Notes,
) -> Result<Object, ScimError> {
    let mut draft = Draft {
        resource_type,
        values,
        positions: HashMap::new(),
        check: options.required_check,
        matching: options.matching,
        work: Work::default(),
        notes,
    };
    for DocumentOperation { operation, step, unseen } in operations {
        draft.run(step, unseen).map_err(|error| error.in_operation(*operation))?;
    }
    Ok(draft.values)
}

/// A document in the making.
struct Draft<'a> {
    resource_type: &'a ResourceType,
    values: Object,
    /// Where values stand, of attributes that were only appended to since that was found out.
    positions: HashMap<&'a str, Positions>,
    check: RequiredCheck,
    matching: Matching,
    work: Work,
    notes: &'a mut Notes,
}

impl<'a> Draft<'a> {
    fn run(&mut self, step: &'a Step, unseen: &'a [Arc<Attribute>]) -> Result<(), ScimError> {
        let (attribute, change) = match step {
            Step::Change(attribute, change) => (&**attribute, change),
            Step::DropExtension(urn) => return self.drop_extension(urn),
        };
        let before = take_value(attribute, &mut self.values);
        self.look(attribute, change, before.as_ref())?;
        let had_value = before.is_some();
        let fixed = before.as_ref().and_then(|before| fixed(attribute, before));
        self.work.look_at(fixed.as_slice());
        let after = self.changed(Changed { attribute, unseen }, change, before)?;
        if let Some(before) = fixed {
            keep_immutable(attribute, &before, after.as_ref())?;
        }
        if had_value && after.is_none() {
            unassign(attribute, self.check)?;
        }
        set_value(attribute, &mut self.values, after);
        Ok(())
    }

    /// Counts what a change has to look at.
    fn look(
        &mut self,
        attribute: &Attribute,
        change: &Change,
        values: Option<&Value>,
    ) -> Result<(), ScimError> {
        self.work.check(attribute)?;
        let values = values.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        match change {
            Change::Assign(_) | Change::Merge(_) => {}
            // Only what becomes primary is compared with all others.
            Change::Append(_) if self.positions.contains_key(attribute.path()) => {}
            Change::Append(_) | Change::Discard(..) => self.work.look_at(values),
            Change::Select(selection, _) => {
                let each = selection.predicate.as_ref().map_or(1, Predicate::comparisons);
                self.work.look_at(values);
                self.work.look(values.len().saturating_mul(each.saturating_sub(1)));
            }
        }
        Ok(())
    }

    fn changed(
        &mut self,
        changed: Changed<'a>,
        change: &Change,
        before: Option<Value>,
    ) -> Result<Option<Value>, ScimError> {
        let attribute = changed.attribute;
        if !matches!(change, Change::Append(_)) {
            self.positions.remove(attribute.path());
        }
        match change {
            Change::Assign(value) => Ok(changed.assigned(before.as_ref(), value.clone())),
            Change::Merge(parts) => {
                let mut object = match before {
                    Some(Value::Object(object)) => object,
                    _ => Object::new(),
                };
                changed.merge(&mut object, parts, self.check, &self.work)?;
                Ok((!object.is_empty()).then_some(Value::Object(object)))
            }
            Change::Append(added) => with_values(before, |values| {
                let known = self.positions.entry(attribute.path());
                let of = || Positions::of(attribute, values, self.matching);
                append(attribute, values, known.or_insert_with(of), added, &self.work)
            }),
            Change::Discard(listed, unmatched) => with_values(before, |values| {
                discard(attribute, values, listed, unmatched, self.matching, &self.work)
            }),
            Change::Select(selection, change) => with_values(before, |values| {
                let work = &mut self.work;
                select(changed, values, selection, change, self.check, work, self.notes)
            }),
        }
    }

    /// What clients may not write stays.
    fn drop_extension(&mut self, urn: &str) -> Result<(), ScimError> {
        let Some(extension) = self.resource_type.extension(urn) else { return Ok(()) };
        let Some(Value::Object(mut values)) = self.values.remove(extension.urn()) else {
            return Ok(());
        };
        for attribute in extension.attributes() {
            if attribute.mutability() == Mutability::ReadOnly {
                continue;
            }
            self.positions.remove(attribute.path());
            if let Some(before) = values.remove(attribute.name()) {
                keep_immutable(attribute, &before, None)?;
            }
        }
        if !values.is_empty() {
            self.values.insert(extension.urn().to_owned(), Value::Object(values));
        }
        Ok(())
    }
}

/// Changes the values of a multi-valued attribute; none left means unassigned.
fn with_values(
    before: Option<Value>,
    change: impl FnOnce(&mut Vec<Value>) -> Result<(), ScimError>,
) -> Result<Option<Value>, ScimError> {
    let mut values = match before {
        Some(Value::Array(values)) => values,
        _ => Vec::new(),
    };
    change(&mut values)?;
    Ok((!values.is_empty()).then_some(Value::Array(values)))
}
