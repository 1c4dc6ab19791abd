//! The part of a query that a store leaves to the engine: checking, ordering and paging the
//! candidates, under a work budget.

use super::{Engine, Failure, List, list::too_many, relations};
use crate::{
    query::{Candidate, compare, eval},
    resource::DocumentError,
    store::{Hidden, Page, Projection, Query, Residual, Resource, Scope, Start},
};

impl Engine {
    /// # Errors
    /// 400 `tooMany` past the work budget.
    pub(super) async fn finish(
        &self,
        scope: &Scope,
        mut query: Query,
        first: Page,
    ) -> Result<List, Failure> {
        let mut window = Window::new(&query, first.residual);
        // What the check needs may be more than what the answer shows, so the walk starts afresh.
        query.projection.hidden = Hidden::Load;
        let shown = query.projection.relations.len();
        if let Some(filter) = &window.residual.filter {
            let views = relations::views_in(filter, self.limits.candidates);
            query.projection.relations.extend(views);
        }
        query.start = Start::Index(0);
        query.limit = self.limits.max_page;
        loop {
            let page = self.store.query(scope, &query).await?;
            for candidate in page.resources {
                window.offer(candidate, &query.projection)?;
            }
            if window.examined > self.limits.candidates {
                return Err(too_many(self.limits.candidates).into());
            }
            match page.next {
                Some(next) => query.start = Start::After(next),
                None => return Ok(window.close(&query.projection, shown)?),
            }
        }
    }
}

/// The page being cut out of the candidates.
struct Window {
    residual: Residual,
    offset: u64,
    limit: usize,
    examined: usize,
    matches: u64,
    kept: Vec<Resource>,
}

impl Window {
    fn new(query: &Query, residual: Residual) -> Self {
        let offset = match query.start {
            Start::Index(offset) => offset,
            Start::After(_) => 0,
        };
        Self { residual, offset, limit: query.limit, examined: 0, matches: 0, kept: Vec::new() }
    }

    fn offer(&mut self, candidate: Resource, projection: &Projection) -> Result<(), DocumentError> {
        self.examined = self.examined.saturating_add(1);
        if let Some(filter) = &self.residual.filter
            && !eval(filter, &Candidate::new(&candidate, projection)?)
        {
            return Ok(());
        }
        self.matches = self.matches.saturating_add(1);
        let is_ordered = self.residual.sort.is_empty();
        if !is_ordered || (self.matches > self.offset && self.kept.len() < self.limit) {
            self.kept.push(candidate);
        }
        Ok(())
    }

    fn close(mut self, projection: &Projection, shown: usize) -> Result<List, DocumentError> {
        if !self.residual.sort.is_empty() {
            self.sort(projection)?;
        }
        for resource in &mut self.kept {
            resource.relations.truncate(shown);
        }
        let start_index = self.offset.saturating_add(1);
        Ok(List { resources: self.kept, total: self.matches, start_index })
    }

    fn sort(&mut self, projection: &Projection) -> Result<(), DocumentError> {
        let candidates = self.kept.iter().map(|resource| Candidate::new(resource, projection));
        let candidates = candidates.collect::<Result<Vec<_>, _>>()?;
        let mut order: Vec<usize> = (0..candidates.len()).collect();
        order.sort_by(|a, b| match (candidates.get(*a), candidates.get(*b)) {
            (Some(a), Some(b)) => compare(&self.residual.sort, a, b),
            _ => std::cmp::Ordering::Equal,
        });
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let page = order.into_iter().skip(offset).take(self.limit);
        self.kept = page.filter_map(|index| self.kept.get(index).cloned()).collect();
        Ok(())
    }
}
