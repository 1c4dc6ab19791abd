//! The edges of many resources in one statement.

use std::collections::BTreeSet;

use rusqlite::{Row, params, types::Value};
use scim_core::{
    query::{Reach, Side},
    store::{Edge, EdgePath, Related, RelatedQuery, RelationView},
};

use crate::{
    attached::Attached,
    connection::Link,
    error::Failure,
    position::{decode_row, encode_row},
    steps::{Step, edge as edge_between, step},
};

/// Answers a query about edges from one snapshot.
pub(crate) fn related(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    query: &RelatedQuery,
) -> Result<Vec<Related>, Failure> {
    let after = query.after.as_ref().map(decode_row).transpose()?;
    let snapshot = link.sql.unchecked_transaction()?;
    let ids: Vec<_> = query.ids.iter().map(|id| id.as_str()).collect();
    let mut statement = snapshot.prepare_cached(
        "SELECT j.key, r.row FROM json_each(?3) j \
         CROSS JOIN resource r ON r.tenant = ?1 AND r.id = j.value WHERE r.type = ?2",
    )?;
    let places = statement
        .query_map(
            params![tenant, query.resource_type.name(), serde_json::to_string(&ids)?],
            |it| Ok((it.get::<_, usize>(0)?, it.get::<_, i64>(1)?)),
        )?
        .collect::<Result<Vec<_>, _>>()?;
    let rows: Vec<_> = places.iter().map(|(_, row)| *row).collect();
    let found = edges(link, attached, tenant, &query.view, &rows, after)?;
    let mut answer = vec![Related::default(); ids.len()];
    for ((place, _), related) in places.into_iter().zip(found) {
        if let Some(slot) = answer.get_mut(place) {
            *slot = related;
        }
    }
    Ok(answer)
}

/// Whether there is an edge of a relation between the resources of these ids.
pub(crate) fn is_edge(
    link: &Link,
    tenant: &str,
    relation: &str,
    source: &str,
    target: &str,
) -> Result<bool, Failure> {
    let found = link
        .sql
        .prepare_cached(
            "SELECT 1 FROM resource s \
             CROSS JOIN list l ON l.row = s.row AND l.relation = ?2 AND l.tenant = ?1 \
             CROSS JOIN resource t ON t.tenant = ?1 AND t.id = ?4 \
             CROSS JOIN edge e ON e.list = l.list AND e.target = t.row \
             WHERE s.tenant = ?1 AND s.id = ?3",
        )?
        .exists(params![tenant, relation, source, target])?;
    Ok(found)
}

/// The edges of these rows, in their order, beginning after the row `after`.
pub(crate) fn edges(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    view: &RelationView,
    rows: &[i64],
    after: Option<i64>,
) -> Result<Vec<Related>, Failure> {
    match view.side {
        Side::Targets => followed(link, attached, tenant, view, rows, after),
        Side::Sources => sources(link, attached, tenant, view, rows, after),
    }
}

/// What points at these rows. Several levels are followed only where there are any.
fn sources(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    view: &RelationView,
    rows: &[i64],
    after: Option<i64>,
) -> Result<Vec<Related>, Failure> {
    let Pointing { edges, nested } = pointing(link, attached, tenant, view, rows, after)?;
    let mut pages: Vec<_> = edges.into_iter().map(|it| first_of(it, view.limit, after)).collect();
    let below: Vec<_> = nested.iter().filter_map(|place| rows.get(*place).copied()).collect();
    if !below.is_empty() {
        let followed = followed(link, attached, tenant, view, &below, after)?;
        for (place, related) in nested.into_iter().zip(followed) {
            if let Some(page) = pages.get_mut(place) {
                *page = related;
            }
        }
    }
    Ok(pages)
}

/// What points at some rows.
struct Pointing {
    /// For each of them the edges behind the place to begin at, with the rows that they come from.
    edges: Vec<Vec<(i64, Edge)>>,
    /// Which of them have sources that something points at in turn.
    nested: BTreeSet<usize>,
}

fn pointing(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    view: &RelationView,
    rows: &[i64],
    after: Option<i64>,
) -> Result<Pointing, Failure> {
    let mut found = Pointing { edges: vec![Vec::new(); rows.len()], nested: BTreeSet::new() };
    let (text, of) = match rows {
        [row] => (SOURCES_OF_ONE, Value::Integer(*row)),
        _ => (SOURCES_OF_MANY, Value::Text(serde_json::to_string(rows)?)),
    };
    let is_transitive = view.reach == Reach::Transitive;
    let mut statement = link.sql.prepare_cached(text)?;
    let mut sources = statement.query(params![tenant, view.relation.name(), of, is_transitive])?;
    while let Some(it) = sources.next()? {
        let (place, row): (usize, i64) = (it.get(0)?, it.get(1)?);
        if it.get(6)? {
            found.nested.insert(place);
        }
        if row > after.unwrap_or(0)
            && let (Some(edges), Some(edge)) = (found.edges.get_mut(place), edge(attached, it)?)
        {
            edges.push((row, edge));
        }
    }
    Ok(found)
}

/// The first edges by row.
fn first_of(mut edges: Vec<(i64, Edge)>, limit: usize, after: Option<i64>) -> Related {
    edges.sort_unstable_by_key(|(row, _)| *row);
    let last = limit.checked_sub(1).and_then(|last| edges.get(last)).map(|(row, _)| *row);
    let next = (edges.len() > limit).then(|| encode_row(last.or(after).unwrap_or_default()));
    let edges = edges.into_iter().take(limit).map(|(_, edge)| edge).collect();
    Related { edges, next }
}

/// The edges of these rows, each looked up and followed as its view asks.
fn followed(
    link: &Link,
    attached: &Attached,
    tenant: &str,
    view: &RelationView,
    rows: &[i64],
    after: Option<i64>,
) -> Result<Vec<Related>, Failure> {
    let mut pages = vec![Filling::new(after); rows.len()];
    let limit = i64::try_from(view.limit).unwrap_or(i64::MAX);
    let mut statement = link.sql.prepare_cached(&text(view))?;
    let mut found = statement.query(params![
        tenant,
        view.relation.name(),
        serde_json::to_string(rows)?,
        after.unwrap_or(0),
        limit
    ])?;
    while let Some(it) = found.next()? {
        let Some(page) = pages.get_mut(it.get::<_, usize>(0)?) else { continue };
        if page.rows == view.limit {
            page.related.next = Some(encode_row(page.last));
            match rows.len() {
                1 => break,
                _ => continue,
            }
        }
        page.rows += 1;
        page.last = it.get(1)?;
        page.related.edges.extend(edge(attached, it)?);
    }
    Ok(pages.into_iter().map(|page| page.related).collect())
}

/// The edges of one resource as they come in.
#[derive(Clone)]
struct Filling {
    related: Related,
    rows: usize,
    last: i64,
}

impl Filling {
    fn new(after: Option<i64>) -> Self {
        Self { related: Related::default(), rows: 0, last: after.unwrap_or(0) }
    }
}

/// The edge of a row of the answer, unless its type is no longer served.
fn edge(attached: &Attached, it: &Row<'_>) -> rusqlite::Result<Option<Edge>> {
    let Some(resource_type) = attached.types.named(it.get_ref(3)?.as_str()?) else {
        return Ok(None);
    };
    Ok(Some(Edge {
        id: it.get_ref(2)?.as_str()?.into(),
        resource_type: resource_type.clone(),
        label: it.get_ref(4)?.as_str_or_null()?.map(Into::into),
        path: if it.get(5)? { EdgePath::Direct } else { EdgePath::Indirect },
    }))
}

/// What points at a row, and whether anything points at that in turn. Parameters: tenant,
/// relation, the row (or rows as JSON), whether the latter matters.
macro_rules! sources {
    ($place:literal, $of:literal, $target:literal) => {
        concat!(
            "SELECT ",
            $place,
            ", t.row, t.id, t.type, t.label, 1, \
             ?4 AND EXISTS (SELECT 1 FROM edge n WHERE n.target = t.row) FROM ",
            $of,
            "edge e CROSS JOIN list l ON l.list = e.list AND l.relation = ?2 AND l.tenant = ?1 \
             CROSS JOIN resource t ON t.row = l.row AND t.tenant = ?1 \
             WHERE e.target = ",
            $target
        )
    };
}

const SOURCES_OF_ONE: &str = sources!("0", "", "?3");
const SOURCES_OF_MANY: &str = sources!("j.key", "json_each(?3) j CROSS JOIN ", "j.value");

/// Parameters: tenant, relation, rows as JSON, the row after which to begin, the limit.
fn text(view: &RelationView) -> String {
    let columns = "t.row, t.id, t.type, t.label";
    match (view.reach, view.side) {
        // The end of the page is looked up first, so that a long list is not read further.
        (Reach::Direct, Side::Targets) => format!(
            "SELECT j.key, {columns}, 1 FROM json_each(?3) j \
             CROSS JOIN list l ON l.row = j.value AND l.relation = ?2 AND l.tenant = ?1 \
             CROSS JOIN edge e ON e.list = l.list AND e.target > ?4 AND e.target <= ifnull(\
             (SELECT x.target FROM edge x WHERE x.list = l.list AND x.target > ?4 \
             ORDER BY x.target LIMIT 1 OFFSET ?5), {}) \
             CROSS JOIN resource t ON t.row = e.target AND t.tenant = ?1 \
             ORDER BY j.key, t.row",
            i64::MAX
        ),
        (_, side) => transitive_text(side, columns),
    }
}

fn transitive_text(side: Side, columns: &str) -> String {
    let Step { from: first, far } = step(side, "j.value", "?2", "?1");
    let next = step(side, "reach.row", "?2", "?1").from;
    let direct = edge_between(side, "reach.start", "t.row", "?2", "?1");
    format!(
        "WITH RECURSIVE reach(origin, start, row) AS (\
         SELECT j.key, j.value, {far} FROM json_each(?3) j CROSS JOIN {first} \
         UNION SELECT reach.origin, reach.start, {far} FROM reach CROSS JOIN {next}) \
         SELECT reach.origin, {columns}, {direct} \
         FROM reach CROSS JOIN resource t ON t.row = reach.row AND t.tenant = ?1 \
         WHERE t.row > ?4 AND ?5 >= 0 ORDER BY reach.origin, t.row"
    )
}
