//! Answering from one state, without a lock.

use std::sync::Arc;

use scim_core::{
    query::{Predicate, SortKey},
    store::{
        Explanation, Hidden, Key, Page, Position, Projection, Query, Related, RelatedQuery,
        RelationView, Resource, Start, StoreError, Total,
    },
};

use crate::{
    place::Place,
    plan::{self, Candidates, candidates},
    reach::far_ends,
    row::{Row, RowId},
    state::State,
    subject::{RowSubject, edge},
    table::Table,
    work::Work,
};

/// The resource with this key.
pub(crate) fn get(state: &State, key: &Key, projection: &Projection) -> Option<Resource> {
    resource(state, state.find_key(key)?, projection)
}

/// The page that a query asks for; the residual is always empty.
pub(crate) fn query(state: &State, query: &Query) -> Result<Page, StoreError> {
    let Some((position, table)) = state.table(&query.resource_type) else {
        return Ok(empty_page(query));
    };
    let each = query.filter.as_ref().map_or(0, Predicate::comparisons);
    let each = each.saturating_add(query.sort.len());
    let work = Work::new(query.budget);
    let members = members(query);
    let reader = Reader { state, position, table, query, members, work, each };
    let Slice { places, total, more } = match (&query.filter, query.sort.is_empty()) {
        (None, true) => reader.all(),
        (filter, true) => reader.in_row_order(filter.as_ref())?,
        (filter, false) => match reader.along_index() {
            Some(slice) => slice,
            None => reader.sorted(filter.as_ref())?,
        },
    };
    let mut page = empty_page(query);
    page.total = (query.total == Total::Count).then_some(total);
    page.next = places.last().filter(|_| more).cloned().map(Position::from);
    page.resources = places
        .iter()
        .filter_map(|place| {
            let row = RowId { number: place.number(), table: position };
            resource(state, row, &query.projection)
        })
        .collect();
    Ok(page)
}

/// How a query is answered.
pub(crate) fn explain(state: &State, query: &Query, indexed: &[Box<str>]) -> Explanation {
    let everything = Predicate::Constant(true);
    let filter = query.filter.as_ref().unwrap_or(&everything);
    match state.table(&query.resource_type) {
        Some(table) => plan::explain(state, table, filter),
        // An empty table has the same indexes.
        None => {
            let table = Table::new(&query.resource_type, indexed);
            plan::explain(state, (0, &table), filter)
        }
    }
}

/// The edges of some resources, one answer for each.
pub(crate) fn related(state: &State, query: &RelatedQuery) -> Vec<Related> {
    let of_source = |id| {
        let key = Key::new(&query.resource_type, id);
        let place = state.find_key(&key);
        place.map_or_else(Related::default, |place| view(state, place, &query.view, &query.after))
    };
    query.ids.iter().cloned().map(of_source).collect()
}

/// The part of the matches that goes on the page.
struct Slice {
    places: Vec<Place>,
    /// Number of all matches; of no use unless it was asked for.
    total: u64,
    /// Whether matches follow.
    more: bool,
}

struct Reader<'a> {
    state: &'a State,
    position: usize,
    table: &'a Table,
    query: &'a Query,
    /// Names of the members of a document that the query looks at.
    members: Vec<&'a str>,
    work: Work,
    /// Comparisons that a look at one row takes.
    each: usize,
}

impl<'a> Reader<'a> {
    /// Every row of the table, without looking into any.
    fn all(&self) -> Slice {
        let mut rows = self.table.numbers_after(self.first_number(), self.offset());
        let places = rows.by_ref().take(self.query.limit).map(Place::of_row).collect();
        Slice { places, total: self.total(), more: rows.next().is_some() }
    }

    /// Number of all rows.
    fn total(&self) -> u64 {
        u64::try_from(self.table.len()).unwrap_or(u64::MAX)
    }

    /// The matches as they come; without a total the search ends with the page.
    fn in_row_order(&self, filter: Option<&Predicate>) -> Result<Slice, StoreError> {
        let candidates = self.candidates(filter)?;
        if let Some(Candidates { rows, are_matches: true }) = &candidates {
            return Ok(self.cut_out(rows));
        }
        let counts = self.query.total == Total::Count;
        let first = self.first_number();
        let mut slice = Slice { places: Vec::new(), total: 0, more: false };
        let mut to_skip = self.offset();
        for (number, row) in self.rows(candidates, if counts { 0 } else { first }) {
            if !self.matches(filter, number, row)? {
                continue;
            }
            slice.total = slice.total.saturating_add(1);
            if number <= first {
                continue;
            }
            if to_skip > 0 {
                to_skip = to_skip.saturating_sub(1);
            } else if slice.places.len() < self.query.limit {
                slice.places.push(Place::of_row(number));
            } else {
                slice.more = true;
                if !counts {
                    break;
                }
            }
        }
        Ok(slice)
    }

    /// The page of all matches, of which none needs a look.
    fn cut_out(&self, matches: &[u64]) -> Slice {
        let first = self.first_number();
        let passed = matches.partition_point(|number| *number <= first);
        let mut rows = matches.iter().skip(passed).skip(self.offset()).copied();
        let places = rows.by_ref().take(self.query.limit).map(Place::of_row).collect();
        let total = u64::try_from(matches.len()).unwrap_or(u64::MAX);
        Slice { places, total, more: rows.next().is_some() }
    }

    /// Every row in the order of one attribute, without looking into any, where an index has it.
    fn along_index(&self) -> Option<Slice> {
        let Query { filter: None, sort, .. } = self.query else { return None };
        let [SortKey { attribute, order }] = sort.as_slice() else { return None };
        let index = self.table.index(attribute).filter(|it| it.covers(self.table.len()))?;
        let after = match &self.query.start {
            Start::Index(_) => None,
            Start::After(position) => Some(Place::from(position).entry(*order)?),
        };
        let after = after.as_ref().map(|(key, number)| (&**key, *number));
        let entries = index.in_order(*order, after, self.offset());
        let mut places = entries.map(|at| Place::of_key(&at.key(), *order, at.row));
        let page = places.by_ref().take(self.query.limit).collect();
        Some(Slice { places: page, total: self.total(), more: places.next().is_some() })
    }

    /// All matches, each with its sort values read once, and the page cut out of them.
    fn sorted(&self, filter: Option<&Predicate>) -> Result<Slice, StoreError> {
        let mut places = Vec::new();
        for (number, row) in self.rows(self.candidates(filter)?, 0) {
            self.work.take(self.each);
            let subject = self.subject(number, row);
            let matches = filter.is_none_or(|filter| subject.matches(filter));
            let place = matches.then(|| Place::new(&self.query.sort, &subject, number));
            places.extend(subject.checked(place)?);
            self.work.check()?;
        }
        let total = u64::try_from(places.len()).unwrap_or(u64::MAX);
        places.sort_unstable();
        if let Start::After(position) = &self.query.start {
            let after = Place::from(position);
            places.drain(..places.partition_point(|place| *place <= after));
        }
        places.drain(..self.offset().min(places.len()));
        let more = places.len() > self.query.limit;
        places.truncate(self.query.limit);
        Ok(Slice { places, total, more })
    }

    /// The rows after a number that may match.
    fn rows(
        &self,
        candidates: Option<Candidates>,
        after: u64,
    ) -> Box<dyn Iterator<Item = (u64, &'a Arc<Row>)> + 'a> {
        let table = self.table;
        let Some(Candidates { rows, .. }) = candidates else {
            return Box::new(table.rows_after(after));
        };
        let behind = rows.into_iter().filter(move |number| *number > after);
        Box::new(behind.filter_map(|number| Some((number, table.row(number)?))))
    }

    fn candidates(&self, filter: Option<&Predicate>) -> Result<Option<Candidates>, StoreError> {
        let Some(filter) = filter else { return Ok(None) };
        let found = candidates(self.state, (self.position, self.table), filter, &self.work);
        self.work.check()?;
        Ok(found)
    }

    fn matches(
        &self,
        filter: Option<&Predicate>,
        number: u64,
        row: &Row,
    ) -> Result<bool, StoreError> {
        let Some(filter) = filter else { return Ok(true) };
        self.work.take(self.each);
        let subject = self.subject(number, row);
        let matches = subject.matches(filter);
        let matches = subject.checked(matches)?;
        self.work.check()?;
        Ok(matches)
    }

    fn subject<'s>(&'s self, number: u64, row: &'s Row) -> RowSubject<'s> {
        let place = RowId { number, table: self.position };
        RowSubject::new(self.state, place, row, &self.members, &self.work)
    }

    fn offset(&self) -> usize {
        match self.query.start {
            Start::Index(offset) => usize::try_from(offset).unwrap_or(usize::MAX),
            Start::After(_) => 0,
        }
    }

    /// The number of the row after which an unsorted page begins.
    fn first_number(&self) -> u64 {
        match &self.query.start {
            Start::Index(_) => 0,
            Start::After(position) => Place::from(position).number(),
        }
    }
}

fn members(query: &Query) -> Vec<&str> {
    let filter = query.filter.as_ref().map(Predicate::members).unwrap_or_default();
    filter.into_iter().chain(query.sort.iter().map(|key| key.attribute.member())).collect()
}

fn empty_page(query: &Query) -> Page {
    let mut page = Page::default();
    page.total = (query.total == Total::Count).then_some(0);
    page
}

fn resource(state: &State, place: RowId, projection: &Projection) -> Option<Resource> {
    let table = state.table_of(place)?;
    let row = table.row(place.number)?;
    let document = match projection.hidden {
        Hidden::Load => row.document(),
        Hidden::Skip => row.shown(),
    };
    let mut resource = Resource::new(table.resource_type(), row.id.clone(), row.meta(), document);
    let views = projection.relations.iter();
    resource.relations = views.map(|wish| view(state, place, wish, &None)).collect();
    Some(resource)
}

/// The edges of a row after a position, as many as the view allows.
fn view(state: &State, place: RowId, wish: &RelationView, after: &Option<Position>) -> Related {
    let RelationView { relation, side, reach, limit } = wish;
    let after = after.as_ref().map_or(0, |position| Place::from(position).number());
    let first = RowId::after(after);
    let mut ends = far_ends(state.edges(), place, relation, *side, *reach, first);
    let shown: Vec<_> = ends.by_ref().take(*limit).collect();
    let last = shown.last().map_or(after, |(end, _)| end.number);
    let next = ends.next().map(|_| Place::of_row(last).into());
    let edges = shown.into_iter().filter_map(|(end, path)| edge(state, end, path)).collect();
    Related { edges, next }
}
