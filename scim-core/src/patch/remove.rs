//! `remove` (RFC 7644 §3.5.2.2).

use std::sync::Arc;

use serde_json::Value;

use super::{
    assign::listed,
    error::invalid_value,
    options::{ListedValues, UnmatchedRemove, WrappedValues},
    plan::{Planner, no_path},
    step::{Change, ElementChange, Part, PartChange, Selection, Unmatched},
    target::{Place, Target},
};
use crate::{
    error::ScimError,
    schema::Attribute,
    tolerance,
    validate::{self, NoteRule},
};

impl Planner<'_> {
    /// `value` is not `null`.
    pub(super) fn remove(
        &mut self,
        target: Target<'_>,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let attribute = match &target {
            Target::Resource => return Err(no_path()),
            Target::Extension(extension) => return self.drop_extension(extension),
            Target::Attribute(attribute) => *attribute,
            Target::Part(place) | Target::Values(place, _) => place.attribute,
        };
        target.writable()?;
        if attribute.path() == "schemas" {
            return self.remove_schemas(&target, value);
        }
        if let Some(relation) = self.context.resource_type.relation_of(attribute) {
            return self.remove_relation(relation, &target, value);
        }
        let change = match target {
            Target::Values(place, filter) => {
                let predicate = Some(self.predicate(attribute, &filter)?);
                let unmatched = self.unmatched_removal();
                removal(place, Selection { predicate, unmatched })
            }
            Target::Part(place) if attribute.is_multi_valued() => {
                removal(place, Selection { predicate: None, unmatched: Unmatched::Ignore })
            }
            Target::Part(Place { part: Some(part), .. }) => Change::Merge(vec![unassigned(part)]),
            _ => match value.filter(|_| self.removes_listed(attribute)) {
                Some(value) => self.discard(attribute, value)?,
                None => Change::Assign(None),
            },
        };
        self.change(attribute, change);
        Ok(())
    }

    /// Whether the `value` of a removal says which values are meant.
    pub(super) fn removes_listed(&self, attribute: &Attribute) -> bool {
        attribute.is_multi_valued() && self.context.options.listed_values == ListedValues::Removed
    }

    /// The values that a removal lists, as a list in canonical form.
    pub(super) fn listed_values(
        &mut self,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Vec<Value>, ScimError> {
        self.notes.add(attribute.path(), NoteRule::ListedValuesRemoved);
        let value = match self.context.options.wrapped_values {
            WrappedValues::Kept => value,
            WrappedValues::Unwrapped => tolerance::unwrapped(attribute, value, self.notes),
        };
        let Value::Array(values) = listed(value) else { return Ok(Vec::new()) };
        let is_empty = values.is_empty();
        let mut canonical = Vec::with_capacity(values.len());
        for value in values {
            canonical.extend(validate::element(attribute, value, self.notes, self.context.rules)?);
        }
        if canonical.is_empty() && !is_empty {
            let detail = "expected values of the attribute, found none";
            return Err(invalid_value(attribute.path(), detail));
        }
        Ok(canonical)
    }

    fn discard(&mut self, attribute: &Attribute, value: Value) -> Result<Change, ScimError> {
        let values = self.listed_values(attribute, value)?;
        Ok(Change::Discard(values, self.unmatched_removal()))
    }

    fn unmatched_removal(&self) -> Unmatched {
        match self.context.options.unmatched_remove {
            UnmatchedRemove::Ignore => Unmatched::Ignore,
            UnmatchedRemove::NoTarget => Unmatched::Refuse,
        }
    }
}

fn removal(place: Place<'_>, selection: Selection) -> Change {
    let change = match place.part {
        Some(part) => ElementChange::Merge(vec![unassigned(part)]),
        None => ElementChange::Remove,
    };
    Change::Select(selection, change)
}

fn unassigned(part: &Arc<Attribute>) -> Part {
    Part { attribute: part.clone(), change: PartChange::Unassign }
}
