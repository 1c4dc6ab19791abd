//! What can be wrong with schemas and resource types when they are registered.

/// A schema or resource type that contradicts itself or the rules of RFC 7643.
///
/// Found when a [`Registry`](super::Registry) is built, before anything is served.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {kind}")]
pub struct SchemaError {
    place: String,
    kind: SchemaErrorKind,
}

impl SchemaError {
    pub(super) fn new(place: impl Into<String>, kind: SchemaErrorKind) -> Self {
        Self { place: place.into(), kind }
    }

    /// Which rule is broken.
    pub fn kind(&self) -> &SchemaErrorKind {
        &self.kind
    }

    /// Where: a schema URN, an attribute path or the name of a resource type.
    pub fn place(&self) -> &str {
        &self.place
    }
}

/// Which rule a schema or resource type breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaErrorKind {
    /// The text is not JSON, or not of the shape of a definition.
    #[error("not a definition: {0}")]
    Malformed(String),
    /// A schema URI without a scheme, such as `User` (RFC 7643 §7).
    #[error("a schema id must be a URI with a scheme")]
    InvalidUri,
    /// URIs below `urn:ietf:params:scim:schemas:core` and `:api` belong to the RFCs
    /// (RFC 7643 §10.3).
    #[error("the URI is reserved for the SCIM standards")]
    ReservedUri,
    /// An attribute name outside `ALPHA *nameChar` (RFC 7643 §2.1).
    #[error("not an attribute name")]
    InvalidName,
    /// Two attributes, schemas, endpoints or resource types that differ at most in case.
    #[error("defined twice")]
    Duplicate,
    /// A complex attribute inside a complex attribute (RFC 7643 §2.3.8).
    #[error("a complex attribute may not be part of a complex attribute")]
    NestedComplex,
    /// A complex attribute without sub-attributes, or a simple one with them.
    #[error("sub-attributes belong to complex attributes, and to all of those")]
    MisplacedSubAttributes,
    /// `referenceTypes` on an attribute that is no reference (RFC 7643 §7).
    #[error("referenceTypes belong to references only")]
    MisplacedReferenceTypes,
    /// `type`, `primary`, `display`, `value` or `$ref` with another meaning (RFC 7643 §2.4).
    #[error("a standard sub-attribute of a multi-valued attribute must have type `{expected}`")]
    RedefinedSubAttribute {
        /// The type that the RFC gives the sub-attribute.
        expected: &'static str,
    },
    /// `uniqueness` on a binary or boolean attribute (RFC 7643 §2.3.6).
    #[error("values of this type cannot be unique")]
    MisplacedUniqueness,
    /// A writeOnly part of a multi-valued attribute: what the host keeps of it could not be told
    /// apart when the values are written again.
    #[error("a part of a multi-valued attribute cannot be writeOnly, only the whole can")]
    MisplacedSecret,
    /// A resource type that names a schema nobody registered (RFC 7643 §6).
    #[error("unknown schema `{0}`")]
    UnknownSchema(String),
    /// An endpoint that is not one path segment after a slash (RFC 7643 §6).
    #[error("an endpoint is a slash and one path segment, and none of those the protocol uses")]
    InvalidEndpoint,
    /// A relation on an attribute that cannot hold edges.
    #[error("a relation needs a multi-valued complex attribute with a `value`")]
    NotARelation,
    /// A relation that names a resource type nobody registered.
    #[error("unknown resource type `{0}`")]
    UnknownResourceType(String),
    /// An inverse attribute that clients could write, or that two relations share.
    #[error("the inverse of a relation must be a readOnly attribute of its own")]
    InvalidInverse,
}
