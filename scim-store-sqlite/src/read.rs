//! Reading resources: one, or a page of those that match.

use std::sync::Arc;

use rusqlite::{OptionalExtension, Row, Transaction, params, types::Value};
use scim_core::{
    query::Reach,
    schema::ResourceType,
    store::{Hidden, Key, Page, Projection, Query, RelationView, Resource, Scope, Start, Total},
};

use crate::{
    column::{Text, meta},
    connection::Link,
    error::Failure,
    fingerprint::Attached,
    lookup::{is_lookup, tests_edges},
    position::{decode, encode},
    related::edges,
    sort::Order,
    sql_filter::Compiler,
    statement::{Bindings, Statement},
};

/// Up to this many rows are read on the thread that asks.
const SHORT: usize = 1_000;

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

/// Whether the edges that are wanted of this many resources are few.
pub(crate) fn is_short(views: &[RelationView], resources: usize) -> bool {
    views
        .iter()
        .all(|view| view.reach == Reach::Direct && view.limit.saturating_mul(resources) <= SHORT)
}

/// Reads one resource from one snapshot.
pub(crate) fn get(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    key: &Key,
    projection: &Projection,
) -> Result<Option<Resource>, Failure> {
    let _snapshot = snapshot(link, projection, None)?;
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
fn snapshot<'a>(
    link: &'a Link,
    projection: &Projection,
    count: Option<&Statement>,
) -> rusqlite::Result<Option<Transaction<'a>>> {
    let is_single = projection.relations.is_empty() && count.is_none();
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
    count: Option<Statement>,
    start: Start,
    limit: usize,
    is_short: bool,
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
        let (page, is_bounded) = page(attached, tenant, query)?;
        let rows = usize::try_from(skipped(query)).unwrap_or(SHORT).saturating_add(query.limit);
        let views = &query.projection.relations;
        Ok(Self {
            attached: attached.clone(),
            tenant: tenant.to_owned(),
            resource_type: query.resource_type.clone(),
            projection: query.projection.clone(),
            page,
            count: (query.total == Total::Count).then(|| count(attached, tenant, query)),
            start: query.start.clone(),
            limit: query.limit,
            is_short: is_bounded && rows <= SHORT && is_short(views, query.limit),
        })
    }

    /// The statements, to look at how they are answered.
    #[cfg(test)]
    pub(crate) fn statements(&self) -> impl Iterator<Item = &Statement> {
        std::iter::once(&self.page).chain(&self.count)
    }

    /// Whether it takes no longer than a thread may be held up.
    pub(crate) fn is_short(&self) -> bool {
        self.is_short
    }

    /// Reads the page from one snapshot.
    pub(crate) fn run(&self, link: &Link) -> Result<Page, Failure> {
        let _snapshot = snapshot(link, &self.projection, self.count.as_ref())?;
        let mut found = match self.limit {
            0 => Vec::new(),
            _ => self.page.rows(link, |it| self.found(it))?,
        };
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        let mut page = Page::default();
        page.next = found.last().filter(|_| more).map(|last| encode(&last.keys));
        page.total = self.total(link, found.len(), more)?;
        let rows: Vec<_> = found.iter().map(|it| it.row).collect();
        page.resources = found.into_iter().map(|it| it.resource).collect();
        let views = &self.projection.relations;
        relate(link, &self.attached, &self.tenant, views, &rows, &mut page.resources)?;
        Ok(page)
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

/// The statement for the page and whether it meets few more rows than it answers.
fn page(
    attached: &Arc<Attached>,
    tenant: &str,
    query: &Query,
) -> Result<(Statement, bool), Failure> {
    let resource_type = &*query.resource_type;
    let filter = query.filter.as_ref();
    let is_lookup = filter.is_some_and(|it| is_lookup(attached, resource_type, it));
    let mut bindings = Bindings::default();
    let tenant = bindings.bind(tenant.to_owned());
    let order = Order::by(&query.sort, attached, resource_type, is_lookup, &mut bindings);
    let mut condition = conditions(attached, query, &tenant, &mut bindings);
    if let Start::After(position) = &query.start {
        let values = decode(position, order.len())?;
        condition.push_str(&format!(" AND {}", order.after(values, &mut bindings)));
    }
    let sql = format!(
        "SELECT {COLUMNS}, {}, {} FROM {} AND {condition} ORDER BY {} LIMIT {} OFFSET {}",
        hidden_column(&query.projection),
        order.selected().collect::<Vec<_>>().join(", "),
        source(&order, &tenant, &mut bindings),
        order.clause(),
        bindings.bind(i64::try_from(query.limit).unwrap_or(i64::MAX).saturating_add(1)),
        bindings.bind(i64::try_from(skipped(query)).unwrap_or(i64::MAX)),
    );
    let is_bounded = match filter {
        Some(filter) => is_lookup && !tests_edges(filter),
        None => query.sort.is_empty() || order.index.is_some(),
    };
    Ok((bindings.into_statement(sql), is_bounded))
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
    let mut condition = format!("r.tenant = {tenant} AND r.type = {name}");
    if let Some(filter) = &query.filter {
        let mut compiler = Compiler { attached, resource_type, tenant, bindings };
        condition.push_str(&format!(" AND {}", compiler.condition(filter)));
    }
    condition
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
    let mut bindings = Bindings::default();
    let tenant = bindings.bind(tenant.to_owned());
    let sql = if query.filter.is_none() {
        let name = bindings.bind(query.resource_type.name().to_owned());
        format!("SELECT count FROM tally WHERE tenant = {tenant} AND type = {name}")
    } else {
        let condition = conditions(attached, query, &tenant, &mut bindings);
        format!("SELECT count(*) FROM resource r WHERE {condition}")
    };
    bindings.into_statement(sql)
}
