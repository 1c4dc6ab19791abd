//! JSON as clients send it, through the HTTP surface.

use http::Method;
use serde_json::Value;

use crate::endpoint::{Answer, Endpoint};

/// A body is accepted only if it is one JSON object in which no name occurs twice and which is
/// not too deep (A-003, C-010); what is accepted is stored as serde_json reads it.
pub fn body(input: &[u8]) {
    let endpoint = Endpoint::new();
    let user = endpoint.user("known");
    let path = format!("/Users/{user}");
    let known: Option<Value> = serde_json::from_slice(without_mark(input)).ok();
    for (method, path) in [
        (Method::POST, "/Users"),
        (Method::PUT, path.as_str()),
        (Method::PATCH, path.as_str()),
        (Method::POST, "/Users/.search"),
    ] {
        let answer = endpoint.ask(method, path, input);
        accepted_only_if_sound(&answer, known.as_ref());
    }
    if let Some(Value::Object(members)) = &known {
        twins_are_refused(&endpoint, input, members.keys().next());
    }
    if let Some(name) = known.as_ref().and_then(|body| body["userName"].as_str()) {
        reads_back(&endpoint, name);
    }
}

fn accepted_only_if_sound(answer: &Answer, known: Option<&Value>) {
    let is_sound = known.is_some_and(|body| body.is_object() && depth(body) <= 64 && !twins(body));
    if !is_sound {
        assert_eq!(answer.status, 400, "{}", answer.text());
        assert_eq!(answer.json()["scimType"], "invalidSyntax");
    }
}

/// The same body with its first name given once more, in capitals.
fn twins_are_refused(endpoint: &Endpoint, input: &[u8], name: Option<&String>) {
    let Some(name) = name.map(|name| Value::from(name.to_ascii_uppercase())) else { return };
    let start = input.iter().position(|byte| *byte == b'{').expect("an object") + 1;
    let twin = format!("{name}:null,");
    let text = [&input[..start], twin.as_bytes(), &input[start..]].concat();
    let answer = endpoint.ask(Method::POST, "/Users", &text);
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert_eq!(answer.json()["scimType"], "invalidSyntax");
}

/// A name that was stored comes back as it was sent.
fn reads_back(endpoint: &Endpoint, name: &str) {
    let stored = endpoint.get("/Users").expect(200);
    let others = stored.resources().iter().filter(|user| user["userName"] != "known");
    for user in others {
        assert_eq!(user["userName"], name);
    }
}

fn without_mark(input: &[u8]) -> &[u8] {
    input.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(input)
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(depth).max().unwrap_or_default(),
        Value::Object(object) => 1 + object.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}

/// Whether two names differ in case alone; exact twins are gone when serde_json is done.
fn twins(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(twins),
        Value::Object(object) => {
            let mut names: Vec<_> = object.keys().map(|name| name.to_ascii_lowercase()).collect();
            names.sort();
            names.windows(2).any(|pair| pair[0] == pair[1]) || object.values().any(twins)
        }
        _ => false,
    }
}
