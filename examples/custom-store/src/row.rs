//! Rows and the resources they are.

use std::fmt;

use rusqlite::Row as Columns;
use scim_core::{
    Meta, ResourceId, Revision, Timestamp, Version,
    schema::ResourceType,
    store::{Fault, Key, Row, StoreErrorKind},
};

/// The columns that [`read`] expects.
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

    pub(crate) fn of(key: &Key) -> Result<Self, Fault> {
        let place = Self::parse(&key.id).filter(|it| it.0 == Table::of(&key.resource_type));
        Ok(place.ok_or(StoreErrorKind::NotFound)?)
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

/// A row of one of the views, in SCIM's terms.
pub(crate) fn read(table: Table, row: &Columns<'_>) -> Result<Row, Fault> {
    let meta = Meta {
        version: Version::new(row.get::<_, i64>(1)?.to_string()),
        revision: Revision::new(row.get::<_, i64>(2)?.to_string()),
        created: Timestamp::from_micros(row.get(3)?),
        last_modified: Timestamp::from_micros(row.get(4)?),
    };
    let values = serde_json::from_str(row.get_ref(5)?.as_str()?)?;
    Ok(Row { id: RowId(table, row.get(0)?).id(), meta, values })
}
