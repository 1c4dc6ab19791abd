//! Rows and the resources they are.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, Row, named_params};
use scim_core::{
    Document, Meta, Object, ResourceId, Revision, Timestamp, Version,
    schema::ResourceType,
    store::{Hidden, Key, Resource, Scope, StoreErrorKind},
};

use crate::error::Result;

/// The columns that [`Found::read`] expects.
pub(crate) const COLUMNS: &str = "id, version, revision, created_at, updated_at, document";

/// Which table a row is in; its letter stands before the number in ids: `u42`, `t7`.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Table {
    Accounts,
    Teams,
}

impl Table {
    pub(crate) fn of(resource_type: &ResourceType) -> Self {
        match resource_type.name() {
            "Group" => Self::Teams,
            _ => Self::Accounts,
        }
    }

    pub(crate) fn letter(self) -> &'static str {
        match self {
            Self::Accounts => "u",
            Self::Teams => "t",
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Teams => "teams",
        }
    }
}

/// The place of a row, which is the id of its resource.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct RowId(pub(crate) Table, pub(crate) i64);

impl RowId {
    /// The place that an id names; none for any other spelling of it.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let (letter, number) = id.split_at_checked(1)?;
        let table = [Table::Accounts, Table::Teams].into_iter().find(|it| it.letter() == letter)?;
        let place = Self(table, number.parse().ok()?);
        (place.to_string() == id).then_some(place)
    }

    pub(crate) fn of(key: &Key) -> Option<Self> {
        Self::parse(&key.id).filter(|place| place.0 == Table::of(&key.resource_type))
    }

    pub(crate) fn id(self) -> ResourceId {
        self.to_string().into()
    }
}

impl fmt::Display for RowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.0.letter(), self.1)
    }
}

/// A row as it was read.
pub(crate) struct Found {
    pub(crate) place: RowId,
    pub(crate) meta: Meta,
    document: String,
}

impl Found {
    pub(crate) fn read(table: Table, row: &Row<'_>) -> rusqlite::Result<Self> {
        let meta = Meta {
            version: Version::new(row.get::<_, i64>(1)?.to_string()),
            revision: Revision::new(row.get::<_, i64>(2)?.to_string()),
            created: Timestamp::from_micros(row.get(3)?),
            last_modified: Timestamp::from_micros(row.get(4)?),
        };
        Ok(Self { place: RowId(table, row.get(0)?), meta, document: row.get(5)? })
    }

    /// The row of a key, if the tenant has it.
    pub(crate) fn find(db: &Connection, scope: &Scope, key: &Key) -> Result<Option<Self>> {
        let Some(RowId(table, number)) = RowId::of(key) else { return Ok(None) };
        let view = table.letter();
        let sql =
            format!("SELECT {COLUMNS} FROM scim_{view} WHERE company = :company AND id = :id");
        let parameters = named_params! { ":company": scope.tenant.as_str(), ":id": number };
        let mut statement = db.prepare_cached(&sql)?;
        Ok(statement.query_row(parameters, |row| Self::read(table, row)).optional()?)
    }

    /// The row of a key that is to be written.
    pub(crate) fn expect(db: &Connection, scope: &Scope, key: &Key) -> Result<Self> {
        Ok(Self::find(db, scope, key)?.ok_or(StoreErrorKind::NotFound)?)
    }

    pub(crate) fn values(&self) -> Result<Object> {
        Ok(serde_json::from_str(&self.document)?)
    }

    /// The resource without its edges.
    pub(crate) fn into_resource(
        self,
        resource_type: &std::sync::Arc<ResourceType>,
        hidden: Hidden,
    ) -> Result<Resource> {
        let whole = Document::composed(resource_type, self.values()?);
        let document = match hidden {
            Hidden::Load => whole,
            Hidden::Skip => whole.without_hidden(),
        };
        Ok(Resource::new(resource_type, self.place.id(), self.meta, document))
    }
}
