//! Reading many resources (RFC 7644 §3.4.2).

use std::sync::Arc;

use super::{Context, Engine, Failure, relations};
use crate::{
    error::{ScimError, ScimType},
    query::{Predicate, SortKey},
    resource::Selection,
    schema::ResourceType,
    store::{Query, Resource, Start, Total},
};

/// Which page of which resources is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ListRequest {
    pub(crate) filter: Option<Predicate>,
    pub(crate) sort: Vec<SortKey>,
    /// Position of the first match wanted, counted from 1.
    pub(crate) start_index: u64,
    /// `None` leaves it to the server.
    pub(crate) count: Option<u64>,
}

/// One page, and how many matches there are in all.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) resources: Vec<Resource>,
    pub(crate) total: u64,
    /// Position of the first of them among all matches, counted from 1.
    pub(crate) start_index: u64,
}

impl Engine {
    /// # Errors
    /// 400 `tooMany` when the engine would have to look at more candidates than it may.
    pub(super) async fn list(
        &self,
        context: &Context,
        resource_type: &Arc<ResourceType>,
        request: ListRequest,
    ) -> Result<List, Failure> {
        let start_index = request.start_index;
        let query = self.page_query(&context.selection, resource_type, request);
        let page = self.store.query(&context.scope, &query).await?;
        if page.residual.is_empty() {
            let total = page.total.unwrap_or_default();
            return Ok(List { resources: page.resources, total, start_index });
        }
        self.finish(&context.scope, query, page).await
    }

    fn page_query(
        &self,
        selection: &Selection,
        resource_type: &Arc<ResourceType>,
        request: ListRequest,
    ) -> Query {
        let max = self.limits.max_page;
        let limit = request.count.map_or(self.limits.default_page.min(max), |count| {
            usize::try_from(count).unwrap_or(max).min(max)
        });
        let mut query = Query::new(resource_type, limit);
        query.filter = request.filter;
        query.sort = request.sort;
        query.start = Start::Index(request.start_index.saturating_sub(1));
        query.total = Total::Count;
        query.projection = relations::projection(resource_type, selection, self.limits.edges);
        query
    }
}

pub(super) fn too_many(limit: usize) -> ScimError {
    let detail = format!("the query would have to look at more than {limit} resources");
    ScimError::new(ScimType::TooMany, detail)
}
