//! The one place that makes responses.

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body::Body as _;

use super::{body::Body, error_response::ErrorResponse, etag::EntityTag, media_type::ResponseType};
use crate::resource::Version;

/// What a request is answered with.
#[derive(Debug)]
pub(crate) enum Reply {
    /// 200 with one resource.
    Resource(Representation),
    /// 201 with the resource that was added (RFC 7644 §3.3).
    Created(Representation),
    /// 200 with a message that is no resource: a list, the outcomes of a Bulk request.
    Message(Body),
    /// 204, with the version that the resource has now (V-005, T-014).
    NoContent(Option<Version>),
    /// 304: the client has this version already (V-007).
    NotModified(Version),
    /// 4xx or 5xx (RFC 7644 §3.12).
    Error(ErrorResponse),
}

/// A resource as it is sent.
#[derive(Debug)]
pub(crate) struct Representation {
    /// Its absolute URI, as in `meta.location`.
    pub(crate) location: String,
    /// Its version, where versions are offered.
    pub(crate) version: Option<Version>,
    /// Its JSON.
    pub(crate) body: Body,
}

impl From<ErrorResponse> for Reply {
    fn from(error: ErrorResponse) -> Self {
        Self::Error(error)
    }
}

impl From<crate::error::ScimError> for Reply {
    fn from(error: crate::error::ScimError) -> Self {
        Self::Error(error.into())
    }
}

impl Reply {
    /// Makes the response to a request of this method (RFC 9110 §9.3.2: HEAD is GET without the
    /// body, T-013).
    pub(crate) fn into_response(self, method: &Method, media_type: ResponseType) -> Response<Body> {
        let mut response = match self {
            Self::Resource(resource) => resource.into_response(StatusCode::OK),
            Self::Created(resource) => resource.into_response(StatusCode::CREATED),
            Self::Message(body) => Response::new(body),
            Self::NoContent(version) => without_body(StatusCode::NO_CONTENT, version.as_ref()),
            Self::NotModified(version) => without_body(StatusCode::NOT_MODIFIED, Some(&version)),
            Self::Error(error) => error.into_response(),
        };
        describe_body(&mut response, media_type);
        if method == Method::HEAD {
            *response.body_mut() = Body::empty();
        }
        response
    }
}

impl Representation {
    fn into_response(self, status: StatusCode) -> Response<Body> {
        let mut response = Response::new(self.body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        // RFC 7643 §3.1 names Content-Location where RFC 7644 shows Location: both are sent.
        if let Ok(location) = HeaderValue::try_from(self.location) {
            headers.insert(header::CONTENT_LOCATION, location.clone());
            headers.insert(header::LOCATION, location);
        }
        insert_etag(headers, self.version.as_ref());
        response
    }
}

impl ErrorResponse {
    fn into_response(self) -> Response<Body> {
        let mut response = Response::new(Body::from(self.body()));
        *response.status_mut() = self.error.status();
        *response.headers_mut() = self.headers;
        response
    }
}

fn without_body(status: StatusCode, version: Option<&Version>) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    insert_etag(response.headers_mut(), version);
    response
}

fn insert_etag(headers: &mut HeaderMap, version: Option<&Version>) {
    if let Some(tag) = version.and_then(|version| EntityTag(version).to_header()) {
        headers.insert(header::ETAG, tag);
    }
}

/// Adds type and length of the body, if there is one (T-014).
fn describe_body(response: &mut Response<Body>, media_type: ResponseType) {
    if response.body().is_end_stream() {
        return;
    }
    let length = response.body().size_hint().exact();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type.to_header());
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
}
