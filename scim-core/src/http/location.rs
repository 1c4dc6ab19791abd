//! Where things live: absolute URLs below the SCIM endpoint (RFC 7643 §3.1, `meta.location`).

use std::sync::Arc;

use super::{
    base_path::{compose_location, location},
    json_text::{is_plain, write_text},
};
use crate::schema::ResourceType;

/// The absolute URL of the SCIM endpoint that a request came to, without a slash at its end.
#[derive(Clone, Debug)]
pub(crate) struct Locations {
    base: Arc<str>,
    /// Whether a JSON string shows it as it is, and thus all that is below it.
    is_plain: bool,
}

impl Locations {
    pub(crate) fn new(base: impl Into<Arc<str>>) -> Self {
        let base = base.into();
        Self { is_plain: is_plain(base.as_bytes()), base }
    }

    pub(crate) fn base(&self) -> &Arc<str> {
        &self.base
    }

    pub(crate) fn endpoint(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) fn resource(&self, resource_type: &ResourceType, id: &str) -> String {
        location(&self.base, resource_type.endpoint(), id)
    }

    /// Appends the location of a resource to a text.
    pub(super) fn write(&self, resource_type: &ResourceType, id: &str, text: &mut Vec<u8>) {
        compose_location(&self.base, resource_type.endpoint(), id, |piece| {
            text.extend_from_slice(piece.as_bytes());
        });
    }
    /// The same as a JSON string.
    pub(super) fn write_json(&self, resource_type: &ResourceType, id: &str, text: &mut Vec<u8>) {
        if !self.is_plain {
            return write_text(text, &self.resource(resource_type, id));
        }
        text.push(b'"');
        self.write(resource_type, id, text);
        text.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Registry;

    #[test]
    fn locations_are_json() {
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        for base in ["https://example.com/v2", "https://example.com/a\"b\\c", ""] {
            let locations = Locations::new(base);
            for id in ["2819c223-7f76", "a\"b\\", "\u{1}ü", ""] {
                let mut text = Vec::new();
                locations.write_json(user, id, &mut text);
                let read: String = serde_json::from_slice(&text).unwrap();
                assert_eq!(read, locations.resource(user, id));
            }
        }
    }
}
