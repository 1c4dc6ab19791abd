//! Reading resources: one, or a page of those that match.

use std::sync::Arc;

use rusqlite::{Row, Transaction, params, types};
use scim_core::{
    ResourceId,
    query::{Reach, Side},
    schema::ResourceType,
    store::{
        Hidden, Key, Page, Projection, Query, RelationView, Resource, Scope, Start, StoreErrorKind,
        Total,
    },
};

use crate::{
    attached::Attached,
    budget::Budget,
    cache::Value,
    column::{Text, meta},
    connection::Link,
    error::Failure,
    plan::{Paged, Seek, count, page, skipped},
    position::encode,
    related::edges,
    statement::Statement,
};

/// Up to this many rows are read on the thread that asks.
const SHORT: usize = 1_000;

/// The number of [`COLUMNS`] and the one for the hidden part.
const FIXED: usize = 8;

/// Whether the edges that are wanted of this many resources may be few. Nobody knows how far
/// several levels lead before having been there.
pub(crate) fn may_be_short(views: &[RelationView], resources: usize) -> bool {
    views.iter().all(|view| match (view.side, view.reach) {
        (Side::Targets, Reach::Direct) => view.limit.saturating_mul(resources) <= SHORT,
        _ => resources <= SHORT,
    })
}

/// What is wanted of a resource.
pub(crate) struct Wanted<'a> {
    pub(crate) resource_type: &'a Arc<ResourceType>,
    pub(crate) projection: &'a Projection,
}

/// Reads one resource from one snapshot.
pub(crate) fn get(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    key: &Key,
    projection: &Projection,
) -> Result<Option<Resource>, Failure> {
    let mut statement = link.sql.prepare_cached(
        "SELECT r.row, r.id, r.version, r.revision, r.created, r.last_modified, r.visible, r.hidden \
         FROM resource r WHERE r.tenant = ?1 AND r.type = ?2 AND r.id = ?3",
    )?;
    let mut rows = statement.query(params![tenant, key.resource_type.name(), key.id.as_str()])?;
    let wanted = Wanted { resource_type: &key.resource_type, projection };
    let found = rows.next()?;
    found.map(|it| whole(link, attached, tenant, &wanted, it)).transpose()
}

/// Who has a value of an indexed attribute.
pub(crate) enum Holder {
    Nobody,
    /// This resource alone, as it was read.
    Read(Resource),
    /// This resource alone, as it was kept.
    Kept(Resource),
    Several,
}

/// Reads who has a value; of a resource that is `kept`, only who it is.
///
/// A registry that is attached meanwhile may have given the number of the index to one over another
/// type: what is read, and then kept, is of the type that is wanted whatever the number means.
pub(crate) fn holder(
    link: &Link,
    attached: &Attached,
    value: Value<'_>,
    wanted: &Wanted<'_>,
    kept: impl FnOnce(&Key) -> Option<Resource>,
) -> Result<Holder, Failure> {
    let mut statement = link.sql.prepare_cached(
        "SELECT r.row, r.id, r.version, r.revision, r.created, r.last_modified, r.visible, r.hidden \
         FROM value v CROSS JOIN resource r ON r.row = v.row \
         WHERE v.tenant = ?1 AND v.attribute = ?2 AND v.absent = 0 AND v.key = ?3 \
         AND r.type = ?4 LIMIT 2",
    )?;
    let Value { tenant, index, key } = value;
    let mut rows = statement.query(params![tenant, index, key, wanted.resource_type.name()])?;
    let Some(it) = rows.next()? else { return Ok(Holder::Nobody) };
    let key = Key::new(wanted.resource_type, id(it)?);
    let holder = match kept(&key) {
        Some(resource) => Holder::Kept(resource),
        None => Holder::Read(whole(link, attached, tenant, wanted, it)?),
    };
    match rows.next()? {
        Some(_) => Ok(Holder::Several),
        None => Ok(holder),
    }
}

/// The resource of a row with its edges. A statement that is not finished keeps the moment at
/// which it reads, for those as well that begin meanwhile.
fn whole(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    wanted: &Wanted<'_>,
    it: &Row<'_>,
) -> Result<Resource, Failure> {
    let Wanted { resource_type, projection } = wanted;
    let mut resource = resource(it, resource_type)?;
    if projection.hidden == Hidden::Skip {
        resource.document = resource.document.without_hidden();
    }
    let (row, resources) = (it.get(0)?, std::slice::from_mut(&mut resource));
    relate(link, attached, tenant, &projection.relations, &[row], resources)?;
    Ok(resource)
}

/// One moment for all statements of an answer; a single statement sees one anyway.
fn snapshot(link: &Link, is_single: bool) -> rusqlite::Result<Option<Transaction<'_>>> {
    (!is_single).then(|| link.sql.unchecked_transaction()).transpose()
}

fn resource(it: &Row<'_>, resource_type: &Arc<ResourceType>) -> rusqlite::Result<Resource> {
    let meta = meta(it.get(2)?, it.get(3)?, it.get(4)?, it.get(5)?);
    Ok(Resource::new(resource_type, id(it)?, meta, Text::document(it, 6, 7)?))
}

fn id(it: &Row<'_>) -> rusqlite::Result<ResourceId> {
    Ok(it.get_ref(1)?.as_str()?.into())
}

/// Runs statements that may take so many steps.
pub(crate) fn within<T>(
    link: &Link,
    steps: u64,
    run: impl FnOnce() -> Result<T, Failure>,
) -> Result<T, Failure> {
    link.budget.limit(steps, run).ok_or(StoreErrorKind::OverBudget)?
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
    /// Steps that finding the matches of the page may take, and counting all.
    steps: u64,
    may_be_short: bool,
}

struct Found {
    row: i64,
    resource: Resource,
    keys: Vec<types::Value>,
}

struct Matches {
    found: Vec<Found>,
    /// Whether others follow.
    more: bool,
    total: Option<u64>,
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
            count: match query.total {
                Total::Count => Some(count(attached, tenant, query)?),
                Total::Skip => None,
            },
            start: query.start.clone(),
            limit: query.limit,
            steps: Budget::steps(query.budget),
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
        self.run_within(link)
    }

    /// Whether positions mean the same in another query.
    pub(crate) fn has_order_of(&self, other: &Self) -> bool {
        self.order == other.order
    }

    /// Reads the page within a transaction.
    pub(crate) fn run_within(&self, link: &Link) -> Result<Page, Failure> {
        let Matches { found, more, total } = self.matches(link)?;
        let mut page = Page::default();
        page.next = found.last().filter(|_| more).map(|last| encode(self.order, &last.keys));
        page.total = total;
        let rows: Vec<_> = found.iter().map(|it| it.row).collect();
        page.resources = found.into_iter().map(|it| it.resource).collect();
        let views = &self.projection.relations;
        relate(link, &self.attached, &self.tenant, views, &rows, &mut page.resources)?;
        Ok(page)
    }

    fn matches(&self, link: &Link) -> Result<Matches, Failure> {
        let mut found = match self.limit {
            0 => Vec::new(),
            _ => within(link, self.steps, || self.rows(link))?,
        };
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        // Counting goes over the same rows once more: it takes nothing from what the page may do.
        let total = within(link, self.steps, || self.total(link, found.len(), more))?;
        Ok(Matches { found, more, total })
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

#[cfg(test)]
mod tests {
    use scim_core::{
        Document, Object,
        query::prepare,
        schema::Registry,
        store::{Batch, Insert, Store, Write},
    };
    use serde_json::json;

    use super::*;
    use crate::{SqliteStore, attached, connection::lock};

    #[test]
    fn who_has_a_value_is_of_the_type_that_is_wanted() {
        let (store, registry) = (SqliteStore::in_memory().unwrap(), Registry::standard());
        store.attach(&registry).unwrap();
        let [users, groups] = ["User", "Group"].map(|it| registry.resource_type(it).unwrap());
        let values = Object::from_iter([("displayName".to_owned(), json!("Guides"))]);
        let key = Key::new(groups, ResourceId::fresh());
        let insert = Insert::new(key, Document::new(groups, values));
        pollster::block_on(store.write(&Scope::default(), Batch::from(Write::Insert(insert))))
            .unwrap();
        let attached = attached::attached(&store.attached).unwrap();
        let name = groups.attribute("displayName").unwrap();
        let index = attached.index(groups, name).unwrap().number;
        let key = prepare(name, &json!("guides")).unwrap().to_key();
        let projection = Projection { hidden: Hidden::Load, relations: Vec::new() };
        let link = lock(&store.link);
        let read = |resource_type| {
            let value = Value { tenant: "", index, key: &key };
            let wanted = Wanted { resource_type, projection: &projection };
            holder(&link, &attached, value, &wanted, |_| None).unwrap()
        };
        assert!(matches!(read(groups), Holder::Read(_)));
        assert!(matches!(read(users), Holder::Nobody));
    }
}
