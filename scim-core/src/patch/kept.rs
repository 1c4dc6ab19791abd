//! What stays of an attribute where an operation puts other values in the place of its own.

use std::{slice, sync::Arc};

use serde_json::Value;

use super::{options::RequiredCheck, parts::merge, step::Part, work::Work};
use crate::{
    error::ScimError,
    resource::Object,
    schema::Attribute,
    validate::{self, Former},
};

/// An attribute that is changed, and which of its parts the caller does not see.
#[derive(Clone, Copy)]
pub(super) struct Changed<'a> {
    pub(super) attribute: &'a Attribute,
    pub(super) unseen: &'a [Arc<Attribute>],
}

impl Changed<'_> {
    /// What is assigned, with the parts of what was there that the client does not write or see.
    pub(super) fn assigned(
        &self,
        before: Option<&Value>,
        mut value: Option<Value>,
    ) -> Option<Value> {
        match (before, &mut value) {
            (Some(Value::Array(before)), Some(Value::Array(given))) => self.carry(before, given),
            (Some(before), Some(given)) => {
                validate::carry_single(self.attribute, self.unseen, before, given);
            }
            _ => {}
        }
        value
    }

    /// Changes parts of one value.
    pub(super) fn merge(
        &self,
        object: &mut Object,
        parts: &[Part],
        check: RequiredCheck,
        work: &Work,
    ) -> Result<(), ScimError> {
        let is_among = |name: &str| parts.iter().any(|part| part.attribute.name() == name);
        let before = validate::NAMES.map(|name| match is_among(name) {
            true => Former::Was(object.get(name).cloned()),
            false => Former::Unchanged,
        });
        merge(object, parts, check, work)?;
        validate::drop_outdated(self.attribute, before, object);
        Ok(())
    }

    /// What is put in the place of one of several values.
    pub(super) fn put(&self, before: Value, value: &mut Value) {
        self.carry(&[before], slice::from_mut(value));
    }

    fn carry(&self, before: &[Value], given: &mut [Value]) {
        let unseen: Vec<_> = self.unseen.iter().collect();
        validate::carry_unseen(self.attribute, &unseen, before, given);
        validate::carry_elements(self.attribute, before, given);
    }
}
