//! What is stored of a resource, as a Rust type.

use http::StatusCode;
use serde::de::DeserializeOwned;

use crate::{
    error::ScimError,
    http::{EntityTag, Locations},
    resource::{ResourceId, Timestamp, Version},
    store::{Precondition, Resource},
};

/// A resource with its id and the parts of its `meta` (RFC 7643 §3.1).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Stored<T> {
    /// Its id.
    pub id: ResourceId,
    /// Its version, which changes whenever it does.
    pub version: Version,
    /// Where clients find it: `meta.location`.
    pub location: String,
    /// When it was added.
    pub created: Timestamp,
    /// When it last changed.
    pub last_modified: Timestamp,
    /// The resource itself, as a client would be sent it.
    pub resource: T,
}

/// What must hold of a resource for a write to be made (`If-Match`, RFC 7644 §3.14). Closed: a
/// caller either knows a version or does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum If {
    /// It exists.
    Exists,
    /// It still has this version. 412 otherwise.
    Version(Version),
}

impl<T> Stored<T> {
    /// The version as clients see it in `ETag` and `meta.version`, such as `W/"7"`.
    pub fn etag(&self) -> String {
        EntityTag(&self.version).to_string()
    }
}

impl<T: DeserializeOwned> Stored<T> {
    /// # Errors
    /// 500 when the resource does not fit the type.
    pub(super) fn read(base: &str, resource: &Resource, text: &[u8]) -> Result<Self, ScimError> {
        let Resource { resource_type, id, meta, .. } = resource;
        let shown = serde_json::from_slice(text).map_err(|error| {
            let name = resource_type.name();
            let detail = format!("a {name} does not fit the type that it is read as: {error}");
            ScimError::with_status(StatusCode::INTERNAL_SERVER_ERROR, detail)
        })?;
        Ok(Self {
            location: Locations::new(base).resource(resource_type, id),
            id: id.clone(),
            version: meta.version.clone(),
            created: meta.created,
            last_modified: meta.last_modified,
            resource: shown,
        })
    }
}

/// That nobody changed it since it was read.
impl<T> From<&Stored<T>> for If {
    fn from(stored: &Stored<T>) -> Self {
        Self::Version(stored.version.clone())
    }
}

impl From<If> for Precondition {
    fn from(condition: If) -> Self {
        match condition {
            If::Exists => Self::Exists,
            If::Version(version) => Self::Version(vec![version]),
        }
    }
}
