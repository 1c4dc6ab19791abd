//! Reading resources: one, or a page of those that match.

use std::sync::Arc;

use rusqlite::{OptionalExtension, Row, Transaction, params, types::Value};
use scim_core::{
    query::{Comparison, Operator, Predicate, Reach, Side, SortOrder},
    schema::ResourceType,
    store::{Hidden, Key, Page, Projection, Query, RelationView, Resource, Scope, Start, Total},
};

use crate::{
    column::{Text, meta},
    connection::Link,
    error::Failure,
    fingerprint::Attached,
    lookup::{conjuncts, is_lookup, tests_edges},
    position::{decode, encode},
    rank::Ranked,
    related::edges,
    sort::Order,
    sql_filter::Compiler,
    statement::{Bindings, Statement},
};

/// Up to this many rows are read on the thread that asks.
const SHORT: usize = 1_000;

/// Rows that are passed over one by one; the place of a page behind more is looked up.
const FAR: u64 = 64;

/// Columns that every resource is read from.
const COLUMNS: &str = "r.row, r.id, r.version, r.revision, r.created, r.last_modified, r.visible";

/// The number of those columns and the one for the hidden part.
const FIXED: usize = 8;

fn hidden_column(projection: &Projection) -> &'static str {
    match projection.hidden {
        Hidden::Skip => "''",
        Hidden::Load => "r.hidden",
    }
}

/// Whether the edges that are wanted of this many resources may be few. Nobody knows how far
/// several levels lead before having been there.
pub(crate) fn may_be_short(views: &[RelationView], resources: usize) -> bool {
    views.iter().all(|view| match (view.side, view.reach) {
        (Side::Targets, Reach::Direct) => view.limit.saturating_mul(resources) <= SHORT,
        _ => resources <= SHORT,
    })
}

/// Reads one resource from one snapshot.
pub(crate) fn get(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    key: &Key,
    projection: &Projection,
) -> Result<Option<Resource>, Failure> {
    let _snapshot = snapshot(link, projection.relations.is_empty())?;
    let found = link
        .sql
        .prepare_cached(&format!(
            "SELECT {COLUMNS}, {} FROM resource r \
             WHERE r.tenant = ?1 AND r.type = ?2 AND r.id = ?3",
            hidden_column(projection)
        ))?
        .query_row(params![tenant, key.resource_type.name(), key.id.as_str()], |it| {
            Ok((it.get(0)?, resource(it, &key.resource_type)?))
        })
        .optional()?;
    let Some((row, mut resource)) = found else { return Ok(None) };
    let resources = std::slice::from_mut(&mut resource);
    relate(link, attached, tenant, &projection.relations, &[row], resources)?;
    Ok(Some(resource))
}

/// One moment for all statements of an answer; a single statement sees one anyway.
fn snapshot(link: &Link, is_single: bool) -> rusqlite::Result<Option<Transaction<'_>>> {
    (!is_single).then(|| link.sql.unchecked_transaction()).transpose()
}

fn resource(it: &Row<'_>, resource_type: &Arc<ResourceType>) -> rusqlite::Result<Resource> {
    let meta = meta(it.get(2)?, it.get(3)?, it.get(4)?, it.get(5)?);
    let id = it.get::<_, String>(1)?.into();
    Ok(Resource::new(resource_type, id, meta, Text::document(it, 6, 7)?))
}

/// Gives the resources the edges of each view.
fn relate(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    views: &[RelationView],
    rows: &[i64],
    resources: &mut [Resource],
) -> Result<(), Failure> {
    for view in views {
        let related = edges(link, attached, tenant, view, rows, None)?;
        for (resource, related) in resources.iter_mut().zip(related) {
            resource.relations.push(related);
        }
    }
    Ok(())
}

/// A query as the statements that answer it.
pub(crate) struct Plan {
    attached: Arc<Attached>,
    tenant: String,
    resource_type: Arc<ResourceType>,
    projection: Projection,
    page: Statement,
    seek: Option<Seek>,
    /// Tells positions of this query from those of others.
    order: u32,
    count: Option<Statement>,
    start: Start,
    limit: usize,
    may_be_short: bool,
}

/// Where a page begins that is far behind the first.
#[derive(Clone, Debug)]
struct Seek {
    ranked: Ranked,
    skipped: u64,
    /// Parameters of the page before those for the place where it begins.
    at: usize,
}

struct Found {
    row: i64,
    resource: Resource,
    keys: Vec<Value>,
}

impl Plan {
    /// Writes the statements.
    pub(crate) fn of(
        attached: &Arc<Attached>,
        scope: &Scope,
        query: &Query,
    ) -> Result<Self, Failure> {
        let tenant = scope.tenant.as_str();
        let Paged { page, seek, order, is_bounded } = page(attached, tenant, query)?;
        let passed = if seek.is_some() { 0 } else { skipped(query) };
        let rows = usize::try_from(passed).unwrap_or(SHORT).saturating_add(query.limit);
        let views = &query.projection.relations;
        Ok(Self {
            attached: attached.clone(),
            tenant: tenant.to_owned(),
            resource_type: query.resource_type.clone(),
            projection: query.projection.clone(),
            page,
            seek,
            order,
            count: (query.total == Total::Count).then(|| count(attached, tenant, query)),
            start: query.start.clone(),
            limit: query.limit,
            may_be_short: is_bounded && rows <= SHORT && may_be_short(views, query.limit),
        })
    }

    /// The statements, to look at how they are answered.
    #[cfg(test)]
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Statement> {
        std::iter::once(&self.page).chain(&self.count)
    }

    /// Whether it may take no longer than a thread may be held up.
    pub(crate) fn may_be_short(&self) -> bool {
        self.may_be_short
    }

    /// Reads the page from one snapshot.
    pub(crate) fn run(&self, link: &Link) -> Result<Page, Failure> {
        let is_one = self.count.is_none() && self.seek.is_none();
        let _snapshot = snapshot(link, is_one && self.projection.relations.is_empty())?;
        let mut found = match self.limit {
            0 => Vec::new(),
            _ => self.rows(link)?,
        };
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let mut page = Page::default();
        page.next = found.last().filter(|_| more).map(|last| encode(self.order, &last.keys));
        page.total = self.total(link, found.len(), more)?;
        let rows: Vec<_> = found.iter().map(|it| it.row).collect();
        page.resources = found.into_iter().map(|it| it.resource).collect();
        let views = &self.projection.relations;
        relate(link, &self.attached, &self.tenant, views, &rows, &mut page.resources)?;
        Ok(page)
    }

    fn rows(&self, link: &Link) -> Result<Vec<Found>, Failure> {
        let Some(Seek { ranked, skipped, at }) = &self.seek else {
            return self.page.rows(link, |it| self.found(it));
        };
        match ranked.seek(&link.sql, &self.tenant, *skipped)? {
            Some(place) => self.page.with(*at, place).rows(link, |it| self.found(it)),
            None => Ok(Vec::new()),
        }
    }

    fn found(&self, it: &Row<'_>) -> rusqlite::Result<Found> {
        let columns = it.as_ref().column_count();
        Ok(Found {
            row: it.get(0)?,
            resource: resource(it, &self.resource_type)?,
            keys: (FIXED..columns).map(|column| it.get(column)).collect::<Result<_, _>>()?,
        })
    }

    /// Counts all matches, unless the page shows where they end.
    fn total(&self, link: &Link, found: usize, more: bool) -> Result<Option<u64>, Failure> {
        let Some(count) = &self.count else { return Ok(None) };
        match self.start {
            Start::Index(skipped) if !more && (found > 0 || (skipped == 0 && self.limit > 0)) => {
                Ok(Some(skipped.saturating_add(found as u64)))
            }
            _ => {
                let counted = count.rows(link, |it| it.get::<_, u64>(0))?;
                Ok(Some(counted.into_iter().sum()))
            }
        }
    }
}

fn skipped(query: &Query) -> u64 {
    match query.start {
        Start::Index(skipped) => skipped,
        Start::After(_) => 0,
    }
}

/// How a page is read.
struct Paged {
    page: Statement,
    seek: Option<Seek>,
    order: u32,
    /// Whether the statement meets few more rows than it answers.
    is_bounded: bool,
}

fn page(
    attached: &Arc<Attached>,
    tenant: &str,
    query: &Query,
) -> Result<Paged, Failure> {
    let resource_type = &*query.resource_type;
    let filter = query.filter.as_ref();
    let is_lookup = filter.is_some_and(|it| is_lookup(attached, resource_type, it));
    let mut bindings = Bindings::default();
    let tenant = bindings.bind(tenant.to_owned());
    let range = range(attached, query);
    let order = match range {
        Some((index, _)) => Order::of_index(index, SortOrder::Ascending),
        None if !is_lookup && follows_time(query) => Order::of_time(),
        None => Order::by(&query.sort, attached, resource_type, is_lookup, &mut bindings),
    };
    let mut condition = match range {
        Some((_, range)) => in_range(attached, query, &tenant, range, &mut bindings),
        None => conditions(attached, query, &tenant, &mut bindings),
    };
    let seek = seek(query, &order, bindings.len());
    if let Start::After(position) = &query.start {
        let values = decode(position, order.digest(), order.len())?;
        condition.push_str(&format!(" AND {}", order.after(values, &mut bindings)));
    } else if let (Some(_), Some(direction)) = (&seek, order.direction()) {
        condition.push_str(&format!(" AND {}", order.from(direction, &mut bindings)));
    }
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
    let is_bounded = match filter {
        Some(filter) => range.is_some() || (is_lookup && !tests_edges(filter)),
        None => query.sort.is_empty() || order.index.is_some(),
    };
    Ok(Paged { page: bindings.into_statement(sql), seek, order: order.digest(), is_bounded })
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
    (is_range(comparison.operator) && query.sort.is_empty() && index.is_order()).then_some((index.number, comparison))
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
) -> String {
    let resource_type = &query.resource_type;
    let name = bindings.bind(resource_type.name().to_owned());
    match &query.filter {
        None => format!("r.tenant = {tenant} AND r.type = {name}"),
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

fn count(attached: &Arc<Attached>, tenant: &str, query: &Query) -> Statement {
    let resource_type = &*query.resource_type;
    let mut bindings = Bindings::default();
    let tenant = bindings.bind(tenant.to_owned());
    let sql = match &query.filter {
        None => {
            let name = bindings.bind(resource_type.name().to_owned());
            format!("SELECT count FROM tally WHERE tenant = {tenant} AND type = {name}")
        }
        // An index over one type tells without a look at the rows.
        Some(filter) => counted_entries(attached, resource_type, filter, &tenant, &mut bindings)
            .unwrap_or_else(|| {
                let condition = conditions(attached, query, &tenant, &mut bindings);
                format!("SELECT count(*) FROM resource r WHERE {condition}")
            }),
    };
    bindings.into_statement(sql)
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
