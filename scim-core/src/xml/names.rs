//! Names in XML: prefixes, and the order of what has no schema.

use crate::schema::is_element_name;

/// A prefix for the namespace of an extension: what follows `extension` in its URN, or else one
/// that is numbered.
pub(super) fn prefix(namespace: &str, number: usize) -> String {
    let mut segments = namespace.split(':');
    let named = segments.find(|it| *it == "extension").and_then(|_| segments.next());
    let is_free = |it: &&str| is_element_name(it) && !it.to_ascii_lowercase().starts_with("xml");
    match named.filter(is_free) {
        Some(name) if number == 0 => name.to_owned(),
        Some(name) => format!("{name}{number}"),
        None => format!("ext{number}"),
    }
}

/// The names that messages and discovery resources have, in an order that suits the XML schema of
/// SCIM 1.1; the same name stands in several.
const ORDER: [&str; 47] = [
    "schemas",
    "id",
    "meta",
    "externalId",
    "totalResults",
    "itemsPerPage",
    "startIndex",
    "Resources",
    "failOnErrors",
    "Operations",
    "method",
    "bulkId",
    "path",
    "version",
    "location",
    "data",
    "response",
    "name",
    "type",
    "multiValued",
    "multiValuedAttributeChildName",
    "description",
    "schema",
    "endpoint",
    "readOnly",
    "required",
    "caseExact",
    "canonicalValues",
    "subAttributes",
    "attributes",
    "specUrl",
    "documentationUrl",
    "patch",
    "bulk",
    "filter",
    "changePassword",
    "sort",
    "etag",
    "authenticationSchemes",
    "xmlDataFormat",
    "supported",
    "maxOperations",
    "maxPayloadSize",
    "maxResults",
    "code",
    "uri",
    "status",
];

/// Where a name stands among names that no schema orders.
pub(super) fn rank(name: &str) -> usize {
    ORDER.iter().position(|known| *known == name).unwrap_or(ORDER.len())
}

/// Where a part of a value stands in the XML schema of SCIM 1.1.
pub(super) fn rank_in_value(name: &str) -> usize {
    let order = ["value", "display", "primary", "type", "operation"];
    order.iter().position(|known| *known == name).unwrap_or(order.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_names() {
        let cases = [
            ("urn:scim:schemas:extension:enterprise:1.0", 0, "enterprise"),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", 2, "enterprise2"),
            ("urn:example:2.0:Badge", 0, "ext0"),
            ("urn:x:extension:2.0", 1, "ext1"),
            ("urn:x:extension:XMLish", 1, "ext1"),
            ("urn:x:extension", 1, "ext1"),
        ];
        for (namespace, number, expected) in cases {
            assert_eq!(prefix(namespace, number), expected);
        }
    }
}
