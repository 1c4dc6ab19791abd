//! Simple values: does the JSON fit the attribute's type (RFC 7643 §2.3)?

use serde_json::Value;

use super::{CanonicalValues, Rules, ValueForms};
use crate::{
    error::{ScimError, ScimType},
    query::{Prepared, prepare},
    schema::{Attribute, AttributeType, Preparation},
};

/// Checks one simple value and gives it back unchanged.
///
/// # Errors
/// 400 `invalidValue` with the type that was expected and the one that was found.
pub(super) fn scalar(
    attribute: &Attribute,
    value: Value,
    rules: &Rules,
) -> Result<Value, ScimError> {
    if !fits(attribute, &value) {
        let expected = attribute.kind().expectation();
        let found = describe(&value);
        return Err(invalid(attribute, format!("expected {expected}, found {found}")));
    }
    if rules.canonical_values == CanonicalValues::Enforce {
        canonical(attribute, &value)?;
    }
    if rules.value_forms == ValueForms::Enforce {
        form(attribute, &value)?;
    }
    if attribute.preparation() == Preparation::UserName {
        user_name(attribute, &value)?;
    }
    Ok(value)
}

pub(super) fn invalid(attribute: &Attribute, detail: String) -> ScimError {
    ScimError::new(ScimType::InvalidValue, detail).at(attribute.path())
}

/// What kind of JSON a value is, without the value.
pub(crate) fn describe(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a fraction or exponent",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn fits(attribute: &Attribute, value: &Value) -> bool {
    match attribute.kind() {
        AttributeType::String => value.is_string(),
        AttributeType::Boolean => value.is_boolean(),
        AttributeType::Decimal => value.is_number(),
        AttributeType::Integer => value.is_i64() || value.is_u64(),
        AttributeType::DateTime | AttributeType::Binary => prepare(attribute, value).is_some(),
        AttributeType::Reference => value.as_str().is_some_and(is_uri_reference),
        AttributeType::Complex => false,
    }
}

/// A URI or relative reference has neither white space nor control characters.
///
/// Raw non-ASCII letters pass: they are stored as they are (J-003).
fn is_uri_reference(text: &str) -> bool {
    !text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"'))
}

fn canonical(attribute: &Attribute, value: &Value) -> Result<(), ScimError> {
    let (allowed, Some(text)) = (attribute.canonical_values(), value.as_str()) else {
        return Ok(());
    };
    let matches = |known: &String| match attribute.is_case_exact() {
        true => known == text,
        false => known.eq_ignore_ascii_case(text),
    };
    if allowed.is_empty() || allowed.iter().any(matches) {
        return Ok(());
    }
    Err(invalid(attribute, format!("expected one of `{}`", allowed.join("`, `"))))
}

/// A-012, W-004, W-006, W-016, W-020, J-003: what the RFC says of a value beyond its type.
fn form(attribute: &Attribute, value: &Value) -> Result<(), ScimError> {
    let Some(text) = value.as_str() else { return Ok(()) };
    if attribute.kind() == AttributeType::Reference && !text.is_ascii() {
        let detail = "expected a URI, in which letters beyond ASCII are percent-encoded";
        return Err(invalid(attribute, detail.to_owned()));
    }
    // RFC 4648 §3.3
    if attribute.kind() == AttributeType::Binary && text.contains(|c: char| c.is_ascii_whitespace())
    {
        return Err(invalid(attribute, "expected base64 without white space".to_owned()));
    }
    let form = attribute.form();
    let octets = match prepare(attribute, value) {
        Some(Prepared::Octets(octets)) => Some(octets),
        _ => None,
    };
    if form.admits(text, octets.as_deref()) {
        return Ok(());
    }
    Err(invalid(attribute, format!("expected {}", form.expectation())))
}

/// I-005: what PRECIS does not admit as a user name cannot be compared safely.
fn user_name(attribute: &Attribute, value: &Value) -> Result<(), ScimError> {
    match value.as_str() {
        Some(name) if !name.is_empty() && !crate::query::is_user_name(name) => Err(invalid(
            attribute,
            "contains characters that RFC 8265 does not admit in a user name".to_owned(),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::schema::{AttributeDefinition, Registry, ResourceTypeDefinition, SchemaDefinition};

    #[test]
    fn numbers_are_described_by_what_an_integer_lacks() {
        for (value, description) in [
            (json!(1), "an integer"),
            (json!(-1), "an integer"),
            (json!(1.5), "a number with a fraction or exponent"),
            (json!(1e3), "a number with a fraction or exponent"),
        ] {
            assert_eq!(describe(&value), description);
        }
    }

    /// A-015, J-003
    #[test]
    fn a_reference_has_no_white_space_controls_or_delimiters() {
        for text in ["", "https://example.com/~a?b#c", "../Users/1", "urn:x:ä"] {
            assert!(is_uri_reference(text), "{text}");
        }
        for text in ["a b", "a\u{a0}b", "a\u{7f}b", "a\0b", "<a", "a>", "\"a"] {
            assert!(!is_uri_reference(text), "{text:?}");
        }
    }

    ///
    #[test]
    fn canonical_values_bind_where_they_are_enforced() {
        let text = |name: &str| AttributeDefinition::new(name, AttributeType::String);
        let sizes = ["S", "M"];
        let attributes = [
            text("size").canonical_values(sizes),
            text("code").canonical_values(sizes).case_exact(),
            text("free"),
        ];
        let registry = Registry::builder()
            .schema(SchemaDefinition::new("urn:example:2.0:It", attributes))
            .resource_type(ResourceTypeDefinition::new("It", "urn:example:2.0:It"))
            .build()
            .unwrap();
        let it = registry.resource_type("It").unwrap();
        let enforce = Rules::default().canonical_values(CanonicalValues::Enforce);
        for (name, value, is_admitted) in [
            ("size", "M", true),
            ("size", "m", true),
            ("size", "L", false),
            ("code", "M", true),
            ("code", "m", false),
            ("free", "L", true),
        ] {
            let attribute = it.attribute(name).unwrap();
            let given = || json!(value);
            assert_eq!(scalar(attribute, given(), &Rules::default()), Ok(given()));
            match scalar(attribute, given(), &enforce) {
                Ok(read) => assert!(is_admitted && read == given(), "{name} {value}"),
                Err(error) => {
                    assert!(!is_admitted, "{name} {value}: {error}");
                    assert!(error.to_string().contains("expected one of `S`, `M`"), "{error}");
                }
            }
        }
    }
}
