//! Names in XML: which there are, prefixes, and the order of what has no schema.

/// Whether a text is the name of an element, without a prefix (Namespaces in XML 1.0, `NCName`).
pub(super) fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(starts_name)
        && chars.all(|c| {
            starts_name(c)
                || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
        })
}

fn starts_name(c: char) -> bool {
    matches!(c,
        'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// A prefix for the namespace of an extension: what follows `extension` in its URN, or else one
/// that is numbered.
pub(super) fn prefix(namespace: &str, number: usize) -> String {
    let mut segments = namespace.split(':');
    let named = segments.find(|it| *it == "extension").and_then(|_| segments.next());
    let is_free = |it: &&str| is_name(it) && !it.to_ascii_lowercase().starts_with("xml");
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

    #[test]
    fn names_have_no_dollar_and_no_colon() {
        for name in ["a", "userName", "_", "x509Certificates", "été", "a-b.c"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "$ref", "1a", "-a", "a:b", "a b", "a<", "urn:x"] {
            assert!(!is_name(name), "{name}");
        }
    }
}
