//! The part of a query that a store leaves to the engine: checking, ordering and paging the
//! candidates, under a work budget.

use super::{
    Engine, Failure,
    failure::too_much_work,
    list::{Found, too_many},
    relations,
};
use crate::{
    error::{ScimError, ScimType},
    query::{Candidate, Predicate, compare, eval},
    resource::DocumentError,
    schema::{Attribute, Relation},
    store::{Hidden, Page, Projection, Query, Residual, Resource, Scope, Start},
};

impl Engine {
    /// Goes on from the page that a store answered with a residual: candidates from the start,
    /// whatever offset was asked for (S7).
    ///
    /// # Errors
    /// 400 `tooMany` past the work budget.
    pub(super) async fn finish(
        &self,
        scope: &Scope,
        mut query: Query,
        mut page: Page,
    ) -> Result<Found, Failure> {
        let mut window = Window::new(&query, std::mem::take(&mut page.residual));
        let shown = query.projection.relations.len();
        let mut first = is_enough(&query, &window.residual).then_some(page);
        self.widen(&mut query, &window.residual);
        query.start = Start::Index(0);
        query.limit = self.limits.max_page;
        loop {
            let page = match first.take() {
                Some(page) => page,
                None => self.store.query(scope, &query).await?,
            };
            self.check_work(
                window.examined.saturating_add(page.resources.len()),
                &window.residual,
            )?;
            for candidate in page.resources {
                window.offer(candidate, &query.projection)?;
            }
            match page.next {
                Some(next) => query.start = Start::After(next),
                None => return Ok(window.close(&query.projection, shown)?),
            }
        }
    }

    /// # Errors
    /// 400 `tooMany` when so many candidates are more than one query may look at, or take more
    /// comparisons than it may make.
    pub(super) fn check_work(&self, examined: usize, residual: &Residual) -> Result<(), ScimError> {
        if examined > self.limits.candidates {
            return Err(too_many(self.limits.candidates));
        }
        let filter = residual.filter.as_ref().map_or(0, Predicate::comparisons);
        let each = filter.saturating_add(residual.sort.len());
        match examined.saturating_mul(each) > self.limits.comparisons {
            true => Err(too_much_work()),
            false => Ok(()),
        }
    }

    /// Lets a query answer what the check of a residual needs, which may be more than what is
    /// shown. The relations shown come first: this many.
    pub(super) fn widen(&self, query: &mut Query, residual: &Residual) -> usize {
        query.projection.hidden = Hidden::Load;
        let shown = query.projection.relations.len();
        if let Some(filter) = &residual.filter {
            let views = relations::views_in(filter, self.limits.candidates);
            query.projection.relations.extend(views);
        }
        shown
    }
}

/// Whether a query answers all that the check of its residual needs, so that the walk need not start
/// afresh.
pub(super) fn is_enough(query: &Query, residual: &Residual) -> bool {
    let mut is_hidden = false;
    let mut look = |attribute: &Attribute| is_hidden |= attribute.may_be_hidden();
    residual.sort.iter().for_each(|key| look(&key.attribute));
    if let Some(filter) = &residual.filter {
        filter.each_in_document(&mut look);
    }
    let asks_for_edges = residual.filter.as_ref().is_some_and(relations::asks_for_edges);
    let is_read = !is_hidden || query.projection.hidden == Hidden::Load;
    is_read && !asks_for_edges && query.limit > 0
}

/// Whether a candidate passes what the store left unchecked.
///
/// # Errors
/// 400 `tooMany` when it has more edges than the engine may look at.
pub(super) fn residual_matches(
    residual: &Residual,
    candidate: &Resource,
    projection: &Projection,
) -> Result<bool, Failure> {
    let Some(filter) = &residual.filter else { return Ok(true) };
    let subject = Candidate::for_filter(candidate, projection, filter)?;
    if let Predicate::And(parts) = filter {
        let mut without_edges = parts.iter().filter(|part| !relations::asks_for_edges(part));
        if without_edges.any(|part| !eval(part, &subject)) {
            return Ok(false);
        }
    }
    match relations::views_in(filter, 0).iter().find(|view| subject.is_cut_off(view)) {
        Some(view) => Err(too_many_edges(&view.relation).into()),
        None => Ok(eval(filter, &subject)),
    }
}

pub(super) fn too_many_edges(relation: &Relation) -> ScimError {
    let detail = "a resource has more values than a query may look at";
    ScimError::new(ScimType::TooMany, detail).at(relation.attribute().path())
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

    fn offer(&mut self, candidate: Resource, projection: &Projection) -> Result<(), Failure> {
        self.examined = self.examined.saturating_add(1);
        if !residual_matches(&self.residual, &candidate, projection)? {
            return Ok(());
        }
        self.matches = self.matches.saturating_add(1);
        let is_ordered = self.residual.sort.is_empty();
        if !is_ordered || (self.matches > self.offset && self.kept.len() < self.limit) {
            self.kept.push(candidate);
        }
        Ok(())
    }

    fn close(mut self, projection: &Projection, shown: usize) -> Result<Found, DocumentError> {
        if !self.residual.sort.is_empty() {
            self.sort(projection)?;
        }
        for resource in &mut self.kept {
            resource.relations.truncate(shown);
        }
        Ok(Found { resources: self.kept, total: Some(self.matches), next_cursor: None })
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
