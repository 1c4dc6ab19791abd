//! Whether the SQLite file is sound, beside what SCIM shows of it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::{Violation, audit::ensure};

/// Statements that count what must not be.
const NEVER: [(&str, &str); 7] = [
    (
        "a count that is wrong",
        "SELECT count(*) FROM tally WHERE count <> (SELECT count(*) FROM resource \
         WHERE resource.tenant = tally.tenant AND resource.type = tally.type)",
    ),
    (
        "rows that are counted otherwise in their stretches",
        "SELECT count(*) FROM tally WHERE count <> (SELECT coalesce(sum(stretch.count), 0) \
         FROM stretch WHERE stretch.tenant = tally.tenant AND stretch.type = tally.type)",
    ),
    (
        "an index whose anchors count otherwise",
        "SELECT count(*) FROM (SELECT tenant, attribute, sum(count) AS counted FROM anchor \
         GROUP BY tenant, attribute) AS index_ WHERE counted <> (SELECT count(*) FROM value \
         WHERE value.tenant = index_.tenant AND value.attribute = index_.attribute)",
    ),
    (
        "a claim of nobody",
        "SELECT count(*) FROM claim WHERE NOT EXISTS \
         (SELECT 1 FROM resource WHERE resource.row = claim.row)",
    ),
    (
        "a user without exactly one claim",
        "SELECT count(*) FROM resource WHERE type = 'User' AND \
         (SELECT count(*) FROM claim WHERE claim.row = resource.row) <> 1",
    ),
    (
        "an index entry of nobody",
        "SELECT count(*) FROM value WHERE NOT EXISTS \
         (SELECT 1 FROM resource WHERE resource.row = value.row)",
    ),
    (
        "an edge to nobody",
        "SELECT count(*) FROM edge JOIN list USING (list) WHERE NOT EXISTS \
         (SELECT 1 FROM resource WHERE resource.row = edge.target)",
    ),
];

/// Looks at the file that a server has open, without writing to it.
///
/// # Errors
/// When SQLite finds it damaged, or its tables contradict each other.
pub(crate) fn check(file: &Path) -> Result<(), Violation> {
    let sql = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let found: String = sql.pragma_query_value(None, "integrity_check", |it| it.get(0))?;
    ensure(found == "ok", || format!("integrity_check: {found}"))?;
    for (what, statement) in NEVER {
        let count: u64 = sql.query_row(statement, [], |it| it.get::<_, i64>(0))?.unsigned_abs();
        ensure(count == 0, || format!("{what}, {count} times"))?;
    }
    Ok(())
}
