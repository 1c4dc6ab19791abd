//! Filters that look inside of indexed values: the values are found in memory, and the resources
//! that have them in the file.

use std::sync::Arc;

use rusqlite::params;
use scim_core::{
    query::{Comparison, Operator, Predicate, Prepared},
    store::{Page, Query, Scope},
};

use crate::{
    cache::{Filling, Place, RowCache, found_in},
    connection::Link,
    error::Failure,
    fingerprint::Attached,
    read::Plan,
};

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
    /// The query, if there is something in it to look for.
    pub(crate) fn of(
        cache: Option<&Arc<RowCache>>,
        attached: &Arc<Attached>,
        scope: &Scope,
        query: &Query,
    ) -> Option<Self> {
        let (cache, attached) = (cache?.clone(), attached.clone());
        let search = Self { cache, attached, scope: scope.clone(), query: query.clone() };
        let has_any =
            search.query.sort.is_empty() && !search.looks(query.filter.as_ref()?).is_empty();
        has_any.then_some(search)
    }

    /// Reads the page: as planned, where values are not in memory or too many of them match.
    pub(crate) fn run(&self, link: &Link, plan: &Plan) -> Result<Page, Failure> {
        let Some(filter) = &self.query.filter else { return plan.run(link) };
        let tenant = self.scope.tenant.as_str();
        for look in self.looks(filter) {
            if let Some(filling) = self.cache.searched.fill(tenant, look.index) {
                fill(link, tenant, look.index, filling)?;
            }
        }
        let _snapshot = link.sql.unchecked_transaction()?;
        // A transaction reads at the moment of its first statement. All values that it can see are
        // in memory then.
        link.sql.prepare_cached("SELECT 1 FROM fingerprint")?.exists([])?;
        let mut query = self.query.clone();
        query.filter = Some(self.named(filter));
        let named = Plan::of(&self.attached, &self.scope, &query)?;
        if named.has_order_of(plan) { named.run_within(link) } else { plan.run_within(link) }
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
    fn named(&self, filter: &Predicate) -> Predicate {
        let all = |parts: &[Predicate]| parts.iter().map(|part| self.named(part)).collect();
        match filter {
            Predicate::And(parts) => Predicate::And(all(parts)),
            Predicate::Or(parts) => Predicate::Or(all(parts)),
            Predicate::Not(part) => Predicate::Not(Box::new(self.named(part))),
            Predicate::Compare(comparison) => {
                self.values(comparison).unwrap_or_else(|| filter.clone())
            }
            _ => filter.clone(),
        }
    }

    fn values(&self, comparison: &Comparison) -> Option<Predicate> {
        let Look { index, text, place } = self.look(comparison)?;
        let pieces = self.cache.searched.pieces(self.scope.tenant.as_str(), index)?;
        let equal = |key: Vec<u8>| {
            let text = String::from_utf8(key).ok()?;
            Some(Predicate::Compare(Comparison {
                attribute: comparison.attribute.clone(),
                operator: Operator::Equal,
                operand: Prepared::Text(text.into()),
            }))
        };
        let found = found_in(&pieces, text.as_bytes(), place)?;
        Some(Predicate::any(found.into_iter().map(equal).collect::<Option<Vec<_>>>()?))
    }
}

/// Reads all keys of an index.
fn fill(link: &Link, tenant: &str, index: i64, mut filling: Filling<'_>) -> Result<(), Failure> {
    let mut statement = link.sql.prepare_cached(
        "SELECT v.key FROM value v WHERE v.tenant = ?1 AND v.attribute = ?2 AND v.absent = 0",
    )?;
    let mut keys = statement.query(params![tenant, index])?;
    while let Some(it) = keys.next()? {
        if !filling.push(it.get_ref(0)?.as_bytes().map_err(rusqlite::Error::from)?) {
            break;
        }
    }
    filling.finish();
    Ok(())
}
