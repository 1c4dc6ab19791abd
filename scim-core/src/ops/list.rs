//! Reading many resources (RFC 7644 §3.4.2).

use std::sync::Arc;

use scim_filter::Filter;

use super::{Context, Engine, Failure, relations};
use crate::{
    error::{ScimError, ScimType},
    hooks::{AttributeUse, Reading},
    query::{BindContext, Predicate, SortOrder, bind, bind_sort},
    schema::{Attribute, ResourceType},
    store::{Query, Resource, Start, Total},
};

/// Which page of which resources is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ListRequest {
    pub(crate) filter: Option<Filter<'static>>,
    /// Path of the attribute to sort by.
    pub(crate) sort_by: Option<String>,
    pub(crate) sort_order: SortOrder,
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
        let query = self.page_query(context, resource_type, &request)?;
        let page = self.store.query(&context.scope, &query).await?;
        if !page.residual.is_empty() {
            return self.finish(&context.scope, query, page).await;
        }
        Ok(List {
            resources: page.resources,
            total: page.total.unwrap_or_default(),
            start_index: request.start_index,
        })
    }

    fn page_query(
        &self,
        context: &Context,
        resource_type: &Arc<ResourceType>,
        request: &ListRequest,
    ) -> Result<Query, Failure> {
        let max = self.limits.max_page;
        let limit = request.count.map_or(self.limits.default_page.min(max), |count| {
            usize::try_from(count).unwrap_or(max).min(max)
        });
        let sort_by = request.sort_by.as_deref();
        let sort = sort_by.map(|path| bind_sort(path, request.sort_order, resource_type));
        let mut query = Query::new(resource_type, limit);
        query.filter = self.predicate(context, resource_type, request.filter.as_ref())?;
        query.sort = sort.transpose()?.into_iter().collect();
        self.check_usable(context, resource_type, &query)?;
        let visible =
            self.visible(context, resource_type, Reading::List(request.filter.as_ref()))?;
        query.filter = match (query.filter, visible) {
            (Some(asked), Some(visible)) => Some(Predicate::And(vec![visible, asked])),
            (asked, visible) => asked.or(visible),
        };
        query.start = Start::Index(request.start_index.saturating_sub(1));
        query.total = Total::Count;
        query.projection =
            relations::projection(resource_type, &context.selection, self.limits.edges);
        Ok(query)
    }

    fn predicate(
        &self,
        context: &Context,
        resource_type: &ResourceType,
        filter: Option<&Filter<'_>>,
    ) -> Result<Option<Predicate>, ScimError> {
        let mut binding = BindContext::new(resource_type, &context.base);
        binding.accept_bare_words = true;
        filter.map(|filter| bind(filter, &binding)).transpose()
    }

    /// F-029: what a caller may not read, it may not probe either.
    fn check_usable(
        &self,
        context: &Context,
        resource_type: &ResourceType,
        query: &Query,
    ) -> Result<(), ScimError> {
        let Some(rules) = self.hooks.policy.attribute_rules() else { return Ok(()) };
        let caller = context.caller();
        let is_refused = |it: &Attribute| {
            !rules.allows(&caller, it, AttributeUse::Filter)
                || !rules.allows(&caller, it, AttributeUse::Read)
        };
        let filtered = query.filter.iter().flat_map(|filter| filter.attributes(resource_type));
        let sorted = query.sort.iter().map(|key| &*key.attribute);
        match filtered.chain(sorted).find(|it| is_refused(it)) {
            None => Ok(()),
            Some(attribute) => {
                let detail = "the caller may not search by this attribute";
                Err(ScimError::new(ScimType::InvalidFilter, detail).at(attribute.path()))
            }
        }
    }
}

pub(super) fn too_many(limit: usize) -> ScimError {
    let detail = format!("the query would have to look at more than {limit} resources");
    ScimError::new(ScimType::TooMany, detail)
}
