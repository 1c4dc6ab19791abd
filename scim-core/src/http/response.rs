//! The one place that makes responses.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body::Body as _;

use super::{
    body::Body, dialect::Dialect, error_response::ErrorResponse, etag::EntityTag, format::Format,
};
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
    /// 304: the client has this version already (V-007); the body is left out.
    NotModified(Representation),
    /// 308: the resource is at this absolute URI for good (RFC 7644 §3.11).
    Moved(String),
    /// 4xx or 5xx (RFC 7644 §3.12).
    Error(ErrorResponse),
}

/// A resource as it is sent.
#[derive(Debug)]
pub(crate) struct Representation {
    /// Its absolute URI, as in `meta.location`.
    pub(crate) location: Bytes,
    /// The entity tag of its version; empty where there is none.
    pub(crate) tag: Bytes,
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
    pub(crate) fn into_response(
        self,
        method: &Method,
        dialect: &dyn Dialect,
        format: Format,
    ) -> Response<Body> {
        let mut response = match self {
            Self::Resource(resource) => resource.into_response(StatusCode::OK),
            Self::Created(resource) => resource.into_response(StatusCode::CREATED),
            Self::Message(body) => Response::new(body),
            Self::NoContent(None) if method == Method::DELETE => status_alone(dialect.removed()),
            Self::NoContent(version) => no_content(version.as_ref()),
            Self::NotModified(resource) => resource.into_response(StatusCode::NOT_MODIFIED),
            Self::Moved(location) => moved(location),
            Self::Error(error) => error.into_response(dialect),
        };
        describe_body(&mut response, format);
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
        if let Ok(location) = HeaderValue::from_maybe_shared(self.location) {
            headers.insert(header::CONTENT_LOCATION, location.clone());
            headers.insert(header::LOCATION, location);
        }
        if let (false, Ok(tag)) = (self.tag.is_empty(), HeaderValue::from_maybe_shared(self.tag)) {
            headers.insert(header::ETAG, tag);
        }
        response
    }
}

impl ErrorResponse {
    fn into_response(self, dialect: &dyn Dialect) -> Response<Body> {
        let mut response = Response::new(Body::from(dialect.error(&self)));
        *response.status_mut() = self.error.status();
        *response.headers_mut() = *self.headers;
        response
    }
}

fn no_content(version: Option<&Version>) -> Response<Body> {
    let mut response = status_alone(StatusCode::NO_CONTENT);
    if let Some(tag) = version.and_then(|version| EntityTag(version).to_header()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

fn status_alone(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn moved(location: String) -> Response<Body> {
    let mut response = status_alone(StatusCode::PERMANENT_REDIRECT);
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Adds type and length of the body, if there is one (T-014).
fn describe_body(response: &mut Response<Body>, format: Format) {
    if response.body().is_end_stream() {
        return;
    }
    let length = response.body().size_hint().exact();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, format.to_header());
    if let Some(length) = length {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{super::dialect::Two, *};
    use crate::error::{ScimError, ScimType};

    const LOCATION: &str = "https://example.com/v2/Users/1";

    fn user() -> Representation {
        Representation {
            location: Bytes::from_static(LOCATION.as_bytes()),
            tag: Bytes::from_static(b"W/\"7\""),
            body: Body::from(b"{}".to_vec()),
        }
    }

    fn unversioned() -> Representation {
        Representation { tag: Bytes::new(), ..user() }
    }

    fn known() -> Representation {
        Representation { body: Body::empty(), ..user() }
    }

    fn list() -> Body {
        Body::from(b"{}".to_vec())
    }

    fn not_allowed() -> ErrorResponse {
        let error = ScimError::with_status(StatusCode::METHOD_NOT_ALLOWED, "no");
        ErrorResponse::from(error).allowing("GET, HEAD")
    }

    fn sent(response: Response<Body>) -> (String, String) {
        let (parts, body) = response.into_parts();
        let mut headers: Vec<_> = parts
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        let body = pollster::block_on(super::super::content::read_body(body, 1000)).unwrap();
        let head = format!("{} {}", parts.status.as_u16(), headers.join("; "));
        (head, String::from_utf8_lossy(&body).into_owned())
    }

    #[test]
    fn replies_become_responses() {
        // E-001 to E-003, T-002, T-014, V-005, V-007
        let json = "content-length: 2; content-type: application/scim+json";
        let at = format!("content-location: {LOCATION}");
        let json_at = format!("content-length: 2; {at}; content-type: application/scim+json");
        let tagged = format!("{json_at}; etag: W/\"7\"; location: {LOCATION}");
        let cases = [
            (Reply::Resource(user()), format!("200 {tagged}"), "{}"),
            (Reply::Created(user()), format!("201 {tagged}"), "{}"),
            // V-004
            (Reply::Resource(unversioned()), format!("200 {json_at}; location: {LOCATION}"), "{}"),
            (Reply::Message(list()), format!("200 {json}"), "{}"),
            (Reply::NoContent(None), "204 ".into(), ""),
            (Reply::NoContent(Some(Version::from(7))), "204 etag: W/\"7\"".into(), ""),
            // RFC 9110 §15.4.5
            (
                Reply::NotModified(known()),
                format!("304 {at}; etag: W/\"7\"; location: {LOCATION}"),
                "",
            ),
            (
                Reply::from(not_allowed()),
                "405 allow: GET, HEAD; content-length: 88; content-type: application/scim+json"
                    .into(),
                r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"405","detail":"no"}"#,
            ),
        ];
        for (reply, head, body) in cases {
            let shown = format!("{reply:?}");
            let response = reply.into_response(&Method::GET, &Two, Format::Scim);
            assert_eq!(sent(response), (head, body.to_owned()), "{shown}");
        }
    }

    #[test]
    fn head_is_get_without_the_body() {
        // T-013
        let replies: [fn() -> Reply; 3] = [
            || Reply::Resource(user()),
            || Reply::NotModified(known()),
            || ScimError::new(ScimType::InvalidValue, "no").into(),
        ];
        for reply in replies {
            let get = sent(reply().into_response(&Method::GET, &Two, Format::Scim));
            let head = sent(reply().into_response(&Method::HEAD, &Two, Format::Scim));
            assert_eq!(head, (get.0, String::new()));
        }
    }

    #[test]
    fn streams_have_no_length_and_the_type_is_as_negotiated() {
        struct Once(Option<Bytes>);

        #[async_trait::async_trait]
        impl super::super::body::Producer for Once {
            async fn next(&mut self) -> Result<Option<Bytes>, super::super::BodyError> {
                Ok(self.0.take())
            }
        }

        let stream = || Body::stream(Once(Some(Bytes::from_static(b"{}"))));
        let respond = |method| Reply::Message(stream()).into_response(method, &Two, Format::Json);
        let head = "200 content-type: application/json".to_owned();
        assert_eq!(sent(respond(&Method::GET)), (head.clone(), "{}".into()));
        assert_eq!(sent(respond(&Method::HEAD)), (head, String::new()));
    }
}
