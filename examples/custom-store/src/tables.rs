//! The application's tables as the engine sees them: all that is particular to them is SQL.

use rusqlite::{Connection, named_params, params};
use scim_core::{
    Document, Object, ResourceId, Timestamp,
    query::{Lookup, Reach, Side},
    schema::{Relation, ResourceType},
    store::{
        Delta, EdgePath, EdgeRow, Fault, Key, RelationView, Row, Scan, Scope, StoreErrorKind,
        Tables,
    },
};
use serde_json::Value;

use crate::{
    STAFF,
    row::{COLUMNS, RowId, Table, read},
};

/// `userName` compares by PRECIS and the index by ASCII without case, so logins beyond ASCII are
/// candidates too.
const LOGINS: &str = "id IN (
    SELECT id FROM accounts WHERE company = :company AND deleted_at IS NULL
        AND login = :operand COLLATE NOCASE
    UNION SELECT id FROM accounts WHERE company = :company AND login GLOB '*[^ -~]*')";

/// `externalId` compares by NFC and the index octet by octet, so ids beyond ASCII are candidates
/// too.
const EXTERNAL_IDS: &str = "id IN (
    SELECT id FROM scim_rest WHERE attributes ->> 'externalId' = :operand
    UNION SELECT id FROM scim_rest WHERE attributes ->> 'externalId' GLOB '*[^ -~]*')";

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

/// The tables within a transaction.
pub(crate) struct Rows<'a>(pub(crate) &'a Connection);

impl Tables for Rows<'_> {
    fn find(&self, scope: &Scope, key: &Key) -> Result<Option<Row>, Fault> {
        let Ok(RowId(table, number)) = RowId::of(key) else { return Ok(None) };
        let view = table.letter();
        let sql = format!("SELECT {COLUMNS} FROM scim_{view} WHERE company = ? AND id = ?");
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query(params![scope.tenant.as_str(), number])?;
        rows.next()?.map(|row| read(table, row)).transpose()
    }

    fn scan(&self, scope: &Scope, scan: &Scan<'_>) -> Result<Vec<Row>, Fault> {
        let table = Table::of(scan.resource_type);
        let (condition, operand) = scan.lookup.and_then(narrowed).unwrap_or(("true", ""));
        let after = scan.after.and_then(|id| RowId::parse(id));
        let sql = format!(
            "SELECT {COLUMNS} FROM scim_{} WHERE company = :company AND {condition}
            AND id > :after AND :operand = :operand ORDER BY id LIMIT :limit OFFSET :offset",
            table.letter()
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let mut rows = statement.query(named_params! {
            ":company": scope.tenant.as_str(), ":operand": operand,
            ":after": after.map_or(0, |place| place.1),
            ":limit": i64::try_from(scan.limit).unwrap_or(i64::MAX),
            ":offset": i64::try_from(scan.offset).unwrap_or(i64::MAX),
        })?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(read(table, row)?);
        }
        Ok(found)
    }

    fn count(&self, scope: &Scope, resource_type: &ResourceType) -> Result<u64, Fault> {
        let view = Table::of(resource_type).letter();
        let sql = format!("SELECT count(*) FROM scim_{view} WHERE company = ?");
        let mut statement = self.0.prepare_cached(&sql)?;
        let count: i64 = statement.query_row([scope.tenant.as_str()], |row| row.get(0))?;
        Ok(count.cast_unsigned())
    }

    fn edges(
        &self,
        scope: &Scope,
        id: &ResourceId,
        view: &RelationView,
        after: Option<&ResourceId>,
    ) -> Result<Vec<EdgeRow>, Fault> {
        let Some(RowId(table, number)) = RowId::parse(id) else { return Ok(Vec::new()) };
        let after = after.and_then(|id| RowId::parse(id)).unwrap_or(RowId(Table::Teams, -1));
        let walk = if view.side == Side::Targets { TARGETS } else { SOURCES };
        let sql = format!(
            "WITH RECURSIVE far (kind, id, direct) AS ({walk})
            SELECT kind, id, max(direct), iif(kind = 'u',
                (SELECT label FROM scim_u r WHERE r.id = far.id AND company = :company),
                (SELECT label FROM scim_t r WHERE r.id = far.id AND company = :company)) AS label
            FROM far WHERE (kind, id) > (:after_kind, :after)
                AND EXISTS (SELECT 1 FROM scim_{} r WHERE r.id = :id AND company = :company)
            GROUP BY kind, id HAVING label IS NOT NULL ORDER BY kind, id LIMIT :limit",
            table.letter()
        );
        let mut statement = self.0.prepare_cached(&sql)?;
        let parameters = named_params! {
            ":kind": table.letter(), ":id": number, ":company": scope.tenant.as_str(),
            ":transitive": view.reach == Reach::Transitive,
            ":after_kind": after.0.letter(), ":after": after.1,
            ":limit": i64::try_from(view.limit).unwrap_or(i64::MAX),
        };
        let edges = statement.query_map(parameters, |row| {
            let (table, resource_type) = match row.get_ref(0)?.as_str()? {
                "u" => (Table::Accounts, "User"),
                _ => (Table::Teams, "Group"),
            };
            let path = if row.get(2)? { EdgePath::Direct } else { EdgePath::Indirect };
            let label = Some(row.get::<_, String>(3)?.into());
            Ok(EdgeRow { id: RowId(table, row.get(1)?).id(), resource_type, label, path })
        })?;
        Ok(edges.collect::<Result<_, _>>()?)
    }

    fn new_id(&self, resource_type: &ResourceType, before: i64) -> Result<ResourceId, Fault> {
        let table = Table::of(resource_type);
        let sql = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?";
        let mut statement = self.0.prepare_cached(sql)?;
        let last: i64 = statement.query_row([table.name()], |row| row.get(0))?;
        Ok(RowId(table, last.saturating_add(before).saturating_add(1)).id())
    }

    fn insert(
        &self,
        scope: &Scope,
        key: &Key,
        document: &Document,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let RowId(table, number) = RowId::of(key)?;
        let label = if table == Table::Accounts { "login" } else { "title" };
        let columns = format!("id, company, {label}, created_at");
        let sql = format!("INSERT INTO {} ({columns}) VALUES (?, ?, '', ?)", table.name());
        let created = params![number, scope.tenant.as_str(), now.as_micros()];
        self.0.prepare_cached(&sql)?.execute(created)?;
        self.update(scope, key, document)
    }

    /// Puts each value where the application has a column for it, and the rest beside.
    fn update(&self, scope: &Scope, key: &Key, document: &Document) -> Result<(), Fault> {
        let RowId(table, number) = RowId::of(key)?;
        let company = scope.tenant.as_str();
        let mut rest = document.values()?.clone();
        rest.remove("schemas");
        let name = rest.remove("displayName");
        let name = name.as_ref().and_then(Value::as_str);
        if table == Table::Teams {
            let sql = "UPDATE teams SET title = ? WHERE id = ? AND company = ?";
            let title = params![name.unwrap_or_default(), number, company];
            self.0.prepare_cached(sql)?.execute(title)?;
        } else {
            let login = rest.remove("userName");
            let login = login.as_ref().and_then(Value::as_str);
            let locked = rest.remove("active") == Some(Value::Bool(false));
            let sql = "UPDATE accounts SET login = ?, full_name = ?, locked = ?
                WHERE id = ? AND company = ?";
            self.0.prepare_cached(sql)?.execute(params![login, name, locked, number, company])?;
            self.save_badge(number, rest.remove(STAFF).as_ref(), &key.resource_type)?;
        }
        self.save_rest(table, number, &rest)
    }

    fn delete(&self, scope: &Scope, key: &Key, now: Timestamp) -> Result<(), Fault> {
        let RowId(table, number) = RowId::of(key)?;
        let sql = "DELETE FROM team_members WHERE (kind, id) = (?1, ?2)
            OR (?1 = 't' AND team_id = ?2)";
        self.0.prepare_cached(sql)?.execute(params![table.letter(), number])?;
        let sql =
            format!("UPDATE {} SET deleted_at = ? WHERE id = ? AND company = ?", table.name());
        let gone = params![now.as_micros(), number, scope.tenant.as_str()];
        self.0.prepare_cached(&sql)?.execute(gone)?;
        Ok(())
    }

    /// The engine has found the team in the company, and ids of teams are those of one alone.
    fn relate(
        &self,
        _: &Scope,
        key: &Key,
        _: &Relation,
        delta: &Delta,
        targets: &[ResourceId],
    ) -> Result<bool, Fault> {
        let RowId(_, team) = RowId::of(key)?;
        let (which, listed) = match delta {
            Delta::Add(_) => ("false AND", targets),
            Delta::Remove(ids) => ("", ids.as_slice()),
            Delta::Replace(_) | Delta::Clear => ("NOT", targets),
        };
        let listed: Vec<_> = listed.iter().map(ResourceId::as_str).collect();
        let sql = format!(
            "DELETE FROM team_members WHERE team_id = ?1
            AND {which} kind || id IN (SELECT value FROM json_each(?2))"
        );
        let gone = params![team, serde_json::to_string(&listed)?];
        let mut changed = self.0.prepare_cached(&sql)?.execute(gone)?;
        let sql = "INSERT OR IGNORE INTO team_members VALUES (?, ?, ?)";
        for RowId(table, number) in targets.iter().filter_map(|id| RowId::parse(id)) {
            let member = params![team, table.letter(), number];
            changed += self.0.prepare_cached(sql)?.execute(member)?;
        }
        Ok(changed > 0)
    }

    fn inserted(&self, scope: &Scope, key: &Key) -> Result<(), Fault> {
        let RowId(table, number) = RowId::of(key)?;
        let sql = format!(
            "UPDATE {} SET updated_at = created_at WHERE id = ? AND company = ?",
            table.name()
        );
        self.0.prepare_cached(&sql)?.execute(params![number, scope.tenant.as_str()])?;
        Ok(())
    }
}

impl Rows<'_> {
    fn save_badge(
        &self,
        account: i64,
        staff: Option<&Value>,
        user: &ResourceType,
    ) -> Result<(), Fault> {
        let Some(badge) = staff.and_then(|staff| staff.get("badge")?.as_str()) else {
            let sql = "DELETE FROM badges WHERE account_id = ?";
            self.0.prepare_cached(sql)?.execute([account])?;
            return Ok(());
        };
        let attribute = user.resolve(Some(STAFF), "badge", None).cloned();
        if let Some(attribute) = attribute.filter(|_| badge.len() > 12) {
            let detail = "a badge has at most 12 characters";
            return Err(StoreErrorKind::Refused { attribute, detail }.into());
        }
        let sql = "INSERT INTO badges VALUES (?1, ?2)
            ON CONFLICT DO UPDATE SET number = ?2 WHERE number <> ?2";
        self.0.prepare_cached(sql)?.execute(params![account, badge])?;
        Ok(())
    }

    fn save_rest(&self, table: Table, number: i64, rest: &Object) -> Result<(), Fault> {
        let rest = serde_json::to_string(rest)?;
        let sql = "INSERT OR REPLACE INTO scim_rest VALUES (?, ?, ?)";
        self.0.prepare_cached(sql)?.execute(params![table.letter(), number, rest])?;
        Ok(())
    }
}

/// The condition by which an index narrows a look-up, and its operand as text.
fn narrowed(lookup: Lookup<'_>) -> Option<(&'static str, &str)> {
    let condition = match lookup.attribute.path() {
        "id" => "id = CAST(substr(:operand, 2) AS INTEGER)",
        "userName" => LOGINS,
        "externalId" => EXTERNAL_IDS,
        _ => return None,
    };
    Some((condition, lookup.operand.as_text()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookups_are_answered_from_indexes() {
        let database = Connection::open_in_memory().unwrap();
        database.execute_batch(include_str!("application.sql")).unwrap();
        database.execute_batch(include_str!("scim.sql")).unwrap();
        for (condition, indexes) in [
            (LOGINS, &["scim_logins (company=? AND login=?)", "scim_odd_logins (company=?)"][..]),
            (EXTERNAL_IDS, &["scim_external_ids (<expr>=?)", "scim_odd_external_ids"]),
        ] {
            let sql = format!(
                "EXPLAIN QUERY PLAN SELECT {COLUMNS} FROM scim_u
                WHERE company = :company AND {condition} AND :operand = :operand"
            );
            let mut statement = database.prepare(&sql).unwrap();
            let none = named_params! { ":company": "x", ":operand": "x" };
            let steps = statement.query_map(none, |row| row.get::<_, String>(3)).unwrap();
            let plan: Vec<_> = steps.map(rusqlite::Result::unwrap).collect();
            for index in indexes {
                assert!(plan.iter().any(|step| step.ends_with(index)), "{plan:#?}");
            }
            assert!(!plan.iter().any(|step| step.starts_with("SCAN a")), "{plan:#?}");
        }
    }
}
