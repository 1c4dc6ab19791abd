//! A value without quotes that goes on to the end of the filter: `displayName eq Tour Guides`.

use serde_json::Value;

const OPERATORS: [&str; 9] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"];

/// The filter with quotes around all that follows the operator; `None` if it is no single
/// comparison or has quotes of its own.
pub(super) fn quoted(text: &str) -> Option<String> {
    let (path, rest) = text.trim_matches(' ').split_once(' ')?;
    let (operator, value) = rest.trim_start_matches(' ').split_once(' ')?;
    let value = value.trim_matches(' ');
    let is_operator = OPERATORS.iter().any(|known| known.eq_ignore_ascii_case(operator));
    if !is_operator || value.is_empty() || value.contains('"') || path.contains(['(', '[']) {
        return None;
    }
    Some(format!("{path} {operator} {}", Value::from(value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_comparison_is_quoted() {
        let cases = [
            ("displayName eq Tour Guides", Some("displayName eq \"Tour Guides\"")),
            (" displayName  Eq  R&D (north) ", Some("displayName Eq \"R&D (north)\"")),
            ("displayName eq a\\b", Some("displayName eq \"a\\\\b\"")),
            ("displayName eq \"a\" b", None),
            ("displayName is a b", None),
            ("displayName eq", None),
            ("not (displayName eq a b)", None),
            ("emails[type eq work mail]", None),
        ];
        for (text, expected) in cases {
            assert_eq!(quoted(text).as_deref(), expected, "{text}");
        }
    }
}
