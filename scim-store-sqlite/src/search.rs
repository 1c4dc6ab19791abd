//! Filters that look inside of indexed values: the values are found in memory, and the resources
//! that have them in the file.

use std::{collections::BTreeMap, sync::Arc};

use rusqlite::params;
use scim_core::{
    query::{Comparison, Operator, Predicate, Prepared},
    store::{Page, Query, Scope, StoreErrorKind},
};

use crate::{
    attached::Attached,
    budget::Budget,
    cache::{Filling, Piece, Place, RowCache, found_in},
    connection::Link,
    error::Failure,
    lookup::is_lookup,
    read::{Plan, within},
    statement::begin_counting,
};

/// Octets that take as long to look through as a comparison does.
const PER_COMPARISON: u64 = 64;

/// The values of indexes, by the numbers of these.
type Indexes = BTreeMap<i64, Vec<Piece>>;

/// A query whose filter looks inside of indexed values.
pub(crate) struct Search {
    cache: Arc<RowCache>,
    attached: Arc<Attached>,
    scope: Scope,
    query: Query,
}

/// A part of a filter that looks inside of the values of an index.
struct Look<'a> {
    index: i64,
    text: &'a str,
    place: Place,
}

impl Search {
    /// The query, if there is something in it to look for that no index narrows down.
    pub(crate) fn of(
        cache: Option<&Arc<RowCache>>,
        attached: &Arc<Attached>,
        scope: &Scope,
        query: &Query,
    ) -> Option<Self> {
        let (cache, attached) = (cache?.clone(), attached.clone());
        let search = Self { cache, attached, scope: scope.clone(), query: query.clone() };
        let filter = query.filter.as_ref()?;
        let has_any = search.query.sort.is_empty()
            && !is_lookup(&search.attached, &query.resource_type, filter)
            && !search.looks(filter).is_empty();
        has_any.then_some(search)
    }

    /// Reads the page: as planned, where values are not in memory or too many of them match.
    pub(crate) fn run(&self, link: &Link, plan: &Plan) -> Result<Page, Failure> {
        let Some(filter) = &self.query.filter else { return plan.run(link) };
        let tenant = self.scope.tenant.as_str();
        let looks = self.looks(filter);
        self.fill(link, &looks)?;
        let filled = looks
            .iter()
            .filter_map(|look| Some((look.index, self.cache.searched.filled(tenant, look.index)?)));
        let filled: BTreeMap<i64, u64> = filled.collect();
        let _snapshot = link.sql.unchecked_transaction()?;
        // A transaction reads at the moment of its first statement. All values that it can see are
        // in memory then, if they were when it began.
        link.sql.prepare_cached("SELECT 1 FROM fingerprint")?.exists([])?;
        let pieces = filled.into_iter().filter_map(|(index, number)| {
            Some((index, self.cache.searched.pieces(tenant, index, number)?))
        });
        let pieces: Indexes = pieces.collect();
        let mut query = self.query.clone();
        let left = query.budget.checked_sub(comparisons(&looks, &pieces));
        query.budget = left.ok_or(StoreErrorKind::OverBudget)?;
        query.filter = Some(self.named(filter, &pieces));
        // With values named, the order may be another, in which the position means nothing.
        match Plan::of(&self.attached, &self.scope, &query) {
            Ok(named) if named.has_order_of(plan) => named.run_within(link),
            _ => plan.run_within(link),
        }
    }

    /// Reads the keys that nobody has read, in all within the budget once: as if they were gone
    /// through without being kept. Where that is not enough, the plan may still get by with fewer.
    fn fill(&self, link: &Link, looks: &[Look<'_>]) -> Result<(), Failure> {
        let tenant = self.scope.tenant.as_str();
        let fill_all = || {
            for look in looks {
                if let Some(filling) = self.cache.searched.fill(tenant, look.index) {
                    fill(link, tenant, look.index, filling)?;
                }
            }
            Ok(())
        };
        match within(link, Budget::steps(self.query.budget), fill_all) {
            Err(failure) if failure.is_over_budget() => Ok(()),
            outcome => outcome,
        }
    }

    fn looks<'a>(&self, filter: &'a Predicate) -> Vec<Look<'a>> {
        match filter {
            Predicate::And(parts) | Predicate::Or(parts) => {
                parts.iter().flat_map(|part| self.looks(part)).collect()
            }
            Predicate::Not(part) => self.looks(part),
            Predicate::Compare(comparison) => self.look(comparison).into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn look<'a>(&self, comparison: &'a Comparison) -> Option<Look<'a>> {
        let place = match comparison.operator {
            Operator::Contains => Place::Anywhere,
            Operator::EndsWith => Place::End,
            _ => return None,
        };
        let text = comparison.operand.as_text().filter(|text| !text.is_empty())?;
        let index = self.attached.index(&self.query.resource_type, &comparison.attribute)?.number;
        Some(Look { index, text, place })
    }

    /// The filter, with the values that match named instead of what is looked for in them.
    fn named(&self, filter: &Predicate, pieces: &Indexes) -> Predicate {
        let all = |parts: &[Predicate]| parts.iter().map(|it| self.named(it, pieces)).collect();
        match filter {
            Predicate::And(parts) => Predicate::And(all(parts)),
            Predicate::Or(parts) => Predicate::Or(all(parts)),
            Predicate::Not(part) => Predicate::Not(Box::new(self.named(part, pieces))),
            Predicate::Compare(comparison) => {
                self.values(comparison, pieces).unwrap_or_else(|| filter.clone())
            }
            _ => filter.clone(),
        }
    }

    fn values(&self, comparison: &Comparison, pieces: &Indexes) -> Option<Predicate> {
        let Look { index, text, place } = self.look(comparison)?;
        let pieces = pieces.get(&index)?;
        let equal = |key: Vec<u8>| {
            let text = String::from_utf8(key).ok()?;
            Some(Predicate::Compare(Comparison {
                attribute: comparison.attribute.clone(),
                operator: Operator::Equal,
                operand: Prepared::Text(text.into()),
            }))
        };
        let found = found_in(pieces, text.as_bytes(), place)?;
        Some(Predicate::any(found.into_iter().map(equal).collect::<Option<Vec<_>>>()?))
    }
}

/// What it takes to look through values in memory.
fn comparisons(looks: &[Look<'_>], pieces: &Indexes) -> u64 {
    let pieces = looks.iter().filter_map(|look| pieces.get(&look.index)).flatten();
    pieces.map(|piece| piece.len() as u64).sum::<u64>() / PER_COMPARISON
}

/// Reads all keys of an index, within what the budget leaves.
fn fill(link: &Link, tenant: &str, index: i64, mut filling: Filling<'_>) -> Result<(), Failure> {
    match within(link, u64::MAX, || read_keys(link, tenant, index, &mut filling)) {
        Ok(()) => filling.finish(),
        Err(failure) => {
            if failure.is_over_budget() {
                filling.give_up();
            }
            return Err(failure);
        }
    }
    Ok(())
}

fn read_keys(
    link: &Link,
    tenant: &str,
    index: i64,
    filling: &mut Filling<'_>,
) -> Result<(), Failure> {
    let mut statement = link.sql.prepare_cached(
        "SELECT v.key FROM value v WHERE v.tenant = ?1 AND v.attribute = ?2 AND v.absent = 0",
    )?;
    begin_counting(&statement);
    let mut keys = statement.query(params![tenant, index])?;
    while let Some(it) = keys.next()? {
        if !link.budget.compare(1) {
            return Err(StoreErrorKind::OverBudget.into());
        }
        if !filling.push(it.get_ref(0)?.as_bytes().map_err(rusqlite::Error::from)?) {
            break;
        }
    }
    Ok(())
}
