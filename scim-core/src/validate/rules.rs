//! How strictly bodies are read.

use crate::tolerance::Tolerance;

/// How strictly bodies are read. The default suits what identity providers really send.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rules {
    /// What to do with attributes that no schema has.
    pub unknown_attributes: UnknownAttributes,
    /// Whether `canonicalValues` bind.
    pub canonical_values: CanonicalValues,
    /// Whether the forms that the RFC gives some values bind.
    pub value_forms: ValueForms,
    /// What to do with a body that names no schemas.
    pub missing_schemas: MissingSchemas,
    /// Which values of a neighbouring type are rewritten before they are checked.
    pub tolerance: Tolerance,
}

impl Rules {
    /// Nothing but what the RFCs say: unknown attributes are refused, values keep to their forms,
    /// none is rewritten.
    pub fn strict() -> Self {
        Self {
            unknown_attributes: UnknownAttributes::Refuse,
            canonical_values: CanonicalValues::Suggest,
            value_forms: ValueForms::Enforce,
            missing_schemas: MissingSchemas::Refuse,
            tolerance: Tolerance::none(),
        }
    }

    /// Sets what to do with attributes that no schema has.
    pub fn unknown_attributes(mut self, choice: UnknownAttributes) -> Self {
        self.unknown_attributes = choice;
        self
    }

    /// Sets whether `canonicalValues` bind.
    pub fn canonical_values(mut self, choice: CanonicalValues) -> Self {
        self.canonical_values = choice;
        self
    }

    /// Sets whether the forms that the RFC gives some values bind.
    pub fn value_forms(mut self, choice: ValueForms) -> Self {
        self.value_forms = choice;
        self
    }

    /// Sets what to do with a body that names no schemas.
    pub fn missing_schemas(mut self, choice: MissingSchemas) -> Self {
        self.missing_schemas = choice;
        self
    }

    /// Sets which values are rewritten before they are checked.
    pub fn tolerance(mut self, tolerance: Tolerance) -> Self {
        self.tolerance = tolerance;
        self
    }
}

/// What to do with attributes that no schema of the resource type has (C-012).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UnknownAttributes {
    /// They are left out and noted.
    #[default]
    Ignore,
    /// 400 `invalidSyntax`.
    Refuse,
}

/// Whether values outside `canonicalValues` are accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CanonicalValues {
    /// Any value is accepted.
    #[default]
    Suggest,
    /// 400 `invalidValue`.
    Enforce,
}

/// Whether values that are of their type but not of their form are accepted (RFC 7643 §2.3.6,
/// §2.3.7, §4.1): language tags in `locale` and `preferredLanguage`, names in `timezone`, two
/// letters in `addresses.country`, one certificate in each of `x509Certificates`, base64 without
/// white space, ASCII in references.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValueForms {
    /// Any value of the type is accepted and stored as it is.
    #[default]
    Suggest,
    /// 400 `invalidValue`.
    Enforce,
}

/// What to do with a body that names no schemas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MissingSchemas {
    /// The base schema of the endpoint is assumed and noted.
    #[default]
    Infer,
    /// 400 `invalidSyntax`.
    Refuse,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_choice_is_set_by_itself_and_stays() {
        let strict = Rules::default()
            .unknown_attributes(UnknownAttributes::Refuse)
            .value_forms(ValueForms::Enforce)
            .missing_schemas(MissingSchemas::Refuse)
            .tolerance(Tolerance::none());
        assert_eq!(strict, Rules::strict());
        let enforced = strict.canonical_values(CanonicalValues::Enforce);
        assert_eq!(enforced.canonical_values, CanonicalValues::Enforce);
        assert_eq!(enforced.canonical_values(CanonicalValues::Suggest), Rules::strict());
    }
}
