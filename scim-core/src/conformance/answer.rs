//! Queries with what the store leaves to do done, as the engine does it.

use std::collections::BTreeSet;

use super::{fixture::Fixture, wait::wait};
use crate::{
    query::{Candidate, Predicate, Reach, Side, compare, eval},
    resource::ResourceId,
    schema::ResourceType,
    store::{Hidden, Page, Position, Projection, Query, Resource, Start, Total},
};

/// The most pages that any walk takes; more means that it never ends.
const MOST_PAGES: usize = 10_000;

/// A page without a residual.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) resources: Vec<Resource>,
    pub(super) total: Option<u64>,
}

impl Answer {
    pub(super) fn ids(&self) -> Vec<ResourceId> {
        ids_of(&self.resources)
    }
}

impl Fixture {
    /// One page, as a client gets it.
    pub(super) fn answer(&self, query: &Query) -> Answer {
        let page = self.page(query);
        if page.residual.is_empty() {
            assert!(page.resources.len() <= query.limit, "a page holds at most `limit`");
            assert_eq!(page.total.is_some(), query.total == Total::Count, "the total as wanted");
            return Answer { resources: page.resources, total: page.total };
        }
        assert_eq!(page.total, None, "with a residual the total is left to the engine");
        let offset = match &query.start {
            Start::Index(offset) => usize::try_from(*offset).unwrap_or(usize::MAX),
            Start::After(_) => 0,
        };
        let mut whole = query.clone();
        whole.start = Start::Index(0);
        whole.limit = 100;
        let all = self.walk(&whole);
        let total = (query.total == Total::Count).then_some(all.len() as u64);
        Answer { resources: all.into_iter().skip(offset).take(query.limit).collect(), total }
    }

    /// All matches from the start of the query on, page by page of its limit.
    pub(super) fn walk(&self, query: &Query) -> Vec<Resource> {
        self.walk_while(query, |_| {})
    }

    /// As [`walk`](Self::walk), and calls the function between two pages with their number.
    pub(super) fn walk_while(
        &self,
        query: &Query,
        mut between: impl FnMut(usize),
    ) -> Vec<Resource> {
        let mut query = query.clone();
        query.projection = self.everything(&query.resource_type);
        let mut found = Vec::new();
        let mut unsorted = Vec::new();
        for number in 1..=MOST_PAGES {
            let page = self.page(&query);
            assert!(page.resources.len() <= query.limit, "a page holds at most `limit`");
            let filter = page.residual.filter.as_ref();
            found.extend(page.resources.into_iter().filter(|it| self.matches(filter, it)));
            unsorted = page.residual.sort;
            let Some(next) = page.next else {
                self.sort(&mut found, &unsorted);
                return found;
            };
            query.start = Start::After(next);
            between(number);
        }
        panic!("the walk does not end: {unsorted:?}");
    }

    /// Ids of the users that match, in the store's order.
    pub(super) fn users_where(&self, filter: Predicate) -> Vec<ResourceId> {
        let mut query = Query::new(&self.users, 1000);
        query.filter = Some(filter);
        self.answer(&query).ids()
    }

    pub(super) fn groups_where(&self, filter: Predicate) -> Vec<ResourceId> {
        let mut query = Query::new(&self.groups, 1000);
        query.filter = Some(filter);
        self.answer(&query).ids()
    }

    /// All users with all that can be known of them, in the store's order.
    pub(super) fn all(&self, resource_type: &std::sync::Arc<ResourceType>) -> Vec<Resource> {
        self.walk(&Query::new(resource_type, 50))
    }

    /// Whether a resource that was read with [`everything`](Self::everything) matches.
    pub(super) fn matches(&self, filter: Option<&Predicate>, resource: &Resource) -> bool {
        let projection = self.everything(&resource.resource_type);
        let candidate = Candidate::new(resource, &projection).expect("the document is readable");
        filter.is_none_or(|filter| eval(filter, &candidate))
    }

    /// Puts resources that were read with [`everything`](Self::everything) in order; ties stay.
    pub(super) fn sort(&self, resources: &mut [Resource], keys: &[crate::query::SortKey]) {
        resources.sort_by(|a, b| {
            let projection = self.everything(&a.resource_type);
            let a = Candidate::new(a, &projection).expect("the document is readable");
            let b = Candidate::new(b, &projection).expect("the document is readable");
            compare(keys, &a, &b)
        });
    }

    /// A projection of both parts of the document and of all edges in every view.
    pub(super) fn everything(&self, resource_type: &ResourceType) -> Projection {
        let sides = if resource_type.name() == self.groups.name() {
            &[Side::Sources, Side::Targets][..]
        } else {
            &[Side::Sources][..]
        };
        let views = sides.iter().flat_map(|side| {
            [Reach::Direct, Reach::Transitive].map(|reach| self.view(*side, reach))
        });
        Projection { hidden: Hidden::Load, relations: views.collect() }
    }

    /// A page as the store answers it.
    pub(super) fn page(&self, query: &Query) -> Page {
        wait(self.store.query(&self.scope, query)).expect("the store answers")
    }

    /// Position at which the store's page ends.
    pub(super) fn next(&self, query: &Query) -> Option<Position> {
        self.page(query).next
    }
}

pub(super) fn ids_of(resources: &[Resource]) -> Vec<ResourceId> {
    resources.iter().map(|resource| resource.id.clone()).collect()
}

/// Asserts that no resource was met twice.
pub(super) fn assert_once(ids: &[ResourceId]) {
    let set: BTreeSet<_> = ids.iter().collect();
    assert_eq!(set.len(), ids.len(), "every resource once: {ids:?}");
}
