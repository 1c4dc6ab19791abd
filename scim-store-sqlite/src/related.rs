//! The edges of many resources in one statement.

use rusqlite::{Row, params};
use scim_core::{
    query::{Reach, Side},
    store::{Edge, EdgePath, Related, RelatedQuery, RelationView},
};

use crate::{
    connection::Link,
    error::Failure,
    fingerprint::Attached,
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

/// The edges of these rows, in their order, beginning after the row `after`.
pub(crate) fn edges(
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
    let type_name: String = it.get(3)?;
    let Some(resource_type) = attached.registry.resource_type(&type_name) else { return Ok(None) };
    Ok(Some(Edge {
        id: it.get::<_, String>(2)?.into(),
        resource_type: resource_type.clone(),
        label: it.get(4)?,
        path: if it.get(5)? { EdgePath::Direct } else { EdgePath::Indirect },
    }))
}

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
        (Reach::Direct, Side::Sources) => format!(
            "SELECT j.key, {columns}, 1 FROM json_each(?3) j \
             CROSS JOIN edge e ON e.target = j.value \
             CROSS JOIN list l ON l.list = e.list AND l.relation = ?2 AND l.tenant = ?1 \
             AND l.row > ?4 AND ?5 >= 0 \
             CROSS JOIN resource t ON t.row = l.row AND t.tenant = ?1 \
             ORDER BY j.key, t.row"
        ),
        (Reach::Transitive, side) => transitive_text(side, columns),
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
