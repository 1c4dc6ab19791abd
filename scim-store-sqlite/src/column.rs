//! What stands in the columns of a resource.

use bytes::Bytes;
use rusqlite::{
    Row, ToSql,
    types::{ToSqlOutput, ValueRef},
};
use scim_core::{Document, Meta, Timestamp};

/// The metadata of a resource.
pub(crate) fn meta(version: u64, revision: u64, created: i64, last_modified: i64) -> Meta {
    Meta {
        version: version.into(),
        revision: revision.into(),
        created: Timestamp::from_micros(created),
        last_modified: Timestamp::from_micros(last_modified),
    }
}

/// Bytes that are UTF-8 text, as a parameter: JSON goes in and out without a detour over `String`.
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

impl ToSql for Text<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}

impl Text<'_> {
    /// The document whose two parts are in these columns.
    pub(crate) fn document(
        row: &Row<'_>,
        visible: usize,
        hidden: usize,
    ) -> rusqlite::Result<Document> {
        Ok(Document::from_stored(octets(row, visible)?, octets(row, hidden)?))
    }
}

fn octets(row: &Row<'_>, column: usize) -> rusqlite::Result<Bytes> {
    match row.get_ref(column)? {
        ValueRef::Text(text) => Ok(Bytes::copy_from_slice(text)),
        _ => Ok(Bytes::new()),
    }
}
