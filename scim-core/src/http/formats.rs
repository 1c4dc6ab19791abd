//! The formats that a server speaks: JSON always, XML where the host says how it looks.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use http_body::Body as _;

use super::{body::Body, content::read_body, format::Format};
#[cfg(feature = "xml")]
use crate::xml::XmlFormat;
use crate::{
    error::ScimError,
    resource::Object,
    schema::{Registry, ResourceType},
};

/// The formats of bodies, in the order of preference.
#[derive(Debug, Default)]
pub(crate) struct Formats {
    other: Option<Encoder>,
}

/// What encodes bodies otherwise than as JSON. Without the feature `xml` there is none.
#[derive(Debug)]
pub(crate) struct Encoder {
    #[cfg(feature = "xml")]
    xml: XmlFormat,
    #[cfg(not(feature = "xml"))]
    none: std::convert::Infallible,
}

const JSON: &[Format] = &[Format::Scim, Format::Json];

impl Formats {
    #[cfg(feature = "xml")]
    pub(crate) fn with_xml(xml: XmlFormat) -> Self {
        Self { other: Some(Encoder { xml }) }
    }

    /// Those that answers have, and resources in requests.
    pub(crate) fn offered(&self) -> &'static [Format] {
        match &self.other {
            #[cfg(feature = "xml")]
            Some(_) => &[Format::Scim, Format::Json, Format::Xml],
            _ => JSON,
        }
    }

    /// What encodes answers in this format, unless it is JSON.
    pub(crate) fn encoder(&self, format: Format) -> Option<&Encoder> {
        self.other.as_ref().filter(|_| !JSON.contains(&format))
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// 415 for a format that is not offered, 400 `invalidSyntax` for a malformed body.
    pub(super) fn read_resource(
        &self,
        headers: &HeaderMap,
        resource_type: &ResourceType,
        body: &Bytes,
        depth: usize,
    ) -> Result<Object, ScimError> {
        let format = Format::of_content(headers, self.offered())?;
        match self.encoder(format) {
            Some(encoder) => encoder.read(resource_type, body, depth),
            None => format.read(body, depth),
        }
    }

    /// Reads a message, which is JSON.
    ///
    /// # Errors
    /// As [`read_resource`](Self::read_resource).
    pub(super) fn read_message(
        &self,
        headers: &HeaderMap,
        body: &Bytes,
        depth: usize,
    ) -> Result<Object, ScimError> {
        Format::of_content(headers, JSON)?.read(body, depth)
    }
}

impl Encoder {
    /// Encodes the body of an answer, which is JSON so far; it is not streamed from then on.
    ///
    /// # Errors
    /// 500 when the body cannot be produced to its end.
    pub(crate) async fn encode(
        &self,
        response: Response<Body>,
        method: &Method,
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
        let document = serde_json::from_slice(&json).map_err(|_| failed())?;
        let text = self.write(registry, resource_type, &document);
        head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(text.len()));
        let body = if method == Method::HEAD { Body::empty() } else { text.into_bytes().into() };
        Ok(Response::from_parts(head, body))
    }

    #[cfg(feature = "xml")]
    fn read(
        &self,
        resource_type: &ResourceType,
        body: &[u8],
        depth: usize,
    ) -> Result<Object, ScimError> {
        self.xml.read(resource_type, body, depth)
    }

    #[cfg(feature = "xml")]
    fn write(
        &self,
        registry: &Registry,
        resource_type: Option<&ResourceType>,
        document: &serde_json::Value,
    ) -> String {
        self.xml.write(registry, resource_type, document)
    }

    #[cfg(not(feature = "xml"))]
    fn read(&self, _: &ResourceType, _: &[u8], _: usize) -> Result<Object, ScimError> {
        match self.none {}
    }

    #[cfg(not(feature = "xml"))]
    fn write(&self, _: &Registry, _: Option<&ResourceType>, _: &serde_json::Value) -> String {
        match self.none {}
    }
}
