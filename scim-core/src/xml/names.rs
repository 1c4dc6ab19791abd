//! Names in XML: prefixes, and the order of what has no schema.

use crate::schema::is_element_name;

/// A prefix for the namespace of an extension that is not taken: what follows `extension` in its
/// URN, or else one that is numbered.
pub(super) fn prefix(namespace: &str, is_taken: impl Fn(&str) -> bool) -> String {
    let mut segments = namespace.split(':');
    let named = segments.find(|it| *it == "extension").and_then(|_| segments.next());
    let named = named.filter(|it| is_element_name(it) && !is_reserved(it));
    let numbered = (1_u32..).map(|number| format!("{}{number}", named.unwrap_or("ext")));
    let mut candidates = named.map(str::to_owned).into_iter().chain(numbered);
    candidates.find(|it| !is_taken(it)).unwrap_or_default()
}

/// Prefixes with a meaning of their own: of all that begin with `xml`, and where types are named.
fn is_reserved(prefix: &str) -> bool {
    prefix == "xsi" || prefix.to_ascii_lowercase().starts_with("xml")
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
            ("urn:scim:schemas:extension:enterprise:1.0", "", "enterprise"),
            ("urn:scim:schemas:extension:enterprise:1.0", "enterprise", "enterprise1"),
            (
                "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
                "enterprise enterprise1",
                "enterprise2",
            ),
            ("urn:example:2.0:Badge", "", "ext1"),
            ("urn:x:extension:2.0", "ext1", "ext2"),
            ("urn:x:extension:XMLish", "", "ext1"),
            ("urn:x:extension:xsi", "", "ext1"),
            ("urn:x:extension", "", "ext1"),
        ];
        for (namespace, taken, expected) in cases {
            assert_eq!(prefix(namespace, |it| taken.split(' ').any(|is| is == it)), expected);
        }
    }
}
