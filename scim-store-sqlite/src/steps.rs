//! How edges are followed in SQL.

use scim_core::query::{Reach, Side};

/// One step over the edges of a relation, as the tables and conditions of a `SELECT`.
pub(crate) struct Step {
    /// What follows `FROM`, with all its conditions.
    pub(crate) from: String,
    /// The row at the far end.
    pub(crate) far: &'static str,
}

/// The step from `near`, an expression that is a row; `relation` is the parameter with the
/// relation's name and `tenant` that of the tenant.
pub(crate) fn step(side: Side, near: &str, relation: &str, tenant: &str) -> Step {
    match side {
        Side::Targets => Step {
            from: format!(
                "list l CROSS JOIN edge e ON e.list = l.list \
                 WHERE l.row = {near} AND l.relation = {relation} AND l.tenant = {tenant}"
            ),
            far: "e.target",
        },
        Side::Sources => Step {
            from: format!(
                "edge e CROSS JOIN list l ON l.list = e.list \
                 WHERE e.target = {near} AND l.relation = {relation} AND l.tenant = {tenant}"
            ),
            far: "l.row",
        },
    }
}

/// The condition that there is an edge between two rows, answered by its key: `near` may have many
/// edges, and so may `far`.
pub(crate) fn edge(side: Side, near: &str, far: &str, relation: &str, tenant: &str) -> String {
    let (source, target) = match side {
        Side::Targets => (near, far),
        Side::Sources => (far, near),
    };
    format!(
        "EXISTS (SELECT 1 FROM list l CROSS JOIN edge e ON e.list = l.list AND e.target = {target} \
         WHERE l.row = {source} AND l.relation = {relation} AND l.tenant = {tenant})"
    )
}

/// A `SELECT` of all rows that the edges lead to from `near`; a row may occur twice over one edge.
pub(crate) fn reached(
    side: Side,
    reach: Reach,
    near: &str,
    relation: &str,
    tenant: &str,
) -> String {
    let Step { from, far } = step(side, near, relation, tenant);
    match reach {
        Reach::Direct => format!("SELECT {far} AS row FROM {from}"),
        Reach::Transitive => {
            let next = step(side, "reach.row", relation, tenant).from;
            format!(
                "WITH RECURSIVE reach(row) AS (SELECT {far} FROM {from} \
                 UNION SELECT {far} FROM reach CROSS JOIN {next}) SELECT row FROM reach"
            )
        }
    }
}

/// The same edges from the other end.
pub(crate) fn opposite(side: Side) -> Side {
    match side {
        Side::Targets => Side::Sources,
        Side::Sources => Side::Targets,
    }
}
