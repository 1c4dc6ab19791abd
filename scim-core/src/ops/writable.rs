//! What of a resource a caller may write.

use std::{collections::HashSet, sync::Arc};

use http::StatusCode;

use super::{Context, Engine, Failure, attribute_rules::Rights, relations::view};
use crate::{
    error::ScimError,
    hooks::{AttributeUse, Proposal, ProposedDocument},
    query::Side,
    resource::{Difference, ResourceId},
    schema::{Attribute, Mutability, Relation, ResourceType},
    store::{Delta, Hidden, Key, Projection, RelationChange},
};

impl Engine {
    /// # Errors
    /// 403 for an attribute that the caller may not write and that would change.
    pub(super) fn check_writable(
        &self,
        context: &Context,
        proposal: &Proposal,
    ) -> Result<(), ScimError> {
        let Some(rights) = self.rights(context, proposal.resource_type()) else { return Ok(()) };
        let difference = proposal.difference();
        // F-029: no request names what is concealed. It goes where the value does that it is part
        // of, which has to look the same whether there was any.
        let is_new = matches!(proposal.document, ProposedDocument::New(_));
        // What nobody can write goes with what it was said of.
        let is_written = |it: &Attribute| it.mutability() != Mutability::ReadOnly;
        let is_refused = |it: &Attribute| {
            let is_forbidden = is_written(it) && !rights.allow(it, AttributeUse::Write);
            is_forbidden && (is_new || !rights.conceal(it))
        };
        let refused = difference.as_ref().and_then(|it| refused(is_refused, it)).or_else(|| {
            proposal.relations.iter().find_map(|it| refused_relation(&rights, &it.relation))
        });
        refused.map_or(Ok(()), |attribute| Err(forbidden(attribute)))
    }

    /// F-029: refuses a request that names what the caller may neither read nor write. Whether it
    /// changes anything would tell the value.
    ///
    /// # Errors
    /// 403 naming the attribute.
    pub(super) fn check_named(
        &self,
        context: &Context,
        resource_type: &ResourceType,
        is_named: impl Fn(&Attribute) -> bool,
    ) -> Result<(), ScimError> {
        let Some(rights) = self.rights(context, resource_type) else { return Ok(()) };
        let mut unwritable = rights.forbidden(&[AttributeUse::Write]);
        let secret = unwritable.find(|it| rights.conceal(it) && is_named(it));
        secret.map_or(Ok(()), |attribute| Err(forbidden(attribute)))
    }

    /// Leaves out what a PUT says again of relations that the caller may not write.
    ///
    /// # Errors
    /// When the store cannot say which edges there are.
    pub(super) async fn leave_out_repeated(
        &self,
        context: &Context,
        proposal: &mut Proposal,
    ) -> Result<(), Failure> {
        let resource_type = proposal.resource_type().clone();
        let Some(rights) = self.rights(context, &resource_type) else { return Ok(()) };
        let mut changes = Vec::new();
        for change in std::mem::take(&mut proposal.relations) {
            let is_writable = refused_relation(&rights, &change.relation).is_none();
            if is_writable || !self.is_repeated(context, &proposal.key, &change).await? {
                changes.push(change);
            }
        }
        proposal.relations = changes;
        Ok(())
    }

    /// Whether a replacement names the edges that there are; it reads one more than it names.
    async fn is_repeated(
        &self,
        context: &Context,
        key: &Key,
        change: &RelationChange,
    ) -> Result<bool, Failure> {
        let named: HashSet<&ResourceId> = match &change.delta {
            Delta::Replace(targets) => targets.iter().map(|it| &it.id).collect(),
            Delta::Clear => HashSet::new(),
            Delta::Add(_) | Delta::Remove(_) => return Ok(false),
        };
        let enough = named.len().saturating_add(1);
        let relations = vec![view(&change.relation, Side::Targets, enough)];
        let projection = Projection { hidden: Hidden::Skip, relations };
        let found = self.store.get(&context.scope, key, &projection).await?;
        let edges = found.iter().flat_map(|it| &it.relations).flat_map(|it| &it.edges);
        Ok(edges.map(|edge| &edge.id).collect::<HashSet<_>>() == named)
    }
}

/// The first attribute, or part of one, that differs and must not.
fn refused<'d>(
    is_refused: impl Fn(&Attribute) -> bool,
    difference: &'d Difference<'_>,
) -> Option<&'d Arc<Attribute>> {
    let is_refused = |it: &&Arc<Attribute>| is_refused(it);
    difference.changed.iter().find_map(|attribute| {
        let mut parts = attribute.sub_attributes().iter().filter(is_refused);
        let part = || parts.find(|part| difference.is_in_part(attribute, part));
        Some(attribute).filter(is_refused).or_else(part)
    })
}

/// An edge is named by its `value`.
fn refused_relation<'r>(rights: &Rights<'_>, relation: &'r Relation) -> Option<&'r Arc<Attribute>> {
    let attribute = relation.attribute();
    let mut named = std::iter::once(attribute).chain(attribute.sub_attribute("value"));
    named.find(|it| !rights.allow(it, AttributeUse::Write))
}

fn forbidden(attribute: &Attribute) -> ScimError {
    let detail = "the caller may not write this attribute";
    ScimError::with_status(StatusCode::FORBIDDEN, detail).at(attribute.path())
}
