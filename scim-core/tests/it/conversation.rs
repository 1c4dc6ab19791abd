//! Plays conversations of clients: what they send, and what the answer has to hold.
//!
//! A file of `tests/vectors/clients` has the conversations of one client, each with a service
//! provider of its own. A step is a request line, headers and a body, and the status and the part
//! of the answer that is expected. `{{name}}` stands for what an earlier step saved under that
//! name, `{{user.7}}` for the id of the seventh user that the conversation starts with.
//! `{"$each": [1, 300], "as": …}` in an array stands for one element for each of these users, whose
//! id is `{{it}}`.

use std::{collections::BTreeMap, fs, path::Path};

use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Client {
    pub(crate) client: String,
    pub(crate) profile: String,
    pub(crate) conversations: Vec<Conversation>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conversation {
    pub(crate) id: String,
    /// How many users there are at its beginning.
    #[serde(default)]
    users: usize,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Method and path below the base.
    request: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    body: Option<Value>,
    status: u16,
    /// The beginning of the `Content-Type` of the answer.
    media_type: Option<String>,
    /// What the body has at least; arrays are compared whole, in any order.
    expect: Option<Value>,
    /// Pointers to what the body does not have.
    #[serde(default)]
    absent: Vec<String>,
    /// How many elements the array at a pointer has.
    #[serde(default)]
    counts: BTreeMap<String, usize>,
    /// Names for what stands at a pointer.
    #[serde(default)]
    save: BTreeMap<String, String>,
}

pub(crate) struct Sent<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

pub(crate) struct Received {
    pub(crate) status: u16,
    pub(crate) media_type: String,
    /// Null if there is none.
    pub(crate) body: Value,
}

/// How a request gets to the service provider.
pub(crate) type Wire<'a> = &'a dyn Fn(Sent<'_>) -> Received;

/// The conversations of all clients, from a folder.
pub(crate) fn clients(folder: &Path) -> Vec<Client> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let read = |file: &Path| -> Client {
        let text = fs::read_to_string(file).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    };
    files.iter().map(|file| read(file)).collect()
}

/// Plays a conversation to its end.
///
/// # Errors
/// The first step that is not answered as expected.
pub(crate) fn play(conversation: &Conversation, wire: Wire<'_>) -> Result<(), String> {
    let mut known = Known::default();
    for number in 1..=conversation.users {
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": format!("user{number}@example.com"),
        });
        let step =
            Sent { method: "POST", path: "/Users", headers: Vec::new(), body: user.to_string() };
        let id = wire(step).body["id"].as_str().ok_or("a user has no id")?.to_owned();
        known.0.insert(format!("user.{number}"), id);
    }
    for (index, step) in conversation.steps.iter().enumerate() {
        let outcome = known.step(step, wire);
        let place = || format!("{}, step {}: {}", conversation.id, index + 1, step.request);
        outcome.map_err(|problem| format!("{}: {problem}", place()))?;
    }
    Ok(())
}

/// What names stand for.
#[derive(Default)]
struct Known(BTreeMap<String, String>);

impl Known {
    fn step(&mut self, step: &Step, wire: Wire<'_>) -> Result<(), String> {
        let request = self.text(&step.request);
        let (method, path) = request.split_once(' ').ok_or("a request has a method and a path")?;
        let body = step.body.as_ref().map(|body| self.value(body).to_string());
        let headers = step.headers.iter().map(|(name, value)| (name.clone(), self.text(value)));
        let answer =
            wire(Sent { method, path, headers: headers.collect(), body: body.unwrap_or_default() });
        let shown = || format!("found {} {}", answer.status, cut(&answer.body.to_string()));
        if answer.status != step.status {
            return Err(format!("expected {}, {}", step.status, shown()));
        }
        if let Some(expected) = &step.media_type
            && !answer.media_type.starts_with(expected)
        {
            return Err(format!("expected {expected}, found {}", answer.media_type));
        }
        if let Some(expected) = &step.expect {
            let expected = self.value(expected);
            has(&answer.body, &expected).map_err(|place| format!("at {place}: {}", shown()))?;
        }
        for pointer in &step.absent {
            if answer.body.pointer(pointer).is_some() {
                return Err(format!("unexpected {pointer}: {}", shown()));
            }
        }
        for (pointer, count) in &step.counts {
            let found = answer.body.pointer(pointer).and_then(Value::as_array).map(Vec::len);
            if found != Some(*count) {
                return Err(format!("expected {count} at {pointer}, found {found:?}"));
            }
        }
        for (name, pointer) in &step.save {
            let found = answer.body.pointer(pointer).and_then(Value::as_str);
            let found = found.ok_or_else(|| format!("no text at {pointer}: {}", shown()))?;
            self.0.insert(name.clone(), found.to_owned());
        }
        Ok(())
    }

    fn text(&self, text: &str) -> String {
        let mut result = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("{{") {
            let (name, after) = after.split_once("}}").unwrap();
            result.push_str(before);
            result.push_str(self.0.get(name).unwrap_or_else(|| panic!("nothing is named {name}")));
            rest = after;
        }
        result + rest
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Object(object) => {
                let parts = object.iter().map(|(name, it)| (self.text(name), self.value(it)));
                Value::Object(Map::from_iter(parts))
            }
            Value::Array(elements) => {
                Value::Array(elements.iter().flat_map(|it| self.elements(it)).collect())
            }
            other => other.clone(),
        }
    }

    fn elements(&self, element: &Value) -> Vec<Value> {
        let Some(range) = element.get("$each") else { return vec![self.value(element)] };
        let bound = |index: usize| range[index].as_u64().unwrap();
        let each = |number: u64| {
            let id = self.0[&format!("user.{number}")].clone();
            let known = Self(BTreeMap::from([("it".to_owned(), id)]));
            known.value(&element["as"])
        };
        (bound(0)..=bound(1)).map(each).collect()
    }
}

/// Whether a value has at least what is expected.
fn has(found: &Value, expected: &Value) -> Result<(), String> {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => {
            expected.iter().try_for_each(|(name, expected)| {
                let found = found.get(name).unwrap_or(&Value::Null);
                has(found, expected).map_err(|place| format!("/{name}{place}"))
            })
        }
        (Value::Array(found), Value::Array(expected)) if found.len() == expected.len() => {
            let is_met = |it: &Value| found.iter().any(|found| has(found, it).is_ok());
            let missing = expected.iter().position(|expected| !is_met(expected));
            missing.map_or(Ok(()), |index| Err(format!("/{index}")))
        }
        _ if found == expected => Ok(()),
        _ => Err(format!(" (expected {expected})")),
    }
}

fn cut(text: &str) -> &str {
    text.get(..800).unwrap_or(text)
}
