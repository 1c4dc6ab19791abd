//! Operations on `schemas` and on whole extensions (RFC 7644 §3.5.2; H-013, H-047).
//!
//! `schemas` follows from the data: adding a URN changes nothing, removing one removes the data.

use serde_json::Value;

use super::{
    assign::{Assignment, listed},
    error::{invalid_value, mutability},
    plan::Planner,
    step::Step,
    target::Target,
};
use crate::{
    error::{ScimError, ScimType},
    query::eval_element,
    schema::{Extension, ResourceType},
};

impl Planner<'_> {
    pub(super) fn drop_extension(&mut self, extension: &Extension) -> Result<(), ScimError> {
        if extension.is_required() {
            let detail = "the extension is required";
            return Err(ScimError::new(ScimType::Mutability, detail).at(extension.urn()));
        }
        self.step(Step::DropExtension(extension.urn().into()));
        Ok(())
    }

    pub(super) fn assign_schemas(
        &mut self,
        how: Assignment,
        target: &Target<'_>,
        value: &Value,
    ) -> Result<(), ScimError> {
        let Target::Attribute(attribute) = target else {
            return Err(invalid_value("schemas", "a URN is added or removed, not changed"));
        };
        let kept = urns(value)?;
        if how == Assignment::Add {
            return Ok(());
        }
        let is_kept = |urn: &str| kept.iter().any(|it| it.eq_ignore_ascii_case(urn));
        let resource_type = self.context.resource_type;
        if !is_kept(resource_type.schema()) {
            return Err(mutability(attribute, "the base schema is required"));
        }
        self.drop_schemas(resource_type, |urn| !is_kept(urn))
    }

    pub(super) fn remove_schemas(
        &mut self,
        target: &Target<'_>,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let resource_type = self.context.resource_type;
        match (target, value) {
            (Target::Values(place, filter), _) => {
                let predicate = self.predicate(place.attribute, filter)?;
                self.drop_schemas(resource_type, |urn| eval_element(&predicate, &urn.into()))
            }
            (Target::Attribute(attribute), Some(value)) if self.removes_listed(attribute) => {
                let value = listed(value);
                let removed = urns(&value)?;
                let is_removed = |urn: &str| removed.iter().any(|it| it.eq_ignore_ascii_case(urn));
                self.drop_schemas(resource_type, is_removed)
            }
            _ => self.drop_schemas(resource_type, |_| true),
        }
    }

    fn drop_schemas(
        &mut self,
        resource_type: &ResourceType,
        is_dropped: impl Fn(&str) -> bool,
    ) -> Result<(), ScimError> {
        if is_dropped(resource_type.schema()) {
            let detail = "the base schema is required";
            return Err(ScimError::new(ScimType::Mutability, detail).at("schemas"));
        }
        resource_type
            .extensions()
            .iter()
            .filter(|extension| is_dropped(extension.urn()))
            .try_for_each(|extension| self.drop_extension(extension))
    }
}

fn urns(value: &Value) -> Result<Vec<&str>, ScimError> {
    let urns: Option<Vec<_>> = match value {
        Value::Array(urns) => urns.iter().map(Value::as_str).collect(),
        urn => urn.as_str().map(|urn| vec![urn]),
    };
    urns.ok_or_else(|| invalid_value("schemas", "expected an array of strings"))
}
