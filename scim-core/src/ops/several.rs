//! Pages of a query over several resource types (RFC 7644 §3.4.2.1).

use std::{cmp::Ordering, collections::VecDeque};

use super::{
    Engine, Failure,
    list::{Found, too_many},
};
use crate::{
    query::{Candidate, Prepared, SortOrder, order, sort_value},
    resource::DocumentError,
    store::{Hidden, Page, Position, Query, Resource, Scope, Start, StoreError, Total},
};

impl Engine {
    /// The matches of one type after those of the other, in the order of the queries.
    pub(super) async fn in_turn(
        &self,
        scope: &Scope,
        queries: &mut [Query],
        mut skipped: u64,
    ) -> Result<Found, Failure> {
        let mut found = Found::nothing();
        for query in queries {
            query.limit = query.limit.saturating_sub(found.resources.len());
            // A count saves reading what would only be skipped.
            if skipped > 0 || query.limit == 0 {
                let counted = self.count(scope, query).await?;
                if skipped >= counted || query.limit == 0 {
                    skipped = skipped.saturating_sub(counted);
                    found.add(Found { total: Some(counted), ..Found::default() });
                    continue;
                }
            }
            query.start = Start::Index(std::mem::take(&mut skipped));
            found.add(self.page(scope, query).await?);
        }
        Ok(found)
    }

    async fn count(&self, scope: &Scope, query: &Query) -> Result<u64, Failure> {
        Ok(self.page(scope, &counting(query)).await?.total.unwrap_or_default())
    }

    /// The matches of all types in one order: the sorted pages of each type, merged.
    ///
    /// # Errors
    /// 400 `tooMany` when the page begins so far behind that more matches would have to be passed
    /// over than one query may look at.
    pub(super) async fn merged(
        &self,
        scope: &Scope,
        queries: Vec<Query>,
        skipped: u64,
    ) -> Result<Found, Failure> {
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        let limit = queries.first().map_or(0, |query| query.limit);
        let needed = skipped.saturating_add(limit);
        let mut merge = Merge::default();
        for query in queries {
            merge.add(self.source(scope, query, needed).await?);
        }
        let mut found = Found { total: Some(merge.total), ..Found::default() };
        if limit == 0 || usize::try_from(merge.total).is_ok_and(|total| total <= skipped) {
            return Ok(found);
        }
        if needed > self.limits.candidates {
            return Err(too_many(self.limits.candidates).into());
        }
        for position in 0..needed {
            for source in &mut merge.sources {
                self.refill(scope, source).await?;
            }
            let Some(next) = merge.next() else { break };
            if position >= skipped {
                found.resources.push(next);
            }
        }
        Ok(found)
    }

    /// The first matches of one type. Where the store leaves work to the engine, these are all
    /// that can be needed.
    async fn source(
        &self,
        scope: &Scope,
        mut query: Query,
        needed: usize,
    ) -> Result<Source, Failure> {
        // The value to sort by may be in the hidden part.
        query.projection.hidden = Hidden::Load;
        query.limit = needed.min(self.limits.max_page);
        let page = self.store.query(scope, &query).await?;
        if page.residual.is_empty() {
            return Ok(Source::new(query, page)?);
        }
        query.limit = needed.min(self.limits.candidates);
        let all = self.finish(scope, query.clone(), page).await?;
        let mut page = Page::default();
        (page.resources, page.total) = (all.resources, all.total);
        Ok(Source::new(query, page)?)
    }

    /// Reads the next page of a source that has run dry.
    async fn refill(&self, scope: &Scope, source: &mut Source) -> Result<(), Failure> {
        if !source.heads.is_empty() {
            return Ok(());
        }
        let Some(next) = source.next.take() else { return Ok(()) };
        source.query.start = Start::After(next);
        source.query.total = Total::Skip;
        let page = self.store.query(scope, &source.query).await?;
        if !page.residual.is_empty() {
            let what = "the store left over what it did on an earlier page of the same query";
            return Err(StoreError::internal(what).into());
        }
        Ok(source.take(page)?)
    }
}

/// The same query, which shows nothing but how many matches there are.
pub(super) fn counting(query: &Query) -> Query {
    let mut counting = query.clone();
    (counting.start, counting.limit) = (Start::Index(0), 0);
    counting
}

impl Found {
    pub(super) fn add(&mut self, other: Self) {
        self.resources.extend(other.resources);
        self.total = self.total.zip(other.total).map(|(one, more)| one.saturating_add(more));
    }
}

/// A match with the value it is sorted by.
pub(super) type Head = (Option<Prepared>, Resource);

/// The matches of one type, in order.
pub(super) struct Source {
    query: Query,
    pub(super) heads: VecDeque<Head>,
    next: Option<Position>,
    total: u64,
}

impl Source {
    pub(super) fn new(query: Query, page: Page) -> Result<Self, DocumentError> {
        let total = page.total.unwrap_or_default();
        let mut source = Self { query, heads: VecDeque::new(), next: None, total };
        source.take(page)?;
        Ok(source)
    }

    fn take(&mut self, page: Page) -> Result<(), DocumentError> {
        self.next = page.next;
        for resource in page.resources {
            let value = match self.query.sort.first() {
                Some(key) => sort_value(key, &Candidate::new(&resource, &self.query.projection)?),
                None => None,
            };
            self.heads.push_back((value, resource));
        }
        Ok(())
    }
}

/// The sources in the order of their types, which decides among equals.
#[derive(Default)]
pub(super) struct Merge {
    pub(super) sources: Vec<Source>,
    order: SortOrder,
    total: u64,
}

impl Merge {
    pub(super) fn add(&mut self, source: Source) {
        self.total = self.total.saturating_add(source.total);
        if let Some(key) = source.query.sort.first() {
            self.order = key.order;
        }
        self.sources.push(source);
    }

    /// Takes the match that comes before all others.
    pub(super) fn next(&mut self) -> Option<Resource> {
        let order = self.order;
        let by_value = |(_, (one, _)): &(_, &Head), (_, (other, _)): &(_, &Head)| -> Ordering {
            self::order(order, one.as_ref(), other.as_ref())
        };
        let heads = self.sources.iter().enumerate();
        let heads = heads.filter_map(|(index, source)| Some((index, source.heads.front()?)));
        // Of several equal ones, `min_by` takes the first.
        let (index, _) = heads.min_by(by_value)?;
        let (_, resource) = self.sources.get_mut(index)?.heads.pop_front()?;
        Some(resource)
    }
}
