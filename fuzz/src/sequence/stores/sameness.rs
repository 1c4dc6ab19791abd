//! What of an answer must be the same for every store.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::endpoint::Exchange;

/// Characters of an id.
const ID: usize = 36;

/// Numbers the ids of one store in the order in which they appear.
#[derive(Default)]
pub(super) struct Sameness {
    ids: BTreeMap<String, usize>,
}

/// A request and its answer without what may differ.
#[derive(Debug, PartialEq)]
pub(super) struct Same {
    request: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: Value,
}

impl Sameness {
    /// Without ids and times; elements of edges are in no order, nor are lists that were not sorted.
    pub(super) fn of(&mut self, exchange: Exchange) -> Same {
        let Exchange { method, path, answer } = exchange;
        let body = self.value(answer.json().clone());
        let is_sorted = path.contains("sortBy=");
        let headers = answer.headers.iter().map(|(name, value)| {
            let value = self.text(&String::from_utf8_lossy(value.as_bytes()));
            (name.to_string(), value)
        });
        Same {
            headers: headers.collect(),
            request: self.text(&format!("{method} {path}")),
            status: answer.status.as_u16(),
            body: if is_sorted { body } else { unordered(body, "Resources") },
        }
    }

    fn value(&mut self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(elements) => elements.into_iter().map(|it| self.value(it)).collect(),
            Value::Object(object) => self.object(object),
            other => other,
        }
    }

    fn object(&mut self, object: Map<String, Value>) -> Value {
        let mut same: Map<_, _> = object
            .into_iter()
            .map(|(name, value)| match name.as_str() {
                "created" | "lastModified" => (name, Value::Null),
                _ => (name, self.value(value)),
            })
            .collect();
        for relation in ["members", "groups"] {
            same = match unordered(Value::Object(same), relation) {
                Value::Object(same) => same,
                other => unreachable!("{other} was an object"),
            };
        }
        Value::Object(same)
    }

    /// With a number in the place of each id.
    fn text(&mut self, text: &str) -> String {
        if text.len() < ID {
            return text.to_owned();
        }
        let mut same = String::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            match rest.get(..ID).filter(|it| is_id(it)) {
                Some(id) => {
                    let next = self.ids.len();
                    let number = *self.ids.entry(id.to_owned()).or_insert(next);
                    same.push_str(&format!("<{number}>"));
                    rest = &rest[ID..];
                }
                None => {
                    same.push(first);
                    rest = &rest[first.len_utf8()..];
                }
            }
        }
        same
    }
}

fn is_id(text: &str) -> bool {
    text.bytes().enumerate().all(|(position, byte)| match position {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    })
}

/// The elements of an array in an order of their own.
fn unordered(mut value: Value, name: &str) -> Value {
    if let Some(Value::Array(elements)) = value.get_mut(name) {
        elements.sort_by_key(ToString::to_string);
    }
    value
}
