//! How a query is answered, for hosts and their logs.

use http::StatusCode;
use scim_filter::Filter;

use super::{Engine, Failure};
use crate::{
    error::ScimError,
    query::{BindContext, bind},
    store::{Explanation, Query, Scope},
};

impl Engine {
    /// # Errors
    /// 404 for an unknown type, 400 `invalidFilter`, and what the store fails with.
    pub(crate) async fn explain(
        &self,
        scope: &Scope,
        resource_type: &str,
        filter: &Filter<'_>,
    ) -> Result<Explanation, Failure> {
        let unknown = || ScimError::with_status(StatusCode::NOT_FOUND, "no such resource type");
        let resource_type = self.registry.resource_type(resource_type).ok_or_else(unknown)?;
        let mut query = Query::new(resource_type, 0);
        query.filter = Some(bind(filter, &BindContext::new(resource_type, ""))?);
        Ok(self.store.explain(scope, &query).await?)
    }

    /// Leaves in the log how a query is answered, where the log asks for it.
    #[cfg(feature = "tracing")]
    pub(super) async fn log_explanation(&self, scope: &Scope, query: &Query) {
        if query.filter.is_none() || !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        if let Ok(explanation) = self.store.explain(scope, query).await {
            let (tenant, resource_type) = (scope.tenant.as_str(), query.resource_type.name());
            tracing::debug!(tenant, resource_type, %explanation, "query");
        }
    }

    #[cfg(not(feature = "tracing"))]
    pub(super) async fn log_explanation(&self, _: &Scope, _: &Query) {}
}
