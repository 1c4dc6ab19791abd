//! Finding rows: an index narrows the candidates, the engine checks and sorts them.

use rusqlite::{Connection, named_params};
use scim_core::{
    query::{Lookup, Predicate, prepared_values},
    store::{Claim, Page, Position, Query, Residual, Scope, Start, StoreErrorKind, Total},
};

use crate::{
    error::Result,
    row::{COLUMNS, Found, RowId, Table},
};

/// `userName` compares by PRECIS and the index by ASCII without case, so logins beyond ASCII are
/// candidates too.
const LOGINS: &str = "id IN (
    SELECT id FROM accounts WHERE company = :company AND deleted_at IS NULL
        AND login = :operand COLLATE NOCASE
    UNION SELECT id FROM accounts WHERE company = :company AND login GLOB '*[^ -~]*')";

const EXTERNAL_IDS: &str =
    "id IN (SELECT id FROM scim_rest WHERE attributes ->> 'externalId' = :operand)";

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

/// A page of rows without their edges.
pub(crate) fn page(db: &Connection, scope: &Scope, query: &Query) -> Result<(Vec<Found>, Page)> {
    let table = Table::of(&query.resource_type);
    let lookup = query.filter.as_ref().and_then(Predicate::as_lookup).and_then(narrowed);
    let (condition, operand) = lookup.unwrap_or(("true", ""));
    let condition = format!("company = :company AND {condition}");
    let mut page = Page::default();
    page.residual = Residual::of(query);
    let offset = match &query.start {
        Start::Index(offset) if page.residual.is_empty() => *offset,
        _ => 0,
    };
    let after = match &query.start {
        Start::After(position) => std::str::from_utf8(&position.0).ok().and_then(RowId::parse),
        Start::Index(_) => None,
    };
    let view = table.letter();
    let sql = format!(
        "SELECT {COLUMNS} FROM scim_{view} WHERE {condition} AND id > :after AND :operand = :operand
        ORDER BY id LIMIT :limit OFFSET :offset"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(
        named_params! {
            ":company": scope.tenant.as_str(), ":operand": operand,
            ":after": after.map_or(0, |place| place.1),
            ":limit": i64::try_from(query.limit.saturating_add(1)).unwrap_or(i64::MAX),
            ":offset": i64::try_from(offset).unwrap_or(i64::MAX),
        },
        |row| Found::read(table, row),
    )?;
    let mut found: Vec<_> = rows.collect::<rusqlite::Result<_>>()?;
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let last = found.last().filter(|_| more);
    page.next = last.map(|it| Position(it.place.to_string().into()));
    if page.residual.is_empty() && query.total == Total::Count {
        let sql = format!("SELECT count(*) FROM scim_{view} WHERE company = ?1");
        page.total = Some(db.prepare_cached(&sql)?.query_row([scope.tenant.as_str()], |row| {
            row.get::<_, i64>(0).map(i64::cast_unsigned)
        })?);
    }
    Ok((found, page))
}

/// Checks that no other resource of the type has the value that is claimed.
pub(crate) fn check_claim(db: &Connection, scope: &Scope, claim: &Claim, own: RowId) -> Result<()> {
    let lookup = Lookup { attribute: &claim.attribute, operand: &claim.value };
    let (condition, operand) = narrowed(lookup).unwrap_or(("true", ""));
    let view = own.0.letter();
    let sql = format!(
        "SELECT {COLUMNS} FROM scim_{view}
        WHERE company = :company AND {condition} AND :operand = :operand AND id <> :own"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! {
        ":company": scope.tenant.as_str(), ":operand": operand, ":own": own.1,
    })?;
    while let Some(row) = rows.next()? {
        let found = Found::read(own.0, row)?;
        if prepared_values(&claim.attribute, &found.values()?).contains(&claim.value) {
            let (attribute, holder) = (claim.attribute.clone(), found.place.id());
            return Err(StoreErrorKind::Conflict { attribute, holder }.into());
        }
    }
    Ok(())
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
            (EXTERNAL_IDS, &["scim_external_ids (<expr>=?)"]),
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
