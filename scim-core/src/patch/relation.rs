//! Operations on relations, such as the members of a group: they become deltas of edges, which
//! need no list of the edges there are.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use percent_encoding::percent_decode_str;
use scim_filter::{Filter, Parser, PatchPath};
use serde_json::Value;

use super::{
    assign::{Assignment, listed, one_expected},
    error::{invalid_value, mutability, no_target},
    options::{UnmatchedAdd, UnmatchedRemove},
    plan::Planner,
    target::{Place, Target},
};
use crate::{
    error::ScimError,
    query::{BindContext, Predicate, ids_of},
    resource::ResourceId,
    schema::{Attribute, Registry, Relation, ResourceType},
    store::{self, Delta},
};

/// One change of a relation that a PATCH asks for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RelationOperation {
    /// Position in the request of the (first) operation that asks for it, counted from 0.
    pub operation: usize,
    /// Which relation.
    pub relation: Arc<Relation>,
    /// What to do with its edges.
    pub action: RelationAction,
}

/// What a PATCH does with the edges of a relation.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RelationAction {
    /// What a store can do as it stands.
    Delta(Delta),
    /// Removes the edges that match, as the actions before it leave them: they have to be listed
    /// first, to make a [`Delta::Remove`] of them.
    ///
    /// The predicate is a test of the value object of an edge. Whether it is 400 `noTarget` when
    /// none matches is up to [`PatchOptions::unmatched_remove`](super::PatchOptions).
    RemoveMatching(Predicate),
}

/// The targets that values of a relation attribute in canonical form name.
///
/// A value names its target by `value` or, failing that, by the last segment of `$ref`. Targets
/// that are named twice are given once.
///
/// # Errors
/// 400 `invalidValue` when a value names no target, or a `type` that the relation does not accept.
pub fn targets(
    registry: &Registry,
    relation: &Relation,
    values: &[Value],
) -> Result<Vec<store::Target>, ScimError> {
    let mut seen = HashSet::with_capacity(values.len());
    let mut targets = Vec::with_capacity(values.len());
    for value in values {
        let id = id(relation, value)?;
        let resource_type = target_type(registry, relation, value)?;
        if seen.insert(id.clone()) {
            targets.push(store::Target { id, resource_type });
        }
    }
    Ok(targets)
}

impl Planner<'_> {
    pub(super) fn assign_relation(
        &mut self,
        how: Assignment,
        relation: &Arc<Relation>,
        target: &Target<'_>,
        value: Value,
    ) -> Result<(), ScimError> {
        let delta = match target {
            Target::Attribute(_) => self.assigned(how, relation, value)?,
            Target::Values(Place { part: None, .. }, filter) if how == Assignment::Add => {
                Some(self.add_selected(relation, filter, value)?)
            }
            _ => return Err(unchangeable(relation)),
        };
        if let Some(delta) = delta {
            self.relate(relation, RelationAction::Delta(delta));
        }
        Ok(())
    }

    pub(super) fn remove_relation(
        &mut self,
        relation: &Arc<Relation>,
        target: &Target<'_>,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        let attribute = relation.attribute();
        let action = match (target, value) {
            (Target::Values(Place { part: None, .. }, filter), _) => {
                self.removal(relation, filter)?
            }
            (Target::Attribute(_), Some(value)) if self.removes_listed(attribute) => {
                let values = self.listed_values(attribute, value)?;
                if values.is_empty() {
                    return Ok(());
                }
                let ids = values.iter().map(|value| id(relation, value));
                RelationAction::Delta(Delta::Remove(ids.collect::<Result<_, _>>()?))
            }
            (Target::Attribute(_), _) => RelationAction::Delta(cleared(attribute)?),
            _ => return Err(unchangeable(relation)),
        };
        self.relate(relation, action);
        Ok(())
    }

    /// What assigning these values does; `None` if nothing.
    fn assigned(
        &mut self,
        how: Assignment,
        relation: &Relation,
        value: Value,
    ) -> Result<Option<Delta>, ScimError> {
        let attribute = relation.attribute();
        let replaces = how == Assignment::Replace || self.unassigns(&value);
        let value = if how == Assignment::Add { listed(value) } else { value };
        let targets = match self.canonical(attribute, value)? {
            Some(Value::Array(values)) => targets(self.context.registry, relation, &values)?,
            _ if replaces => return cleared(attribute).map(Some),
            _ => return Ok(None),
        };
        Ok(Some(if replaces { Delta::Replace(targets) } else { Delta::Add(targets) }))
    }

    /// An `add` to a value that may not be there yet: the only one the filter can mean.
    fn add_selected(
        &mut self,
        relation: &Relation,
        filter: &Filter<'_>,
        value: Value,
    ) -> Result<Delta, ScimError> {
        let attribute = relation.attribute();
        self.predicate(attribute, filter)?;
        if self.context.options.unmatched_add == UnmatchedAdd::NoTarget {
            return Err(unchangeable(relation));
        }
        let selected = match ids_of(filter, &self.context.binding()).as_deref() {
            Some([selected]) => selected.clone(),
            _ => return Err(no_target(attribute)),
        };
        let value = match self.single(attribute, value)? {
            Value::Array(_) => return Err(one_expected(attribute)),
            single => self.canonical(attribute, listed(single))?,
        };
        let names_another = |value: &Value| value.get("value").is_some_and(|id| *id != *selected);
        match value.as_ref().and_then(Value::as_array) {
            Some(values) if values.iter().any(names_another) => Err(unchangeable(relation)),
            Some(values) => {
                let resource_type = values.iter().find_map(|value| {
                    target_type(self.context.registry, relation, value).transpose()
                });
                let resource_type = resource_type.transpose()?;
                Ok(Delta::Add(vec![store::Target { id: selected, resource_type }]))
            }
            None => Ok(Delta::Add(vec![selected.into()])),
        }
    }

    fn removal(
        &mut self,
        relation: &Relation,
        filter: &Filter<'_>,
    ) -> Result<RelationAction, ScimError> {
        let predicate = self.predicate(relation.attribute(), filter)?;
        let unmatched = self.context.options.unmatched_remove;
        Ok(match ids_of(filter, &self.context.binding()) {
            Some(ids) if unmatched == UnmatchedRemove::Ignore => {
                RelationAction::Delta(Delta::Remove(ids))
            }
            _ => RelationAction::RemoveMatching(predicate),
        })
    }

    fn relate(&mut self, relation: &Arc<Relation>, action: RelationAction) {
        let operation = self.operation;
        let relation = relation.clone();
        RelationOperation { operation, relation, action }.join(&mut self.plan.relations);
    }
}

impl RelationOperation {
    /// Adds it to the end, as part of the last change of the same relation where that means the
    /// same.
    fn join(mut self, earlier: &mut Vec<Self>) {
        use Delta::{Add, Clear, Remove, Replace};
        let last = earlier.iter_mut().rev().find(|it| it.relation == self.relation);
        if let (
            Some(Self { action: RelationAction::Delta(last), .. }),
            RelationAction::Delta(next),
        ) = (last, &mut self.action)
        {
            match (&mut *last, next) {
                (Add(known) | Replace(known), Add(added)) => return known.append(added),
                (Remove(known), Remove(removed)) => return known.append(removed),
                (Clear, Add(added)) => {
                    *last = Replace(std::mem::take(added));
                    return;
                }
                _ => {}
            }
        }
        earlier.push(self);
    }
}

/// Whether a path may select edges by more than the ids of their targets, so that what others make
/// of the targets meanwhile matters.
pub(crate) fn looks_at_targets(resource_type: &ResourceType, path: &str) -> bool {
    let mut context = BindContext::new(resource_type, "");
    context.accept_bare_words = true;
    match Parser::tolerant().path(path) {
        Ok(PatchPath::Attribute(_)) => false,
        Ok(PatchPath::Value { path, .. }) => ids_of(&path.filter, &context).is_none(),
        Ok(PatchPath::Element(_)) | Err(_) => true,
    }
}

fn id(relation: &Relation, value: &Value) -> Result<ResourceId, ScimError> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let named = text("value").map(Cow::Borrowed).or_else(|| text("$ref").and_then(last_segment));
    named.filter(|id| !id.is_empty()).map(|id| ResourceId::from(&*id)).ok_or_else(|| {
        let detail = "a value needs the id of a resource as its `value`";
        invalid_value(relation.attribute().path(), detail)
    })
}

fn last_segment(reference: &str) -> Option<Cow<'_, str>> {
    let segment = reference.trim_end_matches('/').rsplit('/').next()?;
    percent_decode_str(segment).decode_utf8().ok()
}

fn target_type(
    registry: &Registry,
    relation: &Relation,
    value: &Value,
) -> Result<Option<Arc<ResourceType>>, ScimError> {
    let Some(name) = value.get("type").and_then(Value::as_str) else { return Ok(None) };
    match relation.targets().find(|target| target.eq_ignore_ascii_case(name)) {
        Some(target) => Ok(registry.resource_type(target).cloned()),
        None => {
            let accepted = relation.targets().collect::<Vec<_>>().join("`, `");
            let detail = format!("`{name}` is none of the types `{accepted}`");
            Err(invalid_value(&format!("{}.type", relation.attribute().path()), detail))
        }
    }
}

fn cleared(attribute: &Attribute) -> Result<Delta, ScimError> {
    match attribute.is_required() {
        true => Err(mutability(attribute, "the attribute is required")),
        false => Ok(Delta::Clear),
    }
}

/// H-045, W-022.
fn unchangeable(relation: &Relation) -> ScimError {
    mutability(relation.attribute(), "values can be added and removed, not changed")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_names_ids_looks_at_no_target() {
        let registry = Registry::standard();
        let group = registry.resource_type("Group").unwrap();
        for (path, looks) in [
            ("members", false),
            ("members[value eq \"1\"]", false),
            ("members[value eq \"1\" or value eq \"2\"]", false),
            ("members[$ref eq \"../Users/1\"]", false),
            ("members[display eq \"Babs\"]", true),
            ("members[display eq \"../Users/1\"]", true),
            ("members[0]", true),
            ("members[", true),
        ] {
            assert_eq!(looks_at_targets(group, path), looks, "{path}");
        }
    }
}
