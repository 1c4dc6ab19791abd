//! The statements that answer a query.

use std::sync::Arc;

use scim_core::{
    query::{Comparison, Operator, Predicate, SortOrder},
    schema::ResourceType,
    store::{Hidden, Projection, Query, Start, StoreErrorKind},
};

use crate::{
    attached::Attached,
    error::Failure,
    lookup::{conjuncts, is_lookup, tests_edges},
    position::decode,
    rank::Ranked,
    sort::Order,
    sql_filter::Compiler,
    statement::{Bindings, Statement},
};

/// Rows that are passed over one by one; the place of a page behind more is looked up.
const FAR: u64 = 64;

/// Columns that every resource is read from.
pub(crate) const COLUMNS: &str =
    "r.row, r.id, r.version, r.revision, r.created, r.last_modified, r.visible";

/// The column of the hidden part, or nothing in its place.
pub(crate) fn hidden_column(projection: &Projection) -> &'static str {
    match projection.hidden {
        Hidden::Skip => "''",
        Hidden::Load => "r.hidden",
    }
}

/// Where a page begins that is far behind the first.
#[derive(Clone, Debug)]
pub(crate) struct Seek {
    pub(crate) ranked: Ranked,
    pub(crate) skipped: u64,
    /// Parameters of the page before those for the place where it begins.
    pub(crate) at: usize,
}

/// How many matches a page passes over.
pub(crate) fn skipped(query: &Query) -> u64 {
    match query.start {
        Start::Index(skipped) => skipped,
        Start::After(_) => 0,
    }
}

/// How a page is read.
pub(crate) struct Paged {
    pub(crate) page: Statement,
    pub(crate) seek: Option<Seek>,
    /// Tells positions of this query from those of others.
    pub(crate) order: u32,
    /// Whether the statement meets few more rows than it answers.
    pub(crate) is_bounded: bool,
}

/// Writes the statement for the page.
pub(crate) fn page(
    attached: &Arc<Attached>,
    tenant: &str,
    query: &Query,
) -> Result<Paged, Failure> {
    let filter = query.filter.as_ref();
    let is_lookup = filter.is_some_and(|it| is_lookup(attached, &query.resource_type, it));
    let mut bindings = Bindings::default();
    let tenant = bindings.bind(tenant.to_owned());
    let range = range(attached, query);
    let order = match range {
        Some((index, _)) => Order::of_index(index, SortOrder::Ascending),
        None if !is_lookup && follows_time(query) => Order::of_time(),
        None => Order::by(&query.sort, attached, &query.resource_type, is_lookup, &mut bindings),
    };
    let mut condition = match range {
        Some((_, range)) => in_range(attached, query, &tenant, range, &mut bindings),
        None => conditions(attached, query, &tenant, &mut bindings)?,
    };
    let seek = seek(query, &order, bindings.len());
    condition.push_str(&beginning(query, &order, seek.as_ref(), &mut bindings)?);
    let is_bounded = match filter {
        Some(filter) => range.is_some() || (is_lookup && !tests_edges(filter)),
        None => query.sort.is_empty() || order.index.is_some(),
    };
    let passed = if seek.is_some() { 0 } else { skipped(query) };
    let sql = format!(
        "SELECT {COLUMNS}, {}, {} FROM {} AND {condition} ORDER BY {} LIMIT {} OFFSET {}",
        hidden_column(&query.projection),
        order.selected().collect::<Vec<_>>().join(", "),
        source(&order, &tenant, &mut bindings),
        order.clause(),
        bindings.bind(i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1)),
        bindings.bind(i64::try_from(passed).unwrap_or(i64::MAX)),
    );
    Ok(Paged { page: bindings.into_statement(sql), seek, order: order.digest(), is_bounded })
}

/// The condition on where the page begins, after the others.
fn beginning(
    query: &Query,
    order: &Order,
    seek: Option<&Seek>,
    bindings: &mut Bindings,
) -> Result<String, StoreErrorKind> {
    if let Start::After(position) = &query.start {
        let values = decode(position, order.digest(), order.len())?;
        return Ok(format!(" AND {}", order.after(values, bindings)));
    }
    let direction = seek.and_then(|_| order.direction());
    Ok(direction.map_or_else(String::new, |it| format!(" AND {}", order.from(it, bindings))))
}

/// How the place of a page is found in an order whose rows are counted, if it is far.
fn seek(query: &Query, order: &Order, at: usize) -> Option<Seek> {
    let skipped = skipped(query);
    if query.filter.is_some() || skipped < FAR {
        return None;
    }
    let ranked = match order.index {
        Some(index) => Ranked::Entries { index, order: order.direction()? },
        None if query.sort.is_empty() => {
            Ranked::Rows { resource_type: query.resource_type.name().to_owned() }
        }
        None => return None,
    };
    Some(Seek { ranked, skipped, at })
}

/// The index of which a query without an order wants a range: it is answered in the order of the
/// index, so that only a page of the range is read.
fn range<'a>(attached: &Attached, query: &'a Query) -> Option<(i64, &'a Comparison)> {
    let Some(Predicate::Compare(comparison)) = &query.filter else { return None };
    let index = attached.index(&query.resource_type, &comparison.attribute)?;
    (is_range(comparison.operator) && query.sort.is_empty() && index.is_order())
        .then_some((index.number, comparison))
}

fn is_range(operator: Operator) -> bool {
    match operator {
        Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::StartsWith => true,
        Operator::Equal | Operator::Contains | Operator::EndsWith => false,
    }
}

/// Whether a query without an order asks for what changed in a period, and is answered in the order
/// of the changes.
fn follows_time(query: &Query) -> bool {
    let is_period = |part: &Predicate| {
        matches!(part, Predicate::Compare(it)
            if it.attribute.path() == "meta.lastModified" && is_range(it.operator))
    };
    let filter = query.filter.as_ref();
    query.sort.is_empty() && filter.is_some_and(|it| conjuncts(it).iter().any(is_period))
}

/// The conditions on an entry of an index and on its row.
fn in_range(
    attached: &Arc<Attached>,
    query: &Query,
    tenant: &str,
    range: &Comparison,
    bindings: &mut Bindings,
) -> String {
    let resource_type = &query.resource_type;
    let mut compiler = Compiler { attached, resource_type, tenant, bindings };
    let key = compiler.key_condition(range.operator, &range.operand);
    format!("r.tenant = {tenant} AND v.absent = 0 AND {key}")
}

/// The conditions on the row: tenant, type and filter.
fn conditions(
    attached: &Arc<Attached>,
    query: &Query,
    tenant: &str,
    bindings: &mut Bindings,
) -> Result<String, StoreErrorKind> {
    let resource_type = &query.resource_type;
    let name = bindings.bind(resource_type.name().to_owned());
    match &query.filter {
        None => Ok(format!("r.tenant = {tenant} AND r.type = {name}")),
        Some(filter) => {
            let mut compiler = Compiler { attached, resource_type, tenant, bindings };
            compiler.condition(filter, &name)
        }
    }
}

/// The tables, up to and including the first condition.
fn source(order: &Order, tenant: &str, bindings: &mut Bindings) -> String {
    match order.index {
        None => "resource r WHERE 1".to_owned(),
        Some(number) => {
            let number = bindings.bind(number);
            format!(
                "value v CROSS JOIN resource r ON r.row = v.row \
                 WHERE v.tenant = {tenant} AND v.attribute = {number}"
            )
        }
    }
}

/// Writes the statement that counts all matches.
pub(crate) fn count(
    attached: &Arc<Attached>,
    tenant: &str,
    query: &Query,
) -> Result<Statement, Failure> {
    let resource_type = &*query.resource_type;
    let mut bindings = Bindings::default();
    let tenant = bindings.bind(tenant.to_owned());
    let sql = match &query.filter {
        None => {
            let name = bindings.bind(resource_type.name().to_owned());
            format!("SELECT count FROM tally WHERE tenant = {tenant} AND type = {name}")
        }
        // An index over one type tells without a look at the rows.
        Some(filter) => {
            match counted_entries(attached, resource_type, filter, &tenant, &mut bindings) {
                Some(counted) => counted,
                None => {
                    let condition = conditions(attached, query, &tenant, &mut bindings)?;
                    format!("SELECT count(*) FROM resource r WHERE {condition}")
                }
            }
        }
    };
    Ok(bindings.into_statement(sql))
}

/// The count of the entries of an index, where they are all that a filter asks for.
fn counted_entries(
    attached: &Arc<Attached>,
    resource_type: &ResourceType,
    filter: &Predicate,
    tenant: &str,
    bindings: &mut Bindings,
) -> Option<String> {
    let Predicate::Compare(Comparison { attribute, operator, operand }) = filter else {
        return None;
    };
    let is_order = attached.index(resource_type, attribute)?.is_order();
    let mut compiler = Compiler { attached, resource_type, tenant, bindings };
    let entries = compiler.entries(attribute, *operator, operand)?;
    let what = if is_order { "*" } else { "DISTINCT v.row" };
    Some(format!("SELECT count({what}) FROM {entries}"))
}
