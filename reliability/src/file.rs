//! Whether the SQLite file is sound, beside what SCIM shows of it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use crate::{Violation, audit::ensure};

/// Statements that count what must not be.
const NEVER: [(&str, &str); 9] = [
    (
        "a count that is wrong",
        "SELECT count(*) FROM tally WHERE count <> (SELECT count(*) FROM resource \
         WHERE resource.tenant = tally.tenant AND resource.type = tally.type)",
    ),
    (
        "a stretch of rows that is counted otherwise",
        "SELECT count(*) FROM (SELECT tenant, type, row >> 10 AS number, count(*) AS there \
         FROM resource GROUP BY 1, 2, 3) AS rows_ FULL JOIN stretch USING (tenant, type, number) \
         WHERE coalesce(there, 0) <> coalesce(count, 0)",
    ),
    (
        "resources of a type that is not counted",
        "SELECT count(*) FROM resource WHERE NOT EXISTS (SELECT 1 FROM tally \
         WHERE tally.tenant = resource.tenant AND tally.type = resource.type)",
    ),
    (
        "an anchor that counts otherwise",
        "SELECT count(*) FROM (SELECT *, lead(absent) OVER order_ AS next_absent, \
         lead(key) OVER order_ AS next_key, lead(row) OVER order_ AS next_row FROM anchor \
         WINDOW order_ AS (PARTITION BY tenant, attribute ORDER BY absent, key, row)) AS a \
         WHERE count <> (SELECT count(*) FROM value AS v \
         WHERE v.tenant = a.tenant AND v.attribute = a.attribute \
         AND (v.absent, v.key, v.row) >= (a.absent, a.key, a.row) \
         AND (v.absent, v.key, v.row) < \
         (coalesce(next_absent, 2), coalesce(next_key, x''), coalesce(next_row, 0)))",
    ),
    // No client of ours writes values of which a resource may have several: their indexes are no
    // orders and have none.
    (
        "an order without its first anchor",
        "SELECT count(*) FROM (SELECT DISTINCT tenant, attribute FROM value) AS order_ \
         WHERE NOT EXISTS (SELECT 1 FROM anchor WHERE anchor.tenant = order_.tenant \
         AND anchor.attribute = order_.attribute AND absent = 0 AND key = x'' AND row = 0)",
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
    contradictions(&sql)
}

fn contradictions(sql: &Connection) -> Result<(), Violation> {
    for (what, statement) in NEVER {
        let count: u64 = sql.query_row(statement, [], |it| it.get::<_, i64>(0))?.unsigned_abs();
        ensure(count == 0, || format!("{what}, {count} times"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use scim_core::{
        Document, Object, ResourceId,
        query::prepare,
        schema::Registry,
        store::{Batch, Claim, Insert, Key, Scope, Store, Write},
    };
    use scim_store_sqlite::SqliteStore;
    use serde_json::json;

    use super::*;

    /// A file with more users than a stretch of an order takes.
    fn users(file: &Path) -> Result<(), Violation> {
        let (store, registry) = (SqliteStore::open(file)?, Registry::standard());
        store.attach(&registry)?;
        let users = registry.resource_type("User").ok_or("no users")?;
        let attribute = users.attribute("userName").ok_or("no names")?;
        let inserts = (0..3_000).map(|number| {
            let name = json!(format!("user-{number}"));
            let value = prepare(attribute, &name).ok_or("no value")?;
            let document = Document::new(users, Object::from_iter([("userName".to_owned(), name)]));
            let mut insert = Insert::new(Key::new(users, ResourceId::fresh()), document);
            insert.claims.push(Claim { attribute: attribute.clone(), value });
            Ok(Write::Insert(insert))
        });
        let inserts = inserts.collect::<Result<Vec<_>, Violation>>()?;
        pollster::block_on(store.write(&Scope::default(), Batch::new(inserts)))?;
        Ok(())
    }

    #[test]
    fn every_way_to_count_wrongly_is_noticed() -> Result<(), Violation> {
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("scim.db");
        users(&file)?;
        check(&file)?;
        let of_names = "attribute = (SELECT min(attribute) FROM anchor)";
        let moved =
            format!("UPDATE anchor SET count = count + iif(row = 0, 1, -1) WHERE {of_names}");
        let spoils = [
            "UPDATE tally SET count = count + 1",
            "DELETE FROM tally",
            "UPDATE stretch SET count = count + iif(number = 0, 1, -1) WHERE number < 2",
            "DELETE FROM stretch WHERE number = 1",
            "INSERT INTO stretch VALUES ('', 'User', 77, 1)",
            &moved,
            "DELETE FROM anchor WHERE row > 0",
            "DELETE FROM anchor",
            "DELETE FROM value WHERE row = 1",
        ];
        for spoil in spoils {
            let sql = Connection::open(&file)?;
            sql.execute_batch("SAVEPOINT before")?;
            ensure(sql.execute(spoil, [])? > 0, || format!("nothing to spoil: {spoil}"))?;
            ensure(contradictions(&sql).is_err(), || format!("not noticed: {spoil}"))?;
        }
        check(&file)
    }
    /// A file of version 1, in the format of then.
    #[test]
    fn an_older_file_is_sound_once_it_was_opened() -> Result<(), Violation> {
        const EMAILS: &str =
            r#""emails":[{"primary":true,"type":"work","value":"bjensen@example.com"}],"#;
        let directory = tempfile::tempdir()?;
        let file = directory.path().join("scim.db");
        let sql = Connection::open(&file)?;
        sql.execute_batch(include_str!("../../scim-store-sqlite/migrations/001_resources.sql"))?;
        let rows = include_str!("../../scim-store-sqlite/tests/data/version-1.sql");
        ensure(rows.contains(EMAILS), || "no emails".to_owned())?;
        // Values of which there may be several have an index without anchors.
        sql.execute_batch(&rows.replace(EMAILS, ""))?;
        drop(sql);
        let store = SqliteStore::open(&file)?;
        store.attach(&Registry::standard())?;
        check(&file)
    }
}
