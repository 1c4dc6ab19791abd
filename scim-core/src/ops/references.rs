//! References that have to lead to a resource, where the host wants that.

use std::{collections::BTreeSet, sync::Arc};

use super::{Context, Engine, Failure};
use crate::{
    config::References,
    error::{ScimError, ScimType},
    hooks::{Proposal, Reading},
    query::{Predicate, has_id},
    resource::ResourceId,
    schema::ResourceType,
    store::Query,
    validate::references,
};

/// How many ids one query asks for: nearly always all of them.
const ASKED_AT_ONCE: usize = 250;

impl Engine {
    /// Checks that what a write newly refers to is there for the caller to see. What the resource
    /// refers to already is left alone.
    ///
    /// # Errors
    /// 400 `invalidValue` naming the attribute.
    pub(super) async fn check_references(
        &self,
        context: &Context,
        proposal: &Proposal,
    ) -> Result<(), Failure> {
        let (References::Existing, Some(after)) = (context.behaviour.references, proposal.after())
        else {
            return Ok(());
        };
        let referred =
            |values| references(&self.registry, proposal.resource_type(), values, &context.base);
        let known = proposal.before().map(referred).unwrap_or_default();
        let mut wanted = referred(after);
        let is_added =
            |id: &ResourceId| context.added.as_ref().is_some_and(|added| added.contains(id));
        wanted.retain(|it| !known.contains(it) && !is_added(&it.id));
        for resource_type in self.registry.resource_types() {
            let of_type = wanted.iter().filter(|it| it.targets.contains(resource_type));
            let ids: BTreeSet<_> = of_type.map(|it| it.id.clone()).collect();
            let found = self.existing(context, resource_type, ids, None).await?;
            wanted.retain(|it| !it.targets.contains(resource_type) || !found.contains(&it.id));
        }
        let Some(dangling) = wanted.first() else { return Ok(()) };
        let detail = format!("there is no resource `{}` to refer to", dangling.id);
        Err(ScimError::new(ScimType::InvalidValue, detail).at(dangling.attribute.path()).into())
    }

    /// Those of the ids that resources have which the caller may see, or of which it knows.
    pub(super) async fn existing(
        &self,
        context: &Context,
        resource_type: &Arc<ResourceType>,
        ids: BTreeSet<ResourceId>,
        known: Option<Predicate>,
    ) -> Result<BTreeSet<ResourceId>, Failure> {
        let mut existing = BTreeSet::new();
        let ids: Vec<_> = ids.into_iter().collect();
        let visible = self.visible(context, resource_type, Reading::One)?;
        let visible = visible.map(|visible| Predicate::any(known.into_iter().chain([visible])));
        for ids in ids.chunks(ASKED_AT_ONCE) {
            let visible = visible.clone();
            let asked = Predicate::any(ids.iter().map(|id| has_id(resource_type, id)));
            let mut query = Query::new(resource_type, ids.len());
            query.filter = Some(Predicate::all(visible.into_iter().chain([asked])));
            let found = self.page(&context.scope, &query).await?;
            existing.extend(found.resources.into_iter().map(|it| it.id));
        }
        Ok(existing)
    }
}
