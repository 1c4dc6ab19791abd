//! Where things live: absolute URLs below the SCIM endpoint (RFC 7643 §3.1, `meta.location`).

use std::sync::Arc;

use super::base_path::{compose_location, location};
use crate::schema::ResourceType;

/// The absolute URL of the SCIM endpoint that a request came to, without a slash at its end.
#[derive(Clone, Debug)]
pub(crate) struct Locations(Arc<str>);

impl Locations {
    pub(crate) fn new(base: impl Into<Arc<str>>) -> Self {
        Self(base.into())
    }

    pub(crate) fn base(&self) -> &Arc<str> {
        &self.0
    }

    pub(crate) fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    pub(crate) fn resource(&self, resource_type: &ResourceType, id: &str) -> String {
        location(&self.0, resource_type.endpoint(), id)
    }

    /// Appends the location of a resource to a text.
    pub(super) fn write(&self, resource_type: &ResourceType, id: &str, text: &mut Vec<u8>) {
        compose_location(&self.0, resource_type.endpoint(), id, |piece| {
            text.extend_from_slice(piece.as_bytes());
        });
    }
}
