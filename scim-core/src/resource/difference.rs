//! In which attributes two versions of a document differ.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde_json::Value;

use super::{Object, Values, place::value_of, values::NOTHING};
use crate::schema::{Attribute, AttributeType, ResourceType};

/// What is different between two versions of a document.
pub(crate) struct Difference<'v> {
    /// Of both versions, at least the values that differ and, if any do, those that a label is
    /// made of.
    pub(crate) before: &'v Object,
    pub(crate) after: &'v Object,
    /// As [`changed`] has them.
    pub(crate) changed: Cow<'v, [Arc<Attribute>]>,
}

impl<'v> Difference<'v> {
    /// It is known already if one version was made by editing the other.
    pub(crate) fn between(
        resource_type: &ResourceType,
        before: &'v Values,
        after: &'v Values,
    ) -> Self {
        match (after.edit(), before.document()) {
            (Some(edit), Some(document)) if edit.source == *document => {
                let (before, after) = (&edit.before, &edit.after);
                Self { before, after, changed: Cow::Borrowed(&edit.changed) }
            }
            (_, Some(document)) if after.document() == Some(document) => {
                Self { before: &NOTHING, after: &NOTHING, changed: Cow::Borrowed(&[]) }
            }
            _ => Self::of(resource_type, before, after),
        }
    }

    /// The difference that a new resource makes.
    pub(crate) fn to_new(resource_type: &ResourceType, values: &'v Values) -> Self {
        Self::of(resource_type, &NOTHING, values)
    }

    /// The difference that it makes when a resource goes.
    pub(crate) fn to_none(resource_type: &ResourceType, values: &'v Object) -> Self {
        Self::of(resource_type, values, &NOTHING)
    }

    /// Whether values of a multi-valued attribute that differ do so in this part: one that is
    /// otherwise the same has another, or those that came have others than those that went.
    pub(crate) fn is_in_part(&self, attribute: &Attribute, part: &Attribute) -> bool {
        let parts_in = |values: &'v Object| parts_by_rest(value_of(attribute, values), part);
        let (mut before, mut after) = (parts_in(self.before), parts_in(self.after));
        let mut differs = false;
        before.retain(|rest, parts| match after.remove(rest) {
            None => true,
            Some(other) => {
                differs |= *parts != other;
                false
            }
        });
        differs || all_parts(before) != all_parts(after)
    }

    fn of(resource_type: &ResourceType, before: &'v Object, after: &'v Object) -> Self {
        Self { before, after, changed: changed(before, after, resource_type).into() }
    }
}

/// What the values of a multi-valued attribute have of a part, by what else is in them.
fn parts_by_rest<'v>(
    values: Option<&'v Value>,
    part: &Attribute,
) -> BTreeMap<String, Vec<Option<&'v Value>>> {
    // A value that is not primary need not say so (RFC 7643 §2.4).
    let is_primary = part.name() == "primary" && part.kind() == AttributeType::Boolean;
    let mut parts = BTreeMap::<_, Vec<_>>::new();
    let elements = values.and_then(Value::as_array).into_iter().flatten();
    for element in elements.filter_map(Value::as_object) {
        let rest = element.iter().filter(|(name, _)| *name != part.name());
        let rest = rest.map(|(name, value)| format!("{name} {value} ")).collect();
        let is_said = |value: &&Value| !is_primary || **value != Value::Bool(false);
        parts.entry(rest).or_default().push(element.get(part.name()).filter(is_said));
    }
    parts.values_mut().for_each(|them| them.sort_by_cached_key(|it| it.map(Value::to_string)));
    parts
}

fn all_parts(parts: BTreeMap<String, Vec<Option<&Value>>>) -> Vec<String> {
    let mut all: Vec<_> = parts.into_values().flatten().flatten().map(Value::to_string).collect();
    all.sort_unstable();
    all
}

/// The attributes in which two sets of canonical values differ, in schema order: simple ones,
/// sub-attributes of single-valued complex ones, and multi-valued ones as a whole. Empty if the
/// values are equal.
pub fn changed(
    before: &Object,
    after: &Object,
    resource_type: &ResourceType,
) -> Vec<Arc<Attribute>> {
    let mut changed = Vec::new();
    compare(resource_type.attributes(), Some(before), Some(after), &mut changed);
    for extension in resource_type.extensions() {
        let (before, after) = (before.get(extension.urn()), after.get(extension.urn()));
        compare(extension.attributes(), object(before), object(after), &mut changed);
    }
    changed
}

fn compare(
    attributes: &[Arc<Attribute>],
    before: Option<&Object>,
    after: Option<&Object>,
    changed: &mut Vec<Arc<Attribute>>,
) {
    let differing = differing(before, after);
    if differing.is_empty() {
        return;
    }
    for attribute in attributes.iter().filter(|it| differing.contains(&it.name())) {
        let before = before.and_then(|it| it.get(attribute.name()));
        let after = after.and_then(|it| it.get(attribute.name()));
        if attribute.is_multi_valued() || attribute.sub_attributes().is_empty() {
            changed.push(attribute.clone());
        } else {
            compare(attribute.sub_attributes(), object(before), object(after), changed);
        }
    }
}

/// The names of the members that differ.
fn differing<'v>(before: Option<&'v Object>, after: Option<&'v Object>) -> Vec<&'v str> {
    let gone_or_other = before
        .into_iter()
        .flatten()
        .filter(|(name, value)| after.and_then(|after| after.get(name.as_str())) != Some(value));
    let is_new = |(name, _): &(&String, &Value)| {
        before.is_none_or(|before| !before.contains_key(name.as_str()))
    };
    let new = after.into_iter().flatten().filter(is_new);
    gone_or_other.chain(new).map(|(name, _)| name.as_str()).collect()
}

fn object(value: Option<&Value>) -> Option<&Object> {
    value.and_then(Value::as_object)
}
