//! Pages that are found by cursor (RFC 9865): each begins where the store ended the one before.

use super::{
    Context, Engine, Failure, ListRequest, Listed,
    cursor::{Bookmark, expired},
    list::Found,
    residual::{is_enough, residual_matches},
    several_by_cursor::Walk,
    work::Work,
};
use crate::{
    error::{ScimError, ScimType},
    query::SortOrder,
    store::{
        Page, Position, Projection, Query, Residual, Resource, Scope, Start, StoreErrorKind, Total,
    },
};

impl Engine {
    /// # Errors
    /// 400 `invalidCursor`, `expiredCursor` or `invalidCount`.
    pub(super) async fn by_cursor(
        &self,
        context: &Context,
        listed: &[Listed],
        queries: Vec<Query>,
        request: &ListRequest,
        cursor: &str,
    ) -> Result<Found, Failure> {
        self.check_count(request.count)?;
        let identity = identity(context, listed, request);
        let mut marks = match cursor {
            "" => vec![Some(Bookmark::default()); listed.len()],
            cursor => self.cursors.open(&identity, request.count, cursor)?,
        };
        let shows_any = queries.iter().any(|query| query.limit > 0);
        let mut walks = walks(listed, queries, &marks);
        let found = self.walk(&context.scope, &mut walks).await?;
        let goes_on = shows_any && walks.iter().any(|walk| walk.mark.is_some());
        for Walk { query, mark } in walks {
            if let Some(place) = place(listed, &query).and_then(|place| marks.get_mut(place)) {
                *place = mark;
            }
        }
        let next_cursor = goes_on.then(|| self.cursors.seal(&identity, request.count, marks));
        Ok(Found { next_cursor, ..found })
    }

    async fn walk(&self, scope: &Scope, walks: &mut [Walk]) -> Result<Found, Failure> {
        match walks {
            [] => Ok(Found::nothing()),
            [Walk { query, mark }] => {
                let Some(begin) = mark.take() else { return Ok(Found::nothing()) };
                let step = self.step(scope, query.clone(), begin).await?;
                *mark = step.next;
                Ok(step.found)
            }
            several if several.iter().all(|walk| walk.query.sort.is_empty()) => {
                self.walk_in_turn(scope, several).await
            }
            several => self.walk_merged(scope, several).await,
        }
    }

    fn check_count(&self, count: Option<u64>) -> Result<(), ScimError> {
        let max = self.limits.max_page;
        if count.is_none_or(|count| usize::try_from(count).is_ok_and(|count| count <= max)) {
            return Ok(());
        }
        let detail = format!("a page has at most {max} resources");
        Err(ScimError::new(ScimType::InvalidCount, detail).at("count"))
    }

    /// The page that begins at a bookmark.
    pub(super) async fn step(
        &self,
        scope: &Scope,
        mut query: Query,
        mark: Bookmark,
    ) -> Result<Step, Failure> {
        query.start = mark.start();
        self.log_explanation(scope, &query).await;
        let page = self.store.query(scope, &query).await.map_err(|error| match error.kind() {
            // A position from before the store was set up in another way.
            StoreErrorKind::Unsupported(_) if mark.position.is_some() => expired().into(),
            _ => Failure::from(error),
        })?;
        if page.residual.is_empty() {
            let next = page.next.clone();
            return Ok(Step::new(Found::whole(page), next, mark.passed));
        }
        let is_first = mark == Bookmark::default();
        let can_go_on = is_first || mark.position.is_some();
        if can_go_on && page.residual.sort.is_empty() && query.limit > 0 {
            return self.fill(scope, query, page, mark.passed).await;
        }
        self.counted_off(scope, query, page, mark.passed).await
    }

    /// A page filled with the candidates that match; the next one begins behind the last that was
    /// looked at.
    async fn fill(
        &self,
        scope: &Scope,
        mut query: Query,
        mut page: Page,
        passed: u64,
    ) -> Result<Step, Failure> {
        let residual = &std::mem::take(&mut page.residual);
        let mut first = is_enough(&query, residual).then_some(page);
        let shown = self.widen(&mut query, residual);
        query.total = Total::Skip;
        let (wanted, mut kept) = (query.limit, Vec::new());
        let mut work = Work::on(residual, &self.limits);
        let next = loop {
            let page = match first.take() {
                Some(page) => page,
                None => self.store.query(scope, &query).await?,
            };
            work.begin(page.resources.len())?;
            let matches = matching(residual, &query.projection, &page.resources, &work)?;
            let room = wanted.saturating_sub(kept.len());
            if let Some(beyond) = nth(&matches, room) {
                // Only the store can tell the position before it.
                query.limit = beyond;
                continue;
            }
            let candidates = page.resources.into_iter().zip(matches);
            kept.extend(candidates.filter_map(|(candidate, fits)| fits.then_some(candidate)));
            match page.next {
                Some(next) if kept.len() < wanted => query.start = Start::After(next),
                next => break next,
            }
            query.limit = query.limit.saturating_mul(2).min(self.limits.max_page);
        };
        for resource in &mut kept {
            resource.relations.truncate(shown);
        }
        Ok(Step::new(Found { resources: kept, ..Found::default() }, next, passed))
    }

    /// A page that is found by counting, as where the store cannot sort.
    async fn counted_off(
        &self,
        scope: &Scope,
        mut query: Query,
        mut page: Page,
        passed: u64,
    ) -> Result<Step, Failure> {
        let goes_on = matches!(query.start, Start::After(_));
        query.start = Start::Index(passed);
        if goes_on {
            page = self.store.query(scope, &query).await?;
        }
        let found = self.finish(scope, query, page).await?;
        let reached = after(passed, &found);
        let is_last = found.resources.is_empty() || found.total.is_none_or(|it| it <= reached);
        let next = (!is_last).then_some(Bookmark { passed: reached, position: None });
        Ok(Step { found, next })
    }
}

/// A page, and where the next one begins.
pub(super) struct Step {
    pub(super) found: Found,
    pub(super) next: Option<Bookmark>,
}

impl Step {
    /// Nothing to show but how much there is.
    pub(super) fn counted(total: Option<u64>) -> Self {
        Self { found: Found { total, ..Found::default() }, next: None }
    }

    /// Whether a page that shows this many of its matches ends amid them.
    pub(super) fn is_cut_by(&self, taken: usize) -> bool {
        taken > 0 && taken < self.found.resources.len()
    }

    /// Whether the other page has the same matches as the beginning of this one.
    pub(super) fn begins_with(&self, other: &Self) -> bool {
        let ids = |step: &Self| -> Vec<_> {
            step.found.resources.iter().map(|resource| resource.id.clone()).collect()
        };
        ids(self).starts_with(&ids(other))
    }

    fn new(found: Found, next: Option<Position>, passed: u64) -> Self {
        let passed = after(passed, &found);
        let next = next.map(|position| Bookmark { passed, position: Some(position) });
        Self { found, next }
    }
}

fn after(passed: u64, found: &Found) -> u64 {
    passed.saturating_add(u64::try_from(found.resources.len()).unwrap_or(u64::MAX))
}

/// The types that can match, each with its place.
fn walks(listed: &[Listed], queries: Vec<Query>, marks: &[Option<Bookmark>]) -> Vec<Walk> {
    let walk = |query: Query| {
        let mark = place(listed, &query).and_then(|place| marks.get(place)?.clone());
        Walk { query, mark }
    };
    queries.into_iter().map(walk).collect()
}

/// The place of a query's type among those that are asked for.
fn place(listed: &[Listed], query: &Query) -> Option<usize> {
    listed.iter().position(|it| it.resource_type == query.resource_type)
}

/// Which of the candidates match.
fn matching(
    residual: &Residual,
    projection: &Projection,
    candidates: &[Resource],
    work: &Work,
) -> Result<Vec<bool>, Failure> {
    let matches = |candidate| residual_matches(residual, candidate, projection, work);
    candidates.iter().map(matches).collect()
}

/// The index of the match that this many others precede.
fn nth(matches: &[bool], number: usize) -> Option<usize> {
    let matches = matches.iter().enumerate().filter(|(_, matches)| **matches);
    matches.map(|(index, _)| index).nth(number)
}

/// What has to stay the same from page to page (K-006, K-017); the count is compared on its own.
fn identity(context: &Context, listed: &[Listed], request: &ListRequest) -> [String; 6] {
    let types: Vec<_> = listed.iter().map(|it| it.resource_type.name()).collect();
    let order = match request.sort_order {
        SortOrder::Ascending => "ascending",
        SortOrder::Descending => "descending",
    };
    [
        context.scope.tenant.as_str().to_owned(),
        context.actor.subject().to_owned(),
        types.join(","),
        request.filter.as_ref().map(ToString::to_string).unwrap_or_default(),
        request.sort_by.clone().unwrap_or_default(),
        order.to_owned(),
    ]
}
