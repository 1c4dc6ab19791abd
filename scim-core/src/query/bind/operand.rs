//! Operands: do they fit the operator and the attribute, and what is their comparable form?

use scim_filter::Literal;

use crate::{
    error::{ScimError, ScimType},
    query::{
        Decimal, Operator, Prepared,
        prepare::{prepare_fragment, prepare_text},
    },
    schema::{Attribute, AttributeType, Preparation},
};

impl Operator {
    /// The keyword in filters: `eq`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::Contains => "co",
            Self::StartsWith => "sw",
            Self::EndsWith => "ew",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
        }
    }

    /// Whether it looks for a part of a text.
    pub(super) fn is_textual(self) -> bool {
        matches!(self, Self::Contains | Self::StartsWith | Self::EndsWith)
    }

    /// Whether values of the type can be compared in this way (RFC 7644 §3.4.2.2, Table 3).
    fn applies_to(self, kind: AttributeType) -> bool {
        match kind {
            AttributeType::String | AttributeType::Reference => true,
            // F-013
            AttributeType::Integer | AttributeType::Decimal | AttributeType::DateTime => {
                !self.is_textual()
            }
            // F-012
            AttributeType::Boolean | AttributeType::Binary => self == Self::Equal,
            AttributeType::Complex => false,
        }
    }
}

/// 400 `invalidFilter` unless the operator applies to values of the attribute.
pub(super) fn check_operator(attribute: &Attribute, operator: Operator) -> Result<(), ScimError> {
    if operator.applies_to(attribute.kind()) {
        return Ok(());
    }
    let kind = attribute.kind().as_str();
    Err(invalid(attribute, format!("`{}` does not apply to {kind} values", operator.as_str())))
}

/// The operand in the form of the attribute's values.
pub(super) fn prepared(
    attribute: &Attribute,
    operator: Operator,
    literal: &Literal<'_>,
    accept_bare_words: bool,
) -> Result<Prepared, ScimError> {
    check_operator(attribute, operator)?;
    let prepared = match attribute.preparation() {
        Preparation::Boolean => boolean(literal).map(Prepared::Boolean),
        Preparation::Number => number(literal).map(Prepared::Number),
        _ => text(literal, accept_bare_words).and_then(|text| match operator.is_textual() {
            true => prepare_fragment(attribute, text),
            false => prepare_text(attribute, text),
        }),
    };
    prepared.ok_or_else(|| mismatch(attribute, operator, literal))
}

/// The text of an operand that is to be a string.
pub(super) fn text<'a>(literal: &'a Literal<'_>, accept_bare_words: bool) -> Option<&'a str> {
    match literal {
        Literal::String(text) | Literal::Bare(text) => Some(text),
        Literal::Number(number) if accept_bare_words => Some(number.as_str()),
        Literal::Bool(true) if accept_bare_words => Some("true"),
        Literal::Bool(false) if accept_bare_words => Some("false"),
        Literal::Number(_) | Literal::Bool(_) | Literal::Null => None,
    }
}

/// 400 `invalidFilter` about an operand that is not of the attribute's type (F-014). It says
/// nothing of the operand but its type.
pub(super) fn mismatch(
    attribute: &Attribute,
    operator: Operator,
    literal: &Literal<'_>,
) -> ScimError {
    let found = match literal {
        Literal::Null => "null",
        Literal::Bool(_) => "a boolean",
        Literal::Number(_) => "a number",
        Literal::String(_) => "a string",
        Literal::Bare(_) => "a word without quotes",
    };
    let expected = attribute.kind().expectation();
    invalid(attribute, format!("`{}` expects {expected}, found {found}", operator.as_str()))
}

/// 400 `invalidFilter` about an attribute.
pub(super) fn invalid(attribute: &Attribute, detail: String) -> ScimError {
    ScimError::new(ScimType::InvalidFilter, detail).at(attribute.path())
}

/// Entra ID sends `"True"` and `"False"`.
fn boolean(literal: &Literal<'_>) -> Option<bool> {
    match literal {
        Literal::Bool(value) => Some(*value),
        Literal::String(text) | Literal::Bare(text) if text.eq_ignore_ascii_case("true") => {
            Some(true)
        }
        Literal::String(text) | Literal::Bare(text) if text.eq_ignore_ascii_case("false") => {
            Some(false)
        }
        _ => None,
    }
}

fn number(literal: &Literal<'_>) -> Option<Decimal> {
    match literal {
        Literal::Number(number) => Decimal::parse(number.as_str()),
        Literal::Bare(text) => Decimal::parse(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where bare words are taken for texts, so are numbers and booleans that stand for texts.
    #[test]
    fn what_has_no_quotes_is_a_text_where_that_is_accepted() {
        let number = scim_filter::NumberText::new("42").unwrap();
        for (literal, unquoted) in [
            (Literal::Number(number), "42"),
            (Literal::Bool(true), "true"),
            (Literal::Bool(false), "false"),
        ] {
            assert_eq!(text(&literal, true), Some(unquoted));
            assert_eq!(text(&literal, false), None, "{unquoted}");
        }
        for accept_bare_words in [true, false] {
            assert_eq!(text(&Literal::String("a".into()), accept_bare_words), Some("a"));
            assert_eq!(text(&Literal::Bare("a".into()), accept_bare_words), Some("a"));
            assert_eq!(text(&Literal::Null, accept_bare_words), None);
        }
    }

    #[test]
    fn a_bare_word_may_be_a_boolean_or_a_number() {
        assert_eq!(boolean(&Literal::Bare("TRUE".into())), Some(true));
        assert_eq!(boolean(&Literal::String("False".into())), Some(false));
        assert_eq!(boolean(&Literal::Bare("yes".into())), None);
        assert_eq!(number(&Literal::Bare("007".into())), Decimal::parse("7"));
        assert_eq!(number(&Literal::Bare("seven".into())), None);
        assert_eq!(number(&Literal::String("7".into())), None);
    }
}
