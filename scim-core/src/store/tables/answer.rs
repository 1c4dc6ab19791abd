//! Answers made of rows.

use std::sync::Arc;

use super::{EdgeRow, Fault, Row, Scan, Tables};
use crate::{
    query::Predicate,
    resource::{Document, ResourceId},
    schema::ResourceType,
    store::{
        Edge, Hidden, Key, Page, Position, Projection, Query, Related, RelationView, Residual,
        Resource, Scope, ServedTypes, Start, StoreErrorKind, Total,
    },
};

pub(super) fn get(
    tables: &dyn Tables,
    types: &ServedTypes,
    scope: &Scope,
    key: &Key,
    projection: &Projection,
) -> Result<Option<Resource>, Fault> {
    let Some(row) = tables.find(scope, key)? else { return Ok(None) };
    shown(tables, types, scope, row, (&key.resource_type, projection)).map(Some)
}

/// A page of candidates, or of all resources in their order.
pub(super) fn page(
    tables: &dyn Tables,
    types: &ServedTypes,
    scope: &Scope,
    query: &Query,
) -> Result<Page, Fault> {
    let mut page = Page { residual: Residual::of(query), ..Page::default() };
    let is_whole = page.residual.is_empty();
    let (after, offset) = match &query.start {
        Start::After(position) => (id_at(position), 0),
        Start::Index(offset) if is_whole => (None, *offset),
        Start::Index(_) => (None, 0),
    };
    let (resource_type, limit) = (&query.resource_type, query.limit.saturating_add(1));
    let lookup = query.filter.as_ref().and_then(Predicate::as_lookup);
    let scan = Scan { resource_type, lookup, after: after.as_ref(), offset, limit };
    let mut rows = tables.scan(scope, &scan)?;
    page.next = cut(&mut rows, query.limit, |row| &row.id);
    if is_whole && query.total == Total::Count {
        page.total = Some(tables.count(scope, resource_type)?);
    }
    let shown = |row| shown(tables, types, scope, row, (resource_type, &query.projection));
    page.resources = rows.into_iter().map(shown).collect::<Result<_, _>>()?;
    Ok(page)
}

/// The edges of one resource, from a position on.
pub(super) fn related(
    tables: &dyn Tables,
    types: &ServedTypes,
    scope: &Scope,
    id: &ResourceId,
    (view, after): (&RelationView, Option<&Position>),
) -> Result<Related, Fault> {
    let mut wanted = view.clone();
    wanted.limit = view.limit.saturating_add(1);
    let after = after.and_then(id_at);
    let mut rows = tables.edges(scope, id, &wanted, after.as_ref())?;
    let next = cut(&mut rows, view.limit, |row| &row.id);
    let edge = |row| {
        let EdgeRow { id, resource_type, label, path } = row;
        let resource_type = types.named(resource_type).cloned();
        let resource_type = resource_type.ok_or(StoreErrorKind::Internal)?;
        Ok(Edge { id, resource_type, label: label.map(Into::into), path })
    };
    let edges = rows.into_iter().map(edge).collect::<Result<_, Fault>>()?;
    Ok(Related { edges, next })
}

/// The resource that a row is, with the edges that are asked for.
fn shown(
    tables: &dyn Tables,
    types: &ServedTypes,
    scope: &Scope,
    row: Row,
    (resource_type, projection): (&Arc<ResourceType>, &Projection),
) -> Result<Resource, Fault> {
    let whole = Document::composed(resource_type, row.values);
    let document = match projection.hidden {
        Hidden::Load => whole,
        Hidden::Skip => whole.without_hidden(),
    };
    let mut resource = Resource::new(resource_type, row.id, row.meta, document);
    for view in &projection.relations {
        let related = related(tables, types, scope, &resource.id, (view, None))?;
        resource.relations.push(related);
    }
    Ok(resource)
}

/// Cuts off what is beyond the limit, and says where it begins.
fn cut<T>(rows: &mut Vec<T>, limit: usize, id: impl Fn(&T) -> &ResourceId) -> Option<Position> {
    let is_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| is_more)?;
    Some(Position(id(last).as_str().to_owned().into()))
}

fn id_at(position: &Position) -> Option<ResourceId> {
    std::str::from_utf8(&position.0).ok().map(ResourceId::from)
}
