//! Reading resources that the caller may see.

use super::{Context, Engine, Failure, Outcome, relations};
use crate::{
    error::ScimError,
    hooks::Reading,
    query::{BindContext, Candidate, Predicate, bind, eval},
    schema::ResourceType,
    store::{Hidden, Key, Projection, Resource},
};

/// All of a document and no relations.
const DOCUMENT: Projection = Projection { hidden: Hidden::Load, relations: Vec::new() };

impl Engine {
    /// Reads a resource as the request wants it shown.
    pub(super) async fn read(
        &self,
        context: &Context,
        key: &Key,
    ) -> Result<Option<Resource>, Failure> {
        let (selection, limit) = (&context.selection, self.limits.edges);
        let projection = relations::projection(&key.resource_type, selection, limit);
        self.fetch(context, key, projection).await
    }

    /// Reads what a change of the document starts from.
    ///
    /// # Errors
    /// 404 when there is no such resource.
    pub(super) async fn read_document(
        &self,
        context: &Context,
        key: &Key,
    ) -> Result<Resource, Failure> {
        self.fetch(context, key, DOCUMENT).await?.ok_or_else(Failure::not_found)
    }

    /// Reads a document for the host alone, whether or not the caller may see it.
    pub(super) async fn read_for_host(
        &self,
        context: &Context,
        key: &Key,
    ) -> Result<Option<Resource>, Failure> {
        Ok(self.store.get(&context.scope, key, &DOCUMENT).await?)
    }

    /// The resource after a change; nothing to show if it is gone, or out of the caller's sight.
    pub(super) async fn changed(&self, context: &Context, key: &Key) -> Result<Outcome, Failure> {
        Ok(match self.read(context, key).await? {
            Some(resource) => Outcome::Resource(Box::new(resource)),
            None => Outcome::Done(None),
        })
    }

    /// Reads a resource if the caller may see it.
    async fn fetch(
        &self,
        context: &Context,
        key: &Key,
        mut projection: Projection,
    ) -> Result<Option<Resource>, Failure> {
        let Some(visible) = self.visible(context, &key.resource_type, Reading::One)? else {
            return Ok(self.store.get(&context.scope, key, &projection).await?);
        };
        let shown = projection.relations.len();
        projection.hidden = Hidden::Load;
        projection.relations.extend(relations::views_in(&visible, self.limits.candidates));
        let Some(mut resource) = self.store.get(&context.scope, key, &projection).await? else {
            return Ok(None);
        };
        if !eval(&visible, &Candidate::new(&resource, &projection)?) {
            return Ok(None);
        }
        resource.relations.truncate(shown);
        Ok(Some(resource))
    }

    /// The host's own filter on what the caller may see.
    ///
    /// # Errors
    /// 500 when the host's filter does not fit the resource type.
    pub(super) fn visible(
        &self,
        context: &Context,
        resource_type: &ResourceType,
        reading: Reading<'_>,
    ) -> Result<Option<Predicate>, Failure> {
        let caller = context.caller();
        let Some(filter) = self.hooks.policy.visible(&caller, resource_type, reading) else {
            return Ok(None);
        };
        let bound = bind(&filter, &BindContext::new(resource_type, &context.base));
        bound.map(Some).map_err(|error| Failure::internal(InvalidVisibility(error)))
    }
}

/// The host's filter on what a caller may see cannot be resolved.
#[derive(Debug, thiserror::Error)]
#[error("the policy's filter is not valid: {0}")]
struct InvalidVisibility(ScimError);
