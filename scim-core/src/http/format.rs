//! The format of bodies: the one place where suffix, `Accept` and `Content-Type` choose it, for
//! all versions of the protocol. A format is a code for JSON values; what they say is left to the
//! [`Dialect`](super::dialect::Dialect).

use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::media_type;
use crate::{config::ResponseType, error::ScimError};

/// How the values of a body are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// JSON under the media type of SCIM 2.0 (RFC 7644 §8.1).
    Scim,
    /// JSON.
    Json,
    /// XML.
    #[cfg(feature = "xml")]
    Xml,
}

impl Format {
    /// The media types that name the format; the first is the one that answers have.
    pub(super) fn media_types(self) -> &'static [&'static str] {
        const SCIM: &[&str] = &[ResponseType::Scim.as_str()];
        const JSON: &[&str] = &[ResponseType::Json.as_str()];
        match self {
            Self::Scim => SCIM,
            Self::Json => JSON,
            #[cfg(feature = "xml")]
            Self::Xml => &["application/xml", "text/xml"],
        }
    }

    /// What ends a path that asks for the format, without the dot.
    #[cfg(feature = "scim11")]
    pub(super) fn suffix(self) -> Option<&'static str> {
        match self {
            Self::Json => Some("json"),
            #[cfg(feature = "xml")]
            Self::Xml => Some("xml"),
            Self::Scim => None,
        }
    }

    /// The media type as a header.
    pub(crate) fn to_header(self) -> HeaderValue {
        const SCIM: HeaderValue = HeaderValue::from_static(ResponseType::Scim.as_str());
        const JSON: HeaderValue = HeaderValue::from_static(ResponseType::Json.as_str());
        match self {
            Self::Scim => SCIM,
            Self::Json => JSON,
            #[cfg(feature = "xml")]
            Self::Xml => HeaderValue::from_static("application/xml"),
        }
    }

    /// Chooses among what the client accepts (RFC 9110 §12.5.1); of those that are equally
    /// welcome, the first that is offered.
    ///
    /// # Errors
    /// 406 when the client accepts none (T-004).
    pub(crate) fn accepted(headers: &HeaderMap, offered: &[Self]) -> Result<Self, ScimError> {
        media_type::negotiate(headers, offered).ok_or_else(|| {
            let detail = format!("responses are {} only", names(offered));
            ScimError::with_status(StatusCode::NOT_ACCEPTABLE, detail)
        })
    }

    /// The format of the body of a request.
    ///
    /// A body without a media type is taken for the first that is understood; parameters such as
    /// `charset` are tolerated.
    ///
    /// # Errors
    /// 415 for any other media type (T-005, T-016) and for an encoded body (RFC 9110 §8.4).
    pub(crate) fn of_content(headers: &HeaderMap, understood: &[Self]) -> Result<Self, ScimError> {
        let unsupported =
            |detail| ScimError::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
        let mut found = understood.first().copied().unwrap_or(Self::Json);
        for value in headers.get_all(header::CONTENT_TYPE) {
            let named = |it: &&Self| media_type::names(value.as_bytes(), **it);
            match understood.iter().find(named) {
                Some(format) => found = *format,
                None => {
                    return Err(unsupported(format!("requests are {} only", names(understood))));
                }
            }
        }
        match media_type::is_encoded(headers) {
            false => Ok(found),
            true => Err(unsupported("encoded requests are not supported".to_owned())),
        }
    }
}

impl From<ResponseType> for Format {
    fn from(media_type: ResponseType) -> Self {
        match media_type {
            ResponseType::Scim => Self::Scim,
            ResponseType::Json => Self::Json,
        }
    }
}

/// The media types, for humans.
fn names(formats: &[Format]) -> String {
    let types = formats.iter().flat_map(|format| format.media_types());
    types.copied().collect::<Vec<_>>().join(" or ")
}
