//! Pages by cursor of a query over several resource types: each type has a place of its own, and
//! a page ends where it ends in each of them.

use super::{
    Engine, Failure,
    cursor::Bookmark,
    cursor_paging::Step,
    list::Found,
    several::{Merge, Source, counting},
};
use crate::{
    resource::DocumentError,
    store::{Hidden, Page, Query, Scope},
};

/// How far a client has come among the resources of one type.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) query: Query,
    /// `None` when all were met.
    pub(super) mark: Option<Bookmark>,
}

impl Engine {
    /// The matches of one type after those of the other.
    pub(super) async fn walk_in_turn(
        &self,
        scope: &Scope,
        walks: &mut [Walk],
    ) -> Result<Found, Failure> {
        let mut found = Found::nothing();
        for walk in walks {
            let room = walk.query.limit.saturating_sub(found.resources.len());
            match walk.mark.take() {
                Some(mark) if room > 0 => {
                    let step = self.read_on(scope, walk, &mark, room).await?;
                    walk.mark = step.next;
                    found.add(step.found);
                }
                mark => {
                    let total = self.total(scope, &walk.query).await?;
                    walk.mark = mark.filter(|_| total != Some(0));
                    found.add(Found { total, ..Found::default() });
                }
            }
        }
        Ok(found)
    }

    /// The matches of all types in one order.
    ///
    /// Only the store can tell the position behind a match. Where a page ends amid what was read
    /// of a type, that much is read again; if it is not what it was, the types are merged again:
    /// what changed meanwhile then neither repeats nor hides anything else.
    pub(super) async fn walk_merged(
        &self,
        scope: &Scope,
        walks: &mut [Walk],
    ) -> Result<Found, Failure> {
        let limit = walks.first().map_or(0, |walk| walk.query.limit);
        let mut runs = self.runs(scope, walks, limit).await?;
        loop {
            let (mut found, taken) = merged(walks, &runs, limit)?;
            let mut ends = Vec::with_capacity(walks.len());
            let mut is_stale = false;
            for ((walk, run), taken) in walks.iter().zip(&mut runs).zip(taken) {
                ends.push(match &walk.mark {
                    Some(mark) if run.is_cut_by(taken) => {
                        let again = self.read_on(scope, walk, mark, taken).await?;
                        let end = again.next.clone();
                        if !run.begins_with(&again) {
                            (*run, is_stale) = (again, true);
                        }
                        end
                    }
                    Some(mark) if taken < run.found.resources.len() => Some(mark.clone()),
                    _ => run.next.clone(),
                });
            }
            if !is_stale {
                walks.iter_mut().zip(ends).for_each(|(walk, end)| walk.mark = end);
                found.total = runs.iter().map(|run| run.found.total).sum();
                return Ok(found);
            }
        }
    }

    /// What comes next in each of the types.
    async fn runs(
        &self,
        scope: &Scope,
        walks: &mut [Walk],
        limit: usize,
    ) -> Result<Vec<Step>, Failure> {
        let mut runs = Vec::with_capacity(walks.len());
        for walk in walks {
            // The value to sort by may be in the hidden part.
            walk.query.projection.hidden = Hidden::Load;
            runs.push(match walk.mark.clone() {
                Some(mark) => self.read_on(scope, walk, &mark, limit).await?,
                None => Step::counted(self.total(scope, &walk.query).await?),
            });
        }
        Ok(runs)
    }

    async fn read_on(
        &self,
        scope: &Scope,
        walk: &Walk,
        mark: &Bookmark,
        limit: usize,
    ) -> Result<Step, Failure> {
        let mut query = walk.query.clone();
        query.limit = limit;
        self.step(scope, query, mark.clone()).await
    }

    /// How many matches there are in all, where the store knows without showing them.
    async fn total(&self, scope: &Scope, query: &Query) -> Result<Option<u64>, Failure> {
        let page = self.store.query(scope, &counting(query)).await?;
        Ok(page.total.filter(|_| page.residual.is_empty()))
    }
}

/// The first matches of all types in one order, and how many are from each: as many as fit on the
/// page, and none that might come after what was not read yet.
fn merged(
    walks: &[Walk],
    runs: &[Step],
    limit: usize,
) -> Result<(Found, Vec<usize>), DocumentError> {
    let mut merge = Merge::default();
    for (walk, run) in walks.iter().zip(runs) {
        let mut page = Page::default();
        page.resources.clone_from(&run.found.resources);
        merge.add(Source::new(walk.query.clone(), page)?);
    }
    let mut found = Found::default();
    while found.resources.len() < limit {
        let mut sources = runs.iter().zip(&merge.sources);
        if sources.any(|(run, source)| run.next.is_some() && source.heads.is_empty()) {
            break;
        }
        let Some(next) = merge.next() else { break };
        found.resources.push(next);
    }
    let runs = runs.iter().zip(&merge.sources);
    let taken = runs.map(|(run, rest)| run.found.resources.len().saturating_sub(rest.heads.len()));
    Ok((found, taken.collect()))
}
