//! Languages with countries: `en_US` here, `en-US` in SCIM 2.0 (core schema §6.1).

use serde_json::Value;

use crate::schema::{Attribute, Form};

/// Whether values of the attribute are languages.
pub(super) fn is_language(attribute: &Attribute) -> bool {
    matches!(attribute.form(), Form::LanguageTag | Form::LanguageRanges)
}

/// A language as SCIM 2.0 writes it.
pub(super) fn read(attribute: &Attribute, value: Value) -> Value {
    rewritten(attribute, value, '_', '-')
}

/// A language as SCIM 1.1 writes it.
pub(super) fn shown(attribute: &Attribute, value: Value) -> Value {
    rewritten(attribute, value, '-', '_')
}

fn rewritten(attribute: &Attribute, value: Value, from: char, to: char) -> Value {
    match value {
        Value::String(text) if is_language(attribute) && is_with_country(&text, from) => {
            Value::String(text.replace(from, &to.to_string()))
        }
        value => value,
    }
}

/// A language and a country. Nothing else has a form in SCIM 1.1, and stays as it is.
fn is_with_country(text: &str, separator: char) -> bool {
    let is_letters = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic());
    text.split_once(separator).is_some_and(|(language, country)| {
        matches!(language.len(), 2 | 3)
            && country.len() == 2
            && is_letters(language)
            && is_letters(country)
    })
}
