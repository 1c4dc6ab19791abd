//! A resource: its document as stores keep it, its metadata, and the edges shown with it.

mod cut;
mod difference;
mod document;
mod excerpt;
mod halves;
mod json;
mod label;
mod members;
mod meta;
mod place;
mod plain;
mod reader;
mod schemas;
mod selection;
mod size;
mod timestamp;
mod values;

use std::{borrow::Borrow, fmt, ops::Deref, sync::Arc};

pub(crate) use difference::Difference;
pub use difference::changed;
pub use document::{Document, DocumentError};
pub(crate) use excerpt::Excerpt;
pub(crate) use json::{is_plain, write_json, write_text};
pub(crate) use label::label;
pub use meta::{Meta, Revision, Version};
pub(crate) use place::{attributes_in, has_value, is_primary, set_value, take_value, value_of};
#[cfg(feature = "xml")]
pub(crate) use plain::value as plain_value;
pub(crate) use reader::{MemberName, Reader, Structure, announced};
pub(crate) use schemas::{has_schemas, set_schemas};
pub use selection::Selection;
pub(crate) use size::size;
pub use timestamp::Timestamp;
pub use values::Values;

/// A JSON object: attribute names to values.
pub type Object = serde_json::Map<String, serde_json::Value>;

/// The `id` of a resource: unique over all resource types of a tenant (RFC 7643 §3.1).
///
/// Cheap to clone. Case matters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceId(Arc<str>);

impl ResourceId {
    /// Takes the text as an id.
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(id.into())
    }

    /// A fresh UUIDv7, so that ids given later sort later.
    pub fn fresh() -> Self {
        let mut buffer = uuid::Uuid::encode_buffer();
        Self(Arc::from(&*uuid::Uuid::now_v7().hyphenated().encode_lower(&mut buffer)))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for ResourceId {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ResourceId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for ResourceId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<&ResourceId> for ResourceId {
    fn from(id: &ResourceId) -> Self {
        id.clone()
    }
}

impl From<String> for ResourceId {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
