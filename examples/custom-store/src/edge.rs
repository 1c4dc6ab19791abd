//! Team members as the edges of the relation `Group.members`.

use rusqlite::{Connection, named_params};
use scim_core::{
    ResourceId,
    query::{Reach, Side},
    schema::Registry,
    store::{Edge, EdgePath, Position, Related, RelationView, Scope, StoreErrorKind},
};

use crate::{
    error::Result,
    row::{RowId, Table},
};

/// From a team to its members; `:transitive` follows teams that are members.
const TARGETS: &str = "
    SELECT kind, id, 1 FROM team_members WHERE :kind = 't' AND team_id = :id
    UNION SELECT m.kind, m.id, 0 FROM far JOIN team_members m ON m.team_id = far.id
    WHERE :transitive AND far.kind = 't'";

/// From a member to its teams; `:transitive` follows the teams of those.
const SOURCES: &str = "
    SELECT 't', team_id, 1 FROM team_members WHERE kind = :kind AND id = :id
    UNION SELECT 't', m.team_id, 0 FROM far JOIN team_members m
    ON m.kind = 't' AND m.id = far.id WHERE :transitive";

/// The edges of one resource, from an edge on; none if the tenant has no such resource.
pub(crate) fn related(
    db: &Connection,
    (scope, registry): (&Scope, &Registry),
    id: &ResourceId,
    view: &RelationView,
    after: Option<&Position>,
) -> Result<Related> {
    let Some(start) = RowId::parse(id) else { return Ok(Related::default()) };
    let after = after.and_then(|it| RowId::parse(std::str::from_utf8(&it.0).ok()?));
    let RowId(after_table, after_number) = after.unwrap_or(RowId(Table::Teams, -1));
    let walk = if view.side == Side::Targets { TARGETS } else { SOURCES };
    let sql = format!(
        "WITH RECURSIVE far (kind, id, direct) AS ({walk})
        SELECT kind, id, max(direct), iif(kind = 'u',
            (SELECT label FROM scim_u r WHERE r.id = far.id AND company = :company),
            (SELECT label FROM scim_t r WHERE r.id = far.id AND company = :company)) AS label
        FROM far WHERE (kind, id) > (:after_kind, :after)
            AND EXISTS (SELECT 1 FROM scim_{} r WHERE r.id = :id AND company = :company)
        GROUP BY kind, id HAVING label IS NOT NULL ORDER BY kind, id LIMIT :limit",
        start.0.letter()
    );
    let limit = view.limit.min(1_000_000_000);
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(
        named_params! {
            ":kind": start.0.letter(), ":id": start.1, ":company": scope.tenant.as_str(),
            ":transitive": view.reach == Reach::Transitive,
            ":after_kind": after_table.letter(), ":after": after_number,
            ":limit": i64::try_from(limit.saturating_add(1)).unwrap_or(i64::MAX),
        },
        |row| {
            let table =
                if row.get_ref(0)?.as_str()? == "u" { Table::Accounts } else { Table::Teams };
            Ok((RowId(table, row.get(1)?), row.get::<_, bool>(2)?, row.get::<_, String>(3)?))
        },
    )?;
    let mut edges = Vec::new();
    for row in rows {
        let (place, is_direct, label) = row?;
        let type_name = if place.0 == Table::Accounts { "User" } else { "Group" };
        let resource_type = registry.resource_type(type_name).ok_or(StoreErrorKind::Internal)?;
        let path = if is_direct { EdgePath::Direct } else { EdgePath::Indirect };
        let resource_type = resource_type.clone();
        edges.push(Edge { id: place.id(), resource_type, label: Some(label.into()), path });
    }
    let more = edges.len() > limit;
    edges.truncate(limit);
    let last = edges.last().filter(|_| more);
    let next = last.map(|edge| Position(edge.id.as_str().to_owned().into()));
    Ok(Related { edges, next })
}
