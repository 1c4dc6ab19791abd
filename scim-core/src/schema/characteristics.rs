//! The characteristics of attributes (RFC 7643 §2.2, §7).

use serde::{Deserialize, Serialize};

/// The data type of an attribute (RFC 7643 §2.3).
///
/// The RFC closes the list: extensions bring in no new types, so the enum is exhaustive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeType {
    /// Unicode text.
    #[default]
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with or without a fraction.
    Decimal,
    /// A number without a fraction.
    Integer,
    /// An `xsd:dateTime` with date and time.
    DateTime,
    /// Octets in base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl AttributeType {
    /// The name the type has in a schema, such as `dateTime`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }

    /// What a value has to be, for error messages: `a string`.
    pub(crate) fn expectation(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Boolean => "a boolean (true or false)",
            Self::Decimal => "a number",
            Self::Integer => "an integer",
            Self::DateTime => "a dateTime such as \"2011-05-13T04:42:34Z\"",
            Self::Binary => "a string in base64",
            Self::Reference => "a URI",
            Self::Complex => "an object",
        }
    }

    /// Whether values are text for which `caseExact` has a meaning.
    pub fn has_case(self) -> bool {
        matches!(self, Self::String | Self::Reference | Self::Binary | Self::DateTime)
    }
}

/// Who may write an attribute, and when (RFC 7643 §7, `mutability`). Closed by the RFC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the service provider.
    ReadOnly,
    /// Anyone, at any time.
    #[default]
    ReadWrite,
    /// Once; never changed afterwards.
    Immutable,
    /// Anyone; never returned.
    WriteOnly,
}

/// When an attribute is returned (RFC 7643 §7, `returned`). Closed by the RFC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every representation, even when excluded.
    Always,
    /// In none, even when asked for.
    Never,
    /// Unless excluded or left out of `attributes`.
    #[default]
    Default,
    /// Only when named in `attributes` or set by the request.
    Request,
}

/// Over which resources a value is unique (RFC 7643 §7, `uniqueness`). Closed by the RFC.
///
/// `server` and `global` are enforced alike: over all resources of one type in one tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Duplicates are allowed.
    #[default]
    None,
    /// Unique in the tenant.
    Server,
    /// Unique everywhere.
    Global,
}
