//! Arbitrary JSON made of words that mean something to SCIM.

use arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::{Map, Value, json};

use crate::endpoint::{ENTERPRISE, USER};

/// Names of attributes, of sub-attributes, of neither.
const NAMES: [&str; 30] = [
    "userName",
    "username",
    "name",
    "displayName",
    "nickName",
    "emails",
    "phoneNumbers",
    "addresses",
    "active",
    "password",
    "schemas",
    "id",
    "meta",
    "groups",
    "externalId",
    "value",
    "type",
    "primary",
    "display",
    "$ref",
    "givenName",
    "familyName",
    "formatted",
    "streetAddress",
    "manager",
    "department",
    "x509Certificates",
    "roles",
    ENTERPRISE,
    "nosuch",
];

const TEXTS: [&str; 16] = [
    "",
    " ",
    "a",
    "A",
    "work",
    "home",
    "true",
    "False",
    "bjensen",
    "a@example.com",
    "ß",
    "é\u{301}",
    "\u{0}",
    "YQ==",
    "2024-01-01T00:00:00Z",
    USER,
];

const PATHS: [&str; 36] = [
    "userName",
    "name",
    "name.familyName",
    "NAME.givenname",
    "name.nosuch",
    "displayName",
    "emails",
    "emails.type",
    "emails.value",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[primary eq true]",
    "emails[primary eq true].primary",
    "emails[value pr].primary",
    "emails[type eq \"home\" and value eq \"a\"].display",
    "emails[not (type eq \"work\")]",
    "emails[type ne \"home\"].type",
    "addresses",
    "addresses[type eq \"work\"].streetAddress",
    "active",
    "password",
    "schemas",
    "id",
    "meta",
    "groups",
    "phoneNumbers[type eq \"work\"].value",
    "x509Certificates",
    "roles",
    "roles[value eq \"A\"]",
    ENTERPRISE,
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:core:2.0:User:emails[type eq \"work\"].value",
    "department",
    "emails[",
];

/// A user as a client may send it: mostly right.
#[derive(Clone, Debug)]
pub(crate) struct UserBody(pub(crate) Value);

/// The operations of a PATCH.
#[derive(Clone, Debug)]
pub(crate) struct Operations(pub(crate) Value);

impl<'a> Arbitrary<'a> for UserBody {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut body = Map::new();
        body.insert("schemas".into(), json!([USER]));
        body.insert("userName".into(), json!("bjensen"));
        for _ in 0..u.int_in_range(0..=5)? {
            let (name, value) = member(u)?;
            if !name.eq_ignore_ascii_case("schemas") && !name.eq_ignore_ascii_case("userName") {
                body.insert(name, value);
            }
        }
        Ok(Self(Value::Object(body)))
    }
}

impl<'a> Arbitrary<'a> for Operations {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let mut operations = Vec::new();
        for _ in 0..u.int_in_range(1..=4)? {
            operations.push(operation(u)?);
        }
        Ok(Self(Value::Array(operations)))
    }
}

fn operation(u: &mut Unstructured<'_>) -> Result<Value> {
    let mut operation = Map::new();
    operation.insert("op".into(), json!(u.choose(&["add", "remove", "Replace"])?));
    let path = match u.int_in_range(0..=9)? {
        0..=2 => None,
        3 => Some(text(u)?),
        _ => Some((*u.choose(&PATHS)?).to_owned()),
    };
    if u.ratio(9, 10)? {
        let value = match (&path, u.ratio(2, 3)?) {
            (Some(path), true) => fitting(u, path)?,
            (None, true) => object(u, member)?,
            _ => any(u, 3)?,
        };
        operation.insert("value".into(), value);
    }
    operation.extend(path.map(|path| ("path".to_owned(), Value::String(path))));
    Ok(Value::Object(operation))
}

fn any(u: &mut Unstructured<'_>, depth: usize) -> Result<Value> {
    let most = if depth == 0 { 5 } else { 8 };
    Ok(match u.int_in_range(0..=most)? {
        0 => Value::Null,
        1 => json!(bool::arbitrary(u)?),
        2 => json!(i64::arbitrary(u)?),
        3..=5 => json!(text(u)?),
        6 => array(u, |u| any(u, depth - 1))?,
        _ => object(u, |u| Ok(((*u.choose(&NAMES)?).to_owned(), any(u, depth - 1)?)))?,
    })
}

/// A name, and mostly a value that fits it.
fn member(u: &mut Unstructured<'_>) -> Result<(String, Value)> {
    let name = *u.choose(&NAMES)?;
    let value = if u.ratio(3, 4)? { fitting(u, name)? } else { any(u, 2)? };
    Ok((name.to_owned(), value))
}

/// A value that a schema may allow for an attribute with this path.
fn fitting(u: &mut Unstructured<'_>, path: &str) -> Result<Value> {
    let is_list = ["emails", "addresses", "phoneNumbers", "roles", "x509Certificates"];
    if path == "active" || path.ends_with("primary") {
        return Ok(json!(bool::arbitrary(u)?));
    }
    if is_list.contains(&path) {
        return array(u, element);
    }
    match path {
        "name" => object(u, |u| {
            Ok(((*u.choose(&["givenName", "familyName", "formatted"])?).to_owned(), scalar(u)?))
        }),
        ENTERPRISE => object(u, |u| {
            let name = (*u.choose(&["department", "manager", "costCenter"])?).to_owned();
            let value = if name == "manager" { json!({"value": text(u)?}) } else { scalar(u)? };
            Ok((name, value))
        }),
        path if path.ends_with(']') => element(u),
        _ => scalar(u),
    }
}

/// A value of a multi-valued attribute.
fn element(u: &mut Unstructured<'_>) -> Result<Value> {
    object(u, |u| {
        let name = *u.choose(&["value", "type", "primary", "display", "streetAddress"])?;
        let value = match name {
            "primary" => json!(bool::arbitrary(u)?),
            _ => scalar(u)?,
        };
        Ok((name.to_owned(), value))
    })
}

fn scalar(u: &mut Unstructured<'_>) -> Result<Value> {
    Ok(if u.ratio(1, 8)? { Value::Null } else { json!(text(u)?) })
}

fn text(u: &mut Unstructured<'_>) -> Result<String> {
    Ok(if u.ratio(1, 16)? { String::arbitrary(u)? } else { (*u.choose(&TEXTS)?).to_owned() })
}

fn array(
    u: &mut Unstructured<'_>,
    mut element: impl FnMut(&mut Unstructured<'_>) -> Result<Value>,
) -> Result<Value> {
    let mut elements = Vec::new();
    for _ in 0..u.int_in_range(0..=3)? {
        elements.push(element(u)?);
    }
    Ok(Value::Array(elements))
}

fn object(
    u: &mut Unstructured<'_>,
    mut member: impl FnMut(&mut Unstructured<'_>) -> Result<(String, Value)>,
) -> Result<Value> {
    let mut members = Map::new();
    for _ in 0..u.int_in_range(0..=3)? {
        let (name, value) = member(u)?;
        members.insert(name, value);
    }
    Ok(Value::Object(members))
}
