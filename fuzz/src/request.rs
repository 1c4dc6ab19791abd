//! Whole HTTP requests of arbitrary bytes.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::json;

use crate::endpoint::{Endpoint, GROUP};

/// Any request is answered by SCIM, nothing panics, and the service provider still works after it.
///
/// The input is the text of a request: method and target, headers, an empty line, the body. In it
/// `{user}` and `{group}` stand for the ids of resources that exist.
pub fn request(input: &[u8]) {
    let endpoint = Endpoint::new();
    let user = endpoint.user("bjensen");
    let group = json!({
        "schemas": [GROUP], "displayName": "Guides", "members": [{"value": user}]
    });
    let group = endpoint.json(Method::POST, "/Groups", &group).expect(201).id();
    let input = replaced(&replaced(input, b"{user}", &user), b"{group}", &group);
    if let Some(request) = read(&input) {
        endpoint.send(request);
    }
    endpoint.get("/Users").expect(200);
    endpoint.get("/Groups").expect(200);
}

/// The request that a text describes, unless no server would hand it on.
fn read(input: &[u8]) -> Option<Request<Bytes>> {
    let (line, mut rest) = split(input, b"\n");
    let (method, target) = split(line, b" ");
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = Method::from_bytes(method).ok()?;
    *request.uri_mut() = Uri::try_from(target).ok()?;
    loop {
        let (line, after) = split(rest, b"\n");
        rest = after;
        if line.is_empty() {
            break;
        }
        let (name, value) = split(line, b": ");
        let header = HeaderName::from_bytes(name).ok().zip(HeaderValue::from_bytes(value).ok());
        if let Some((name, value)) = header {
            request.headers_mut().append(name, value);
        }
    }
    *request.body_mut() = Bytes::copy_from_slice(rest);
    Some(request)
}

/// What stands before the first separator, and what after it.
fn split<'a>(text: &'a [u8], separator: &[u8]) -> (&'a [u8], &'a [u8]) {
    match text.windows(separator.len()).position(|window| window == separator) {
        Some(position) => (&text[..position], &text[position + separator.len()..]),
        None => (text, b""),
    }
}

fn replaced(text: &[u8], name: &[u8], id: &str) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.windows(name.len()).position(|window| window == name) {
        replaced.extend_from_slice(&rest[..position]);
        replaced.extend_from_slice(id.as_bytes());
        rest = &rest[position + name.len()..];
    }
    replaced.extend_from_slice(rest);
    replaced
}
