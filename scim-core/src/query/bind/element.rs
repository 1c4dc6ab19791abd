//! Inside the brackets: tests of one value of an attribute (RFC 7644 §3.4.2.2, `valFilter`).

use std::sync::Arc;

use scim_filter::{AttrPath, Literal, ValuePath};

use super::{Scope, operand, refused, terms::Terms};
use crate::{
    error::{ScimError, shortened},
    query::{Operator, Predicate},
    schema::{Attribute, AttributeType},
};

/// Names are those of the attribute's parts.
pub(super) struct ElementScope<'a> {
    attribute: &'a Arc<Attribute>,
    terms: Terms<'a>,
}

impl<'a> ElementScope<'a> {
    /// Refuses attributes whose values have no parts to filter by.
    pub(super) fn new(attribute: &'a Arc<Attribute>, terms: Terms<'a>) -> Result<Self, ScimError> {
        if attribute.kind() != AttributeType::Complex && !attribute.is_multi_valued() {
            let detail = "takes no value filter: it is neither complex nor multi-valued";
            return Err(operand::invalid(attribute, detail.to_owned()));
        }
        Ok(Self { attribute: terms.admit(attribute)?, terms })
    }

    fn resolve(&self, path: &AttrPath<'_>) -> Result<&'a Arc<Attribute>, ScimError> {
        let part = part_of(self.attribute, path)?;
        self.terms.admit(part)
    }
}

impl Scope for ElementScope<'_> {
    fn present(&self, path: &AttrPath<'_>) -> Result<Predicate, ScimError> {
        Ok(Predicate::Present(self.resolve(path)?.clone()))
    }

    fn compare(
        &self,
        path: &AttrPath<'_>,
        operator: Operator,
        operand: &Literal<'_>,
    ) -> Result<Predicate, ScimError> {
        self.terms.compare(self.resolve(path)?, operator, operand)
    }

    fn value_path(&self, value_path: &ValuePath<'_>) -> Result<Predicate, ScimError> {
        Err(nested(value_path))
    }
}

/// The part that a name inside the brackets means. The values of a simple multi-valued attribute
/// go by the name `value`.
pub(super) fn part_of<'a>(
    attribute: &'a Arc<Attribute>,
    path: &AttrPath<'_>,
) -> Result<&'a Arc<Attribute>, ScimError> {
    let is_bare = path.uri.is_none() && path.sub.is_none();
    let part = match attribute.kind() {
        AttributeType::Complex => attribute.sub_attribute(&path.name),
        _ => (path.name == "value").then_some(attribute),
    };
    part.filter(|_| is_bare).ok_or_else(|| {
        let detail = format!("has no sub-attribute `{}`", shortened(&path.to_string()));
        operand::invalid(attribute, detail)
    })
}

/// F-019
pub(super) fn nested(value_path: &ValuePath<'_>) -> ScimError {
    refused(&value_path.path, "value filters do not nest")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Registry;

    #[test]
    fn inside_the_brackets_there_are_bare_names_alone() {
        let registry = Registry::standard();
        let emails = registry.resource_type("User").unwrap().attribute("emails").unwrap();
        for (path, part) in [
            ("type", Some("emails.type")),
            ("TYPE", Some("emails.type")),
            ("colour", None),
            ("type.value", None),
            ("urn:ietf:params:scim:schemas:core:2.0:User:type", None),
        ] {
            let found = part_of(emails, &path.parse().unwrap());
            match part {
                Some(part) => assert_eq!(found.unwrap().path(), part),
                None => {
                    let error = found.unwrap_err();
                    assert_eq!(error.scim_type(), Some(crate::ScimType::InvalidFilter), "{error}");
                }
            }
        }
    }
}
