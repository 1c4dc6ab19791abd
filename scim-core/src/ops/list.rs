//! Reading many resources (RFC 7644 §3.4.2), of one type or of several (§3.4.2.1).

use std::sync::Arc;

use scim_filter::Filter;

use super::{Context, Engine, Failure};
use crate::{
    error::{ScimError, ScimType},
    hooks::{AskedList, AttributeUse, Reading},
    query::{BindContext, Predicate, SortKey, SortOrder, bind, bind_sort},
    resource::Selection,
    schema::{Attribute, ResourceType},
    store::{Page, Query, Resource, Scope, Start, Total},
};

/// Which page of which resources is asked for.
#[derive(Clone, Debug)]
pub(crate) struct ListRequest {
    pub(crate) filter: Option<Filter<'static>>,
    pub(crate) filter_place: FilterPlace,
    /// Path of the attribute to sort by.
    pub(crate) sort_by: Option<String>,
    pub(crate) sort_order: SortOrder,
    pub(crate) paging: Paging,
    /// `None` leaves it to the server.
    pub(crate) count: Option<u64>,
}

/// Where a request carries its filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FilterPlace {
    /// In the URL, which whoever passes the request on may log.
    Url,
    Body,
}

/// How a client finds its page.
#[derive(Clone, Debug)]
pub(crate) enum Paging {
    /// By the position of the first match wanted, counted from 1.
    Index(u64),
    /// By the cursor of the page before (RFC 9865); the empty one asks for the first page.
    Cursor(String),
}

/// A type whose resources are asked for, and what is shown of them.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) resource_type: Arc<ResourceType>,
    pub(crate) selection: Selection,
}

/// One page, and how many matches there are in all.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) resources: Vec<Resource>,
    /// `None` where nobody knows without reading everything (K-007).
    pub(crate) total: Option<u64>,
    /// Position of the first of them among all matches, counted from 1; pages by cursor have none
    /// (K-008).
    pub(crate) start_index: Option<u64>,
    /// The cursor of the next page, if there is one.
    pub(crate) next_cursor: Option<String>,
    /// The types asked for.
    pub(crate) listed: Vec<Listed>,
}

/// The matches on a page.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) resources: Vec<Resource>,
    pub(super) total: Option<u64>,
    pub(super) next_cursor: Option<String>,
}

impl Found {
    /// What a store answers that leaves nothing to the engine.
    pub(super) fn whole(page: Page) -> Self {
        let total = Some(page.total.unwrap_or_default());
        Self { resources: page.resources, total, next_cursor: None }
    }

    /// Nothing matches.
    pub(super) fn nothing() -> Self {
        Self { total: Some(0), ..Self::default() }
    }
}

impl Engine {
    /// # Errors
    /// 400 `tooMany` when the engine would have to look at more candidates than it may.
    pub(super) async fn list(
        &self,
        context: &Context,
        mut listed: Vec<Listed>,
        mut request: ListRequest,
    ) -> Result<List, Failure> {
        self.review_list(context, &listed, &mut request).await?;
        for it in &mut listed {
            it.selection.hide(self.unreadable(context, &it.resource_type));
        }
        let queries = self.queries(context, &listed, &request)?;
        let (found, start_index) = match &request.paging {
            Paging::Index(index) => {
                let skipped = index.saturating_sub(1);
                let found = self.by_index(&context.scope, queries, skipped).await?;
                (found, Some(*index))
            }
            Paging::Cursor(cursor) => {
                (self.by_cursor(context, &listed, queries, &request, cursor).await?, None)
            }
        };
        let Found { resources, total, next_cursor } = found;
        Ok(List { resources, total, start_index, next_cursor, listed })
    }

    /// Lets the host look at a list.
    ///
    /// # Errors
    /// Whatever the host refuses with.
    async fn review_list(
        &self,
        context: &Context,
        listed: &[Listed],
        request: &mut ListRequest,
    ) -> Result<(), ScimError> {
        let types: Vec<_> = listed.iter().map(|it| it.resource_type.clone()).collect();
        let mut asked = AskedList::default();
        (asked.filter, asked.sort_by) = (request.filter.take(), request.sort_by.take());
        self.hooks.policy.review_list(&context.caller(), &types, &mut asked).await?;
        (request.filter, request.sort_by) = (asked.filter, asked.sort_by);
        Ok(())
    }

    async fn by_index(
        &self,
        scope: &Scope,
        mut queries: Vec<Query>,
        skipped: u64,
    ) -> Result<Found, Failure> {
        match queries.as_mut_slice() {
            [] => Ok(Found::nothing()),
            [query] => {
                query.start = Start::Index(skipped);
                self.page(scope, query).await
            }
            several if several.iter().all(|query| query.sort.is_empty()) => {
                self.in_turn(scope, several, skipped).await
            }
            _ => self.merged(scope, queries, skipped).await,
        }
    }

    /// One page of one type, whatever the store leaves to the engine.
    pub(super) async fn page(&self, scope: &Scope, query: &Query) -> Result<Found, Failure> {
        self.log_explanation(scope, query).await;
        let page = self.store.query(scope, query).await?;
        if !page.residual.is_empty() {
            return self.finish(scope, query.clone(), page).await;
        }
        Ok(Found::whole(page))
    }

    /// The queries for the types that can match at all.
    fn queries(
        &self,
        context: &Context,
        listed: &[Listed],
        request: &ListRequest,
    ) -> Result<Vec<Query>, Failure> {
        let types: Vec<_> = listed.iter().map(|it| it.resource_type.clone()).collect();
        let mut queries = Vec::new();
        for (listed, key) in listed.iter().zip(sort_keys(&types, request)?) {
            let query = self.query(context, listed, &types, key, request)?;
            if query.filter != Some(Predicate::Constant(false)) {
                queries.push(query);
            }
        }
        Ok(queries)
    }

    fn query(
        &self,
        context: &Context,
        listed: &Listed,
        types: &[Arc<ResourceType>],
        key: Option<SortKey>,
        request: &ListRequest,
    ) -> Result<Query, Failure> {
        let Listed { resource_type, selection } = listed;
        let max = self.limits.max_page;
        let limit = request.count.map_or(self.limits.default_page.min(max), |count| {
            usize::try_from(count).unwrap_or(max).min(max)
        });
        let mut query = Query::new(resource_type, limit);
        let filter = request.filter.as_ref();
        let unsearchable = self.unsearchable(context, resource_type);
        let binding = binding(context, listed, types, &unsearchable);
        query.filter = filter.map(|it| bind(it, &binding)).transpose()?;
        query.sort = key.into_iter().collect();
        check_order(&query, &unsearchable)?;
        self.check_place(context, resource_type, &query, request.filter_place)?;
        let visible = self.visible(context, resource_type, Reading::List(filter))?;
        query.filter = match (visible, query.filter) {
            (Some(visible), Some(asked)) => Some(Predicate::all([visible, asked])),
            (visible, asked) => asked.or(visible),
        };
        query.total = Total::Count;
        query.projection = self.projections.of(resource_type, selection).into_owned();
        query.budget = u64::try_from(self.limits.comparisons).unwrap_or(u64::MAX);
        Ok(query)
    }

    /// Whether all that the filter names may stand where it stands (F-025).
    fn check_place(
        &self,
        context: &Context,
        resource_type: &ResourceType,
        query: &Query,
        place: FilterPlace,
    ) -> Result<(), ScimError> {
        let (Some(rights), FilterPlace::Url) = (self.rights(context, resource_type), place) else {
            return Ok(());
        };
        let mut named = query.filter.iter().flat_map(|filter| filter.attributes(resource_type));
        match named.find(|it| !rights.allow(it, AttributeUse::FilterInUrl)) {
            None => Ok(()),
            Some(attribute) => {
                let detail = "too sensitive for a URL; search by POST to `/.search`";
                Err(ScimError::new(ScimType::Sensitive, detail).at(attribute.path()))
            }
        }
    }
}

/// F-029: an order betrays values as a filter does.
fn check_order(query: &Query, unsearchable: &[Arc<Attribute>]) -> Result<(), ScimError> {
    let mut attributes = query.sort.iter().map(|key| &key.attribute);
    match attributes.find(|it| unsearchable.iter().any(|whole| it.is_within(whole))) {
        None => Ok(()),
        Some(attribute) => {
            let detail = "the caller may not sort by this attribute";
            Err(ScimError::new(ScimType::InvalidFilter, detail).at(attribute.path()))
        }
    }
}

/// An attribute that only some of the types have, has no value in the others (L-010).
fn binding<'a>(
    context: &'a Context,
    listed: &'a Listed,
    types: &'a [Arc<ResourceType>],
    unsearchable: &'a [Arc<Attribute>],
) -> BindContext<'a> {
    let mut binding = BindContext::new(&listed.resource_type, &context.base);
    binding.accept_bare_words = context.behaviour.filters.accepts_bare_words();
    binding.other_types = types;
    binding.unsearchable = unsearchable;
    binding
}

/// What each type is sorted by; types without the attribute have no value to sort by.
fn sort_keys(
    types: &[Arc<ResourceType>],
    request: &ListRequest,
) -> Result<Vec<Option<SortKey>>, ScimError> {
    let Some(path) = request.sort_by.as_deref() else { return Ok(vec![None; types.len()]) };
    let keys: Vec<_> = types.iter().map(|it| bind_sort(path, request.sort_order, it)).collect();
    if keys.iter().all(Result::is_err) {
        return keys.into_iter().map(|key| key.map(Some)).collect();
    }
    Ok(keys.into_iter().map(Result::ok).collect())
}

pub(super) fn too_many(limit: usize) -> ScimError {
    let detail = format!("the query would have to look at more than {limit} resources");
    ScimError::new(ScimType::TooMany, detail)
}
