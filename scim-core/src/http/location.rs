//! Where things live: absolute URLs below the SCIM endpoint (RFC 7643 §3.1, `meta.location`).

use std::sync::Arc;

use super::{base_path::segment, json_text::write_text};
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
        self.parts(resource_type, &segment(id)).concat()
    }

    /// What the location of a resource is put together from.
    fn parts<'p>(&'p self, resource_type: &'p ResourceType, segment: &'p str) -> [&'p str; 4] {
        [&self.0, resource_type.endpoint(), "/", segment]
    }

    /// How long the location of a resource is, where its id needs no escapes.
    pub(super) fn len_of(&self, resource_type: &ResourceType, id: &str) -> usize {
        self.parts(resource_type, id).iter().map(|part| part.len()).sum()
    }

    /// Appends the location of a resource to a text.
    pub(super) fn write(&self, resource_type: &ResourceType, id: &str, text: &mut Vec<u8>) {
        for part in self.parts(resource_type, &segment(id)) {
            text.extend_from_slice(part.as_bytes());
        }
    }

    /// The same as a JSON string.
    pub(super) fn write_json(&self, resource_type: &ResourceType, id: &str, text: &mut Vec<u8>) {
        self.write_directory(resource_type, text);
        text.extend_from_slice(segment(id).as_bytes());
        text.push(b'"');
    }

    /// Appends the beginning of a JSON string with the location of a resource of this type: what
    /// is left is the id as a segment, which needs no escapes of JSON, and a quote.
    pub(super) fn write_directory(&self, resource_type: &ResourceType, text: &mut Vec<u8>) {
        write_text(text, &self.0);
        text.pop();
        // Endpoints are words (see the registry).
        text.extend_from_slice(resource_type.endpoint().as_bytes());
        text.push(b'/');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Registry;

    #[test]
    fn locations_escape_the_id() {
        // T-008
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let locations = Locations::new("https://example.com/v2");
        let cases = [
            ("2819c223-7f76", "https://example.com/v2/Users/2819c223-7f76"),
            ("a b/c", "https://example.com/v2/Users/a%20b%2Fc"),
            ("50%?#", "https://example.com/v2/Users/50%25%3F%23"),
            ("ü", "https://example.com/v2/Users/%C3%BC"),
            ("urn:a@b_c.d~e", "https://example.com/v2/Users/urn:a@b_c.d~e"),
        ];
        for (id, expected) in cases {
            let mut written = Vec::new();
            locations.write(user, id, &mut written);
            assert_eq!(
                (&*locations.resource(user, id), &*written),
                (expected, expected.as_bytes())
            );
        }
    }

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
