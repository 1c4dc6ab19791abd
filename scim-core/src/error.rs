//! The errors that clients see (RFC 7644 §3.12).

use std::{borrow::Cow, fmt};

use http::StatusCode;

/// A SCIM error: an HTTP status, a `scimType` where one applies, and a text that helps.
///
/// ```
/// use scim_core::{ScimError, ScimType};
///
/// let error = ScimError::new(ScimType::InvalidValue, "expected a boolean, found a string")
///     .at("active");
/// assert_eq!(error.status(), 400);
/// assert_eq!(error.to_string(), "`active`: expected a boolean, found a string");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimError {
    status: StatusCode,
    scim_type: Option<ScimType>,
    detail: Cow<'static, str>,
    attribute: Option<Box<str>>,
    operation: Option<usize>,
    advice: Option<&'static str>,
}

/// The kind of a SCIM error (RFC 7644 §3.12, Table 9; RFC 9865 §2.1). Closed by the RFCs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScimType {
    /// The filter is malformed or asks what cannot be asked. 400.
    InvalidFilter,
    /// The query gives more results than the server is willing to work through. 400.
    TooMany,
    /// A unique value is taken. 409.
    Uniqueness,
    /// The attribute cannot be changed in this way. 400.
    Mutability,
    /// The body is malformed or not of the message that was expected. 400.
    InvalidSyntax,
    /// The path of a PATCH operation is malformed or names no attribute. 400.
    InvalidPath,
    /// The path of a PATCH operation selects nothing. 400.
    NoTarget,
    /// A value is missing or not of the attribute's type. 400.
    InvalidValue,
    /// The protocol version is not supported. 400.
    InvalidVers,
    /// The filter names what may not stand in a URL. 403.
    Sensitive,
    /// The cursor is not one of this query's. 400.
    InvalidCursor,
    /// The cursor is too old. 400.
    ExpiredCursor,
    /// The count does not fit the cursor. 400.
    InvalidCount,
}

impl ScimType {
    /// The keyword on the wire: `invalidFilter`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The status that goes with it (E-010, A-042).
    pub fn status(self) -> StatusCode {
        match self {
            Self::Uniqueness => StatusCode::CONFLICT,
            Self::Sensitive => StatusCode::FORBIDDEN,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

impl ScimError {
    /// An error of this kind, with the status that goes with it.
    pub fn new(scim_type: ScimType, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { scim_type: Some(scim_type), ..Self::with_status(scim_type.status(), detail) }
    }

    /// An error that no `scimType` applies to. A status that is no error becomes 500.
    pub fn with_status(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        let is_error = status.is_client_error() || status.is_server_error();
        Self {
            status: if is_error { status } else { StatusCode::INTERNAL_SERVER_ERROR },
            scim_type: None,
            detail: detail.into(),
            attribute: None,
            operation: None,
            advice: None,
        }
    }

    /// Says which attribute the error is about, by its path; of more than 256 characters the
    /// beginning is kept.
    pub fn at(mut self, attribute: impl Into<Box<str>>) -> Self {
        self.attribute.get_or_insert_with(|| shortened(&attribute.into()).into());
        self
    }

    /// Says which operation of a PATCH or Bulk request the error is about, counted from 0.
    pub fn in_operation(mut self, index: usize) -> Self {
        self.operation = Some(index);
        self
    }

    /// Says what whoever runs the client can do about it.
    pub fn advise(mut self, advice: &'static str) -> Self {
        self.advice.get_or_insert(advice);
        self
    }

    /// The HTTP status: 4xx or 5xx.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The kind, where one applies.
    pub fn scim_type(&self) -> Option<ScimType> {
        self.scim_type
    }

    /// The text without the place.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Path of the attribute that the error is about.
    pub fn attribute(&self) -> Option<&str> {
        self.attribute.as_deref()
    }

    /// The operation that the error is about, counted from 0.
    pub fn operation(&self) -> Option<usize> {
        self.operation
    }
}

/// A name of the client's as an error shows it: it may be long.
pub(crate) fn shortened(name: &str) -> Cow<'_, str> {
    const SHOWN: usize = 256;
    match name.char_indices().nth(SHOWN) {
        Some((end, _)) => Cow::Owned(format!("{}…", name.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(name),
    }
}

/// The whole text for humans, with the place: what `detail` says on the wire.
impl fmt::Display for ScimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(index) = self.operation {
            write!(f, "operation {}: ", index.saturating_add(1))?;
        }
        if let Some(attribute) = &self.attribute {
            write!(f, "`{attribute}`: ")?;
        }
        f.write_str(&self.detail)?;
        match self.advice {
            Some(advice) => write!(f, "; {advice}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ScimError {}

/// An error and what lies behind it, for the log.
#[cfg(any(feature = "tracing", test))]
pub(crate) fn causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |it| it.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
