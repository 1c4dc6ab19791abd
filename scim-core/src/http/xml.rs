//! XML over HTTP.

use http::{HeaderValue, Method, Response, StatusCode, header};
use http_body::Body as _;

use super::{body::Body, content::read_body, dialect::Dialect, format::Format};
use crate::{
    error::ScimError,
    resource::plain_value,
    schema::{Registry, ResourceType},
    xml::XmlFormat,
};

/// SCIM 2.0, in XML too.
#[derive(Debug)]
pub(crate) struct TwoInXml(pub(crate) XmlFormat);

impl Dialect for TwoInXml {
    fn formats(&self) -> &'static [Format] {
        &[Format::Scim, Format::Json, Format::Xml]
    }

    fn understood_resources(&self) -> &'static [Format] {
        self.formats()
    }

    fn xml(&self) -> Option<&XmlFormat> {
        Some(&self.0)
    }
}

/// Writes the body of an answer, which is JSON so far, as XML; it is not streamed from then on.
/// The answer to HEAD has no body.
///
/// # Errors
/// 500 when the body cannot be produced to its end.
pub(crate) async fn encoded(
    response: Response<Body>,
    method: &Method,
    xml: &XmlFormat,
    registry: &Registry,
    resource_type: Option<&ResourceType>,
) -> Result<Response<Body>, ScimError> {
    let (mut head, body) = response.into_parts();
    if body.is_end_stream() {
        return Ok(Response::from_parts(head, body));
    }
    let failed = || {
        let detail = "the response could not be produced";
        ScimError::with_status(StatusCode::INTERNAL_SERVER_ERROR, detail)
    };
    let json = read_body(body, usize::MAX).await.map_err(|_| failed())?;
    let document = plain_value(&json).map_err(|_| failed())?;
    let text = xml.write(registry, resource_type, &document);
    head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
    let body = if method == Method::HEAD { Body::empty() } else { text.into_bytes().into() };
    Ok(Response::from_parts(head, body))
}
