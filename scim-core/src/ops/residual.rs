//! The part of a query that a store leaves to the engine: checking, ordering and paging the
//! candidates, under a work budget.

use std::cmp::Ordering;

use super::{Engine, Failure, list::Found, relations, work::Work};
use crate::{
    error::{ScimError, ScimType},
    query::{Candidate, Predicate, Prepared, SortKey, eval_within, order, sort_value},
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
        let mut work = Work::on(&window.residual, &self.limits);
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
            work.begin(page.resources.len())?;
            for candidate in page.resources {
                window.offer(candidate, &query.projection, &work)?;
            }
            match page.next {
                Some(next) => query.start = Start::After(next),
                None => return Ok(window.close(&query.projection, shown)?),
            }
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
/// 400 `tooMany` when it has more edges than the engine may look at, or takes more comparisons than
/// are left.
pub(super) fn residual_matches(
    residual: &Residual,
    candidate: &Resource,
    projection: &Projection,
    work: &Work,
) -> Result<bool, Failure> {
    let Some(filter) = &residual.filter else { return Ok(true) };
    let subject = Candidate::for_filter(candidate, projection, filter)?;
    let matches = |filter| work.checked(eval_within(filter, &subject, &|more| work.compare(more)));
    let views = relations::views_in(filter, 0);
    if let (Predicate::And(parts), false) = (filter, views.is_empty()) {
        for part in parts.iter().filter(|part| !relations::asks_for_edges(part)) {
            if !matches(part)? {
                return Ok(false);
            }
        }
    }
    for view in views {
        if subject.is_cut_off(&view) {
            return Err(too_many_edges(&view.relation).into());
        }
        work.compare(subject.count(&view).saturating_mul(filter.comparisons()));
    }
    Ok(matches(filter)?)
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
    matches: u64,
    kept: Vec<Resource>,
}

impl Window {
    fn new(query: &Query, residual: Residual) -> Self {
        let offset = match query.start {
            Start::Index(offset) => offset,
            Start::After(_) => 0,
        };
        Self { residual, offset, limit: query.limit, matches: 0, kept: Vec::new() }
    }

    fn offer(
        &mut self,
        candidate: Resource,
        projection: &Projection,
        work: &Work,
    ) -> Result<(), Failure> {
        if !residual_matches(&self.residual, &candidate, projection, work)? {
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
        let keys = &self.residual.sort;
        let mut sorted = Vec::with_capacity(self.kept.len());
        for resource in std::mem::take(&mut self.kept) {
            let candidate = Candidate::new(&resource, projection)?;
            let values: Vec<_> = keys.iter().map(|key| sort_value(key, &candidate)).collect();
            sorted.push((values, resource));
        }
        sorted.sort_by(|(one, _), (other, _)| in_order(keys, one, other));
        let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let page = sorted.into_iter().skip(offset).take(self.limit);
        self.kept = page.map(|(_, resource)| resource).collect();
        Ok(())
    }
}

/// The order of two resources by the values that they are sorted by.
fn in_order(keys: &[SortKey], one: &[Option<Prepared>], other: &[Option<Prepared>]) -> Ordering {
    let values = one.iter().zip(other).zip(keys);
    let orders = values.map(|((one, other), key)| order(key.order, one.as_ref(), other.as_ref()));
    orders.fold(Ordering::Equal, Ordering::then)
}
