//! Reading resources that the caller may see.

use std::borrow::Cow;

use super::{Context, Engine, Failure, relations};
use crate::{
    error::ScimError,
    hooks::Reading,
    query::{BindContext, Candidate, Predicate, bind, eval, has_id},
    schema::ResourceType,
    store::{Hidden, Key, Projection, Query, Resource},
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
        let projection = self.projections.of(&key.resource_type, &context.selection);
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
        self.fetch(context, key, Cow::Owned(DOCUMENT)).await?.ok_or_else(Failure::not_found)
    }

    /// Reads a document for the host alone, whether or not the caller may see it.
    pub(super) async fn read_for_host(
        &self,
        context: &Context,
        key: &Key,
    ) -> Result<Option<Resource>, Failure> {
        Ok(self.store.get(&context.scope, key, &DOCUMENT).await?)
    }

    /// Reads a resource if the caller may see it.
    async fn fetch(
        &self,
        context: &Context,
        key: &Key,
        wanted: Cow<'_, Projection>,
    ) -> Result<Option<Resource>, Failure> {
        let Some(visible) = self.visible(context, &key.resource_type, Reading::One)? else {
            return Ok(self.store.get(&context.scope, key, &wanted).await?);
        };
        let wanted = wanted.into_owned();
        let mut projection = wanted.clone();
        let views = relations::views_in(&visible, self.limits.edges);
        projection.hidden = Hidden::Load;
        projection.relations.extend(views.iter().cloned());
        let Some(mut resource) = self.store.get(&context.scope, key, &projection).await? else {
            return Ok(None);
        };
        let subject = Candidate::for_filter(&resource, &projection, &visible)?;
        if views.iter().any(|view| subject.is_cut_off(view)) {
            // It is rare, and a future of its own keeps that of a mere GET small.
            return Box::pin(self.search(context, key, visible, wanted)).await;
        }
        if !eval(&visible, &subject) {
            return Ok(None);
        }
        resource.relations.truncate(wanted.relations.len());
        Ok(Some(resource))
    }

    /// Reads a resource that is seen by its edges where those are too many to be read: the store
    /// looks for them.
    async fn search(
        &self,
        context: &Context,
        key: &Key,
        visible: Predicate,
        projection: Projection,
    ) -> Result<Option<Resource>, Failure> {
        let mut query = Query::new(&key.resource_type, 1);
        query.filter = Some(Predicate::all([has_id(&key.resource_type, &key.id), visible]));
        query.projection = projection;
        Ok(self.page(&context.scope, &query).await?.resources.pop())
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
