//! XML as clients send it, and as resources are shown in it.

use arbitrary::{Arbitrary, Unstructured};
use http::Method;
use scim_core::{Object, ScimError, schema::ResourceType, xml::XmlFormat};
use serde_json::Value;

use crate::{
    endpoint::{Endpoint, REGISTRY},
    values::UserBody,
};

/// Levels that input may be nested.
const DEPTH: usize = 64;

/// Any input is read or refused with a short 400, and what is read is written as XML that can be
/// read again. A user that the service provider shows comes back from XML as it was, but for white
/// space in base64.
///
/// The input is XML; it is also the seed of an arbitrary user.
pub fn xml(input: &[u8]) {
    let user = REGISTRY.resource_type("User").expect("users");
    for format in [XmlFormat::plain(), XmlFormat::scim11()] {
        match format.read(user, input, DEPTH) {
            Ok(object) => reads_again(&format, user, object),
            Err(error) => is_precise(&error),
        }
    }
    if let Ok(body) = UserBody::arbitrary(&mut Unstructured::new(input)) {
        comes_back(user, &body.0);
    }
}

fn reads_again(format: &XmlFormat, user: &ResourceType, object: Object) {
    let object = Value::Object(object);
    let text = format.write(&REGISTRY, Some(user), &object);
    assert_eq!(text, format.write(&REGISTRY, Some(user), &object));
    // Lists that were repeated elements are wrapped now.
    let again = format.read(user, text.as_bytes(), 4 * DEPTH);
    assert!(again.is_ok(), "{again:?}: {text}");
}

fn is_precise(error: &ScimError) {
    assert_eq!(error.status(), 400);
    assert_eq!(error.scim_type().map(|it| it.as_str()), Some("invalidSyntax"));
    let detail = error.to_string();
    assert!(detail.chars().count() < 500, "{detail}");
}

fn comes_back(user: &ResourceType, body: &Value) {
    let created = Endpoint::new().json(Method::POST, "/Users", body);
    if created.status != 201 {
        return;
    }
    let format = XmlFormat::plain().root("User", "scimUser");
    let text = format.write(&REGISTRY, Some(user), created.json());
    let read = format.read(user, text.as_bytes(), 2 * DEPTH);
    assert_eq!(read.map(Value::Object), Ok(unfolded(created.json().clone())), "{text}");
}

/// With octets as they are when nobody has broken them into lines. A client may, and is shown what
/// it sent; but to XML white space says nothing there (XML Schema Part 2, §3.2.16).
fn unfolded(mut user: Value) -> Value {
    let certificates = user.get_mut("x509Certificates").and_then(Value::as_array_mut);
    for certificate in certificates.into_iter().flatten() {
        if let Some(Value::String(octets)) = certificate.get_mut("value") {
            octets.retain(|c| !c.is_ascii_whitespace());
        }
    }
    user
}
