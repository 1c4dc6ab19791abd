//! What is written down of a committed change.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::Committed;
use crate::{
    resource::{Difference, Object, value_of},
    schema::{Attribute, Mutability, Returned},
    store::{Delta, Effect, RelationChange},
};

/// What stands in the place of a value that nobody may read.
const MASK: &str = "***";

/// A committed change as an audit log keeps it: who did what to which resource, and what it was
/// before. It serialises to JSON.
///
/// Values that are never returned, such as passwords, are masked. What a write did not have to
/// read is not in it: the members before a PATCH of members, the values before a deletion that no
/// [`Policy::before_image`](super::Policy::before_image) asked for.
///
/// ```
/// use scim_core::{Committed, Observer};
///
/// #[derive(Debug)]
/// struct Audit(std::sync::mpsc::Sender<String>);
///
/// impl Observer for Audit {
///     fn committed(&self, change: &Committed<'_>) {
///         let line = serde_json::to_string(&change.record()).unwrap_or_default();
///         _ = self.0.send(line);
///     }
/// }
/// ```
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct AuditRecord<'a> {
    /// [`Committed::sequence`]: the order in which one server learned of its commits since it
    /// started. A gap stands for a write of which the outcome is not known. Of one resource,
    /// [`version_before`](Self::version_before) and [`version_after`](Self::version_after) tell the
    /// order of the commits themselves.
    pub sequence: u64,
    /// When, as `meta.lastModified` shows it; of a deletion, when the resource was last changed.
    pub last_modified: String,
    /// The id of the request, where requests have ids.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<&'a str>,
    /// Who: [`Actor::subject`](super::Actor::subject).
    pub actor: &'a str,
    /// In which tenant; empty on a server without tenants.
    pub tenant: &'a str,
    /// What was done.
    pub action: AuditAction,
    /// Type of the resource.
    pub resource_type: &'a str,
    /// Its id.
    pub id: &'a str,
    /// Its version before, where there was one and the store said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_before: Option<&'a str>,
    /// Its version after, unless it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_after: Option<&'a str>,
    /// The attributes that differ.
    pub attributes: Vec<AttributeChange<'a>>,
    /// What was asked of its relations, in order.
    pub relations: Vec<RelationRecord<'a>>,
}

/// What was done to a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AuditAction {
    /// It was added.
    Create,
    /// It is different.
    Change,
    /// It is gone.
    Delete,
}

/// An attribute with another value than before.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct AttributeChange<'a> {
    /// Its path, as in `name.givenName`.
    pub attribute: Cow<'a, str>,
    /// The value before; `None` where there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Cow<'a, Value>>,
    /// The value after; `None` where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Cow<'a, Value>>,
}

/// What was asked of a relation, such as `members`.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct RelationRecord<'a> {
    /// The attribute of the relation.
    pub attribute: &'a str,
    /// `add`, `remove`, `replace` or `clear`.
    pub action: &'static str,
    /// Ids of the resources at the other end.
    pub values: Vec<&'a str>,
}

impl<'a> Committed<'a> {
    /// The change as an audit log keeps it.
    pub fn record(&self) -> AuditRecord<'a> {
        let Committed { actor, scope, proposal, written, sequence, .. } = *self;
        let action = match written.effect {
            Effect::Inserted => AuditAction::Create,
            Effect::Changed | Effect::Unchanged => AuditAction::Change,
            Effect::Deleted => AuditAction::Delete,
        };
        let version = written.meta.version.as_str();
        AuditRecord {
            sequence,
            last_modified: written.meta.last_modified.to_string(),
            request_id: self.request_id.map(super::RequestId::as_str),
            actor: actor.subject(),
            tenant: scope.tenant.as_str(),
            action,
            resource_type: proposal.resource_type().name(),
            id: &written.id,
            version_before: written.before.as_ref().map(crate::resource::Version::as_str),
            version_after: (action != AuditAction::Delete).then_some(version),
            attributes: self.attributes(),
            relations: proposal.relations.iter().map(relation_record).collect(),
        }
    }

    fn attributes(&self) -> Vec<AttributeChange<'a>> {
        let proposal = self.proposal;
        let difference = match proposal.before() {
            Some(before) if proposal.after().is_none() => {
                Some(Difference::to_none(proposal.resource_type(), before))
            }
            _ => proposal.difference(),
        };
        let Some(Difference { before, after, changed }) = difference else { return Vec::new() };
        let shown = |attribute: &Attribute, values: &'a Object| {
            Some(readable(attribute, value_of(attribute, values)?))
        };
        // `schemas` follows from the other attributes.
        changed
            .iter()
            .filter(|attribute| attribute.path() != "schemas")
            .map(|attribute| AttributeChange {
                attribute: attribute.path().to_owned().into(),
                before: shown(attribute, before),
                after: shown(attribute, after),
            })
            .collect()
    }
}

fn relation_record(change: &RelationChange) -> RelationRecord<'_> {
    let (action, values) = match &change.delta {
        Delta::Add(targets) => ("add", targets.iter().map(|target| &*target.id).collect()),
        Delta::Replace(targets) => ("replace", targets.iter().map(|target| &*target.id).collect()),
        Delta::Remove(ids) => ("remove", ids.iter().map(|id| &**id).collect()),
        Delta::Clear => ("clear", Vec::new()),
    };
    RelationRecord { attribute: change.relation.attribute().path(), action, values }
}

/// The value with all that nobody may read masked.
fn readable<'v>(attribute: &Attribute, value: &'v Value) -> Cow<'v, Value> {
    if is_secret(attribute) {
        return Cow::Owned(MASK.into());
    }
    if !attribute.sub_attributes().iter().any(|part| is_secret(part)) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(match value {
        Value::Array(elements) => {
            elements.iter().map(|element| readable_parts(attribute, element)).collect()
        }
        single => readable_parts(attribute, single),
    })
}

fn readable_parts(attribute: &Attribute, value: &Value) -> Value {
    let Value::Object(parts) = value else { return MASK.into() };
    let parts = parts.iter().map(|(name, part)| {
        let part = match attribute.sub_attribute(name) {
            Some(sub) => readable(sub, part).into_owned(),
            None => MASK.into(),
        };
        (name.clone(), part)
    });
    Value::Object(parts.collect::<Map<_, _>>())
}

fn is_secret(attribute: &Attribute) -> bool {
    attribute.returned() == Returned::Never || attribute.mutability() == Mutability::WriteOnly
}
