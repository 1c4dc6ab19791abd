//! Tests of attributes that stand in a document.

use std::sync::Arc;

use scim_filter::Literal;

use super::{location, operand};
use crate::{
    error::ScimError,
    query::{
        Comparison, Operator, Predicate, Prepared,
        prepare::{prepare_text, version},
        uri,
    },
    schema::{Attribute, AttributeType, Preparation, Returned},
};

/// How single tests are made, wherever their names were looked up.
#[derive(Clone, Copy, Default)]
pub(super) struct Terms<'a> {
    /// The base URL, where there is one.
    pub(super) base: Option<&'a str>,
    /// Attributes that may not be named.
    pub(super) unsearchable: &'a [Arc<Attribute>],
    /// Whether numbers and booleans may stand for texts.
    pub(super) accept_bare_words: bool,
}

impl Terms<'_> {
    /// Refuses attributes that no filter may name, since its result would betray their value
    /// (F-026, F-029).
    pub(super) fn admit<'b>(
        &self,
        attribute: &'b Arc<Attribute>,
    ) -> Result<&'b Arc<Attribute>, ScimError> {
        let is_unsearchable = self.unsearchable.iter().any(|whole| attribute.is_within(whole));
        if is_unsearchable || attribute.returned() == Returned::Never {
            return Err(operand::invalid(attribute, "cannot be used in a filter".to_owned()));
        }
        Ok(attribute)
    }

    /// `attribute operator literal`
    pub(super) fn compare(
        &self,
        attribute: &Arc<Attribute>,
        operator: Operator,
        literal: &Literal<'_>,
    ) -> Result<Predicate, ScimError> {
        let attribute = self.admit(comparable_part(attribute)?)?;
        let operand = operand::prepared(attribute, operator, literal, self.accept_bare_words)?;
        let spelled = |operand| {
            Predicate::Compare(Comparison { attribute: attribute.clone(), operator, operand })
        };
        Ok(match self.spellings(attribute, operator, &operand) {
            Some(spellings) => Predicate::any(spellings.into_iter().flatten().map(spelled)),
            None => spelled(operand),
        })
    }

    /// The forms in which a document may hold the operand, where there are two.
    fn spellings(
        &self,
        attribute: &Attribute,
        operator: Operator,
        operand: &Prepared,
    ) -> Option<[Option<Prepared>; 2]> {
        if attribute.preparation() != Preparation::Reference {
            return None;
        }
        let (text, version) = (operand.as_text()?, version(attribute));
        if operator == Operator::Equal {
            // What is below the base goes by an absolute or a relative URI (A-016).
            let relative = location::below(self.base?, text, version)?;
            let absolute = format!("{}/{relative}", self.base?);
            return Some([&*absolute, &*relative].map(|url| prepare_text(attribute, url)));
        }
        // What is meant for a part may be the whole, which is kept in its normal form (F-009).
        let whole = uri::normalised(text, version);
        let is_another = operator.is_textual() && uri::has_scheme(text) && *whole != *text;
        is_another.then(|| [Some(operand.clone()), Some(Prepared::Text(whole))])
    }
}

/// The attribute that is compared where one is named: the `value` of a multi-valued complex one
/// (F-020).
pub(super) fn comparable_part(attribute: &Arc<Attribute>) -> Result<&Arc<Attribute>, ScimError> {
    if attribute.kind() != AttributeType::Complex {
        return Ok(attribute);
    }
    attribute.sub_attribute("value").filter(|_| attribute.is_multi_valued()).ok_or_else(|| {
        let detail = "is complex: a filter compares one of its sub-attributes";
        operand::invalid(attribute, detail.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use crate::{
        query::{BindContext, Predicate, bind},
        schema::Registry,
    };

    const BASE: &str = "https://example.com/v2";

    #[test]
    fn only_references_are_spelt_in_two_ways_and_only_as_a_whole() {
        // A-016
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let bound =
            |filter: &str| bind(&filter.parse().unwrap(), &BindContext::new(user, BASE)).unwrap();
        for (filter, is_one) in [
            (r#"profileUrl eq "Users/1""#, false),
            (r#"profileUrl eq "https://example.com/v2/Users/1""#, false),
            (r#"profileUrl eq "https://other.example/Users/1""#, true),
            (r#"profileUrl co "Users/1""#, true),
            (r#"userName eq "Users/1""#, true),
            (r#"profileUrl co "http://other.example""#, false),
            (r#"profileUrl co "http://other.example/""#, true),
            (r#"profileUrl co "../Users/1""#, true),
        ] {
            assert_eq!(matches!(bound(filter), Predicate::Compare(_)), is_one, "{filter}");
        }
    }

    #[test]
    fn naming_the_whole_is_no_way_to_a_part_that_is_kept_from_the_caller() {
        // F-029
        let registry = Registry::standard();
        let user = registry.resource_type("User").unwrap();
        let value = user.attribute("emails").unwrap().sub_attribute("value").unwrap().clone();
        let unsearchable = [value];
        let mut context = BindContext::new(user, BASE);
        for (filter, is_open) in [(r#"emails eq "a@x""#, false), (r#"emails.type eq "work""#, true)]
        {
            context.unsearchable = &[];
            assert!(bind(&filter.parse().unwrap(), &context).is_ok(), "{filter}");
            context.unsearchable = &unsearchable;
            assert_eq!(bind(&filter.parse().unwrap(), &context).is_ok(), is_open, "{filter}");
        }
    }
}
