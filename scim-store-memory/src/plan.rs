//! From a filter to the few rows that may match it.

use std::{collections::BTreeSet, sync::Arc};

use scim_core::{
    query::{Comparison, Operator, Predicate, Prepared, RelatedTerm, RelatedTest, Side},
    schema::Attribute,
    store::Explanation,
};

use crate::{reach::far_ends, row::RowId, state::State, table::Table, work::Work};

/// Numbers of the rows of a table that may match, ascending. All that match are among them;
/// `None` means that no index helps.
pub(crate) fn candidates(
    state: &State,
    (position, table): (usize, &Table),
    filter: &Predicate,
    work: &Work,
) -> Option<Candidates> {
    let rows = Planner { state, position, table, work }.candidates(filter)?;
    Some(Candidates { rows, are_matches: is_decided(table, filter) })
}

/// How a filter over a table is answered.
pub(crate) fn explain(
    state: &State,
    (position, table): (usize, &Table),
    filter: &Predicate,
) -> Explanation {
    let work = &Work::new(u64::MAX);
    let planner = Planner { state, position, table, work };
    let rows = planner.candidates(filter).map_or(table.len(), |rows| rows.len());
    let used = planner.used(filter);
    let is_used = |term: &Predicate| used.contains(&term);
    Explanation::sorted(filter, is_used).with_work(u64::try_from(rows).unwrap_or(u64::MAX))
}

/// Rows that may match.
pub(crate) struct Candidates {
    pub(crate) rows: Vec<u64>,
    /// Whether all of them do, so that none needs a look.
    pub(crate) are_matches: bool,
}

/// Whether indexes and edges decide a filter, so that what they find is what matches. Of a
/// conjunction only one part is looked up.
fn is_decided(table: &Table, filter: &Predicate) -> bool {
    match filter {
        Predicate::Constant(_) | Predicate::Related(_) => true,
        Predicate::Compare(Comparison { attribute, .. }) => {
            is_id(attribute) || table.index(attribute).is_some()
        }
        Predicate::Or(parts) => parts.iter().all(|part| is_decided(table, part)),
        _ => false,
    }
}

struct Planner<'a> {
    state: &'a State,
    position: usize,
    table: &'a Table,
    work: &'a Work,
}

impl Planner<'_> {
    fn candidates(&self, filter: &Predicate) -> Option<Vec<u64>> {
        match filter {
            Predicate::Constant(false) => Some(Vec::new()),
            Predicate::Compare(comparison) => self.compared(comparison),
            Predicate::Related(term) => self.related(term),
            // What matches the inner predicate in one element has such a value in some element.
            Predicate::Element(_, inner) => self.candidates(inner),
            Predicate::And(parts) => self.candidates(self.best(parts)?),
            Predicate::Or(parts) => {
                let parts: Option<Vec<_>> = parts.iter().map(|it| self.candidates(it)).collect();
                let rows: BTreeSet<u64> = parts?.into_iter().flatten().collect();
                Some(rows.into_iter().collect())
            }
            _ => None,
        }
    }

    /// The part of a conjunction by which its candidates are found.
    fn best<'p>(&self, parts: &'p [Predicate]) -> Option<&'p Predicate> {
        let best = parts.iter().filter(|part| self.cost(part).is_some());
        best.min_by_key(|part| self.cost(part))
    }

    /// The terms by which candidates are found.
    fn used<'p>(&self, filter: &'p Predicate) -> Vec<&'p Predicate> {
        match filter {
            _ if self.cost(filter).is_none() => Vec::new(),
            Predicate::And(parts) => {
                self.best(parts).map(|part| self.used(part)).unwrap_or_default()
            }
            Predicate::Or(parts) => parts.iter().flat_map(|part| self.used(part)).collect(),
            other => other.terms(),
        }
    }

    /// How many rows a part is likely to leave, as a rank; `None` where no index helps.
    fn cost(&self, filter: &Predicate) -> Option<u8> {
        match filter {
            Predicate::Constant(false) => Some(0),
            Predicate::Compare(Comparison { attribute, operator, .. }) => {
                let indexed = is_id(attribute) || self.table.index(attribute).is_some();
                match operator {
                    Operator::Equal if indexed => Some(1),
                    Operator::StartsWith if indexed && !is_id(attribute) => Some(3),
                    Operator::Contains | Operator::EndsWith if indexed && !is_id(attribute) => {
                        Some(5)
                    }
                    _ if indexed && !is_id(attribute) => Some(4),
                    _ => None,
                }
            }
            Predicate::Related(RelatedTerm { test: RelatedTest::Id(_), .. }) => Some(2),
            Predicate::Element(_, inner) => self.cost(inner),
            Predicate::And(parts) => parts.iter().filter_map(|part| self.cost(part)).min(),
            Predicate::Or(parts) => parts
                .iter()
                .map(|part| self.cost(part))
                .collect::<Option<Vec<_>>>()?
                .into_iter()
                .max(),
            _ => None,
        }
    }

    fn compared(&self, comparison: &Comparison) -> Option<Vec<u64>> {
        let Comparison { attribute, operator, operand } = comparison;
        if is_id(attribute) {
            return (*operator == Operator::Equal).then(|| self.with_id(operand));
        }
        let index = self.table.index(attribute)?;
        let gone_through = match operator {
            Operator::Contains | Operator::EndsWith => index.len(),
            _ => 0,
        };
        if !self.work.take(gone_through) {
            // The query fails, whatever is found.
            return Some(Vec::new());
        }
        self.counted(index.find(*operator, operand)?)
    }

    fn counted(&self, rows: Vec<u64>) -> Option<Vec<u64>> {
        self.work.take(rows.len());
        Some(rows)
    }

    fn with_id(&self, operand: &Prepared) -> Vec<u64> {
        let place = operand.as_text().and_then(|id| self.state.find(id));
        place.and_then(|place| self.in_table(place)).into_iter().collect()
    }

    fn related(&self, term: &RelatedTerm) -> Option<Vec<u64>> {
        let RelatedTest::Id(id) = &term.test else { return None };
        let Some(other) = self.state.find(id) else { return Some(Vec::new()) };
        // Whoever has the other as a target is one of its sources, and the other way round.
        let side = match term.side {
            Side::Targets => Side::Sources,
            Side::Sources => Side::Targets,
        };
        let edges = self.state.edges();
        let ends = far_ends(edges, other, &term.relation, side, term.reach, RowId::FIRST);
        self.counted(ends.filter_map(|(place, _)| self.in_table(place)).collect())
    }

    fn in_table(&self, place: RowId) -> Option<u64> {
        (place.table == self.position).then_some(place.number)
    }
}

fn is_id(attribute: &Arc<Attribute>) -> bool {
    attribute.path() == "id"
}
