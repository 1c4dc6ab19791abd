//! Every request and response of the API reference, compared whole except ids.
//!
//! Where our answer departs from the sample, the vector says where, how and why.

use std::{collections::HashMap, fs, path::Path, time::Duration};

use serde::Deserialize;
use serde_json::Value;

use crate::service::{Service, id};

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    id: String,
    #[serde(default)]
    given: Vec<Given>,
    request: String,
    #[serde(default)]
    body: Value,
    status: u16,
    documented: Value,
    #[serde(default)]
    deviations: Vec<Deviation>,
    /// Whether it takes a while.
    #[serde(default)]
    eventually: bool,
}

/// What was asked before. The id of the answer is called `as` from then on.
#[derive(Deserialize)]
struct Given {
    #[serde(rename = "as", default)]
    name: Option<String>,
    post: String,
    body: Value,
    /// How often, with `{n}` counting.
    #[serde(default)]
    times: Option<usize>,
}

#[derive(Deserialize)]
struct Deviation {
    at: String,
    /// What is there instead; absent if nothing is.
    value: Option<Value>,
    reason: String,
}

/// Ids by the names that the documents give them.
#[derive(Default)]
struct Names(HashMap<String, String>);

#[tokio::test]
async fn the_documented_requests_have_the_documented_responses() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for file in ["users-1", "users-2", "group-folders", "groups", "service"] {
        for vector in vectors(file) {
            for (store, service) in ["memory", "SQLite"].iter().zip(Service::each()) {
                count += 1;
                if let Err(problem) = check(&service, &vector).await {
                    wrong.push(format!("{file} {} over {store}: {problem}", vector.id));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n"));
}

fn vectors(file: &str) -> Vec<Vector> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let text = fs::read_to_string(folder.join(format!("{file}.json"))).unwrap();
    serde_json::from_str::<File>(&text).unwrap().vectors
}

async fn check(service: &Service, vector: &Vector) -> Result<(), String> {
    let mut names = Names::default();
    for given in &vector.given {
        for n in 0..given.times.unwrap_or(1) {
            let number = |text: &str| text.replace("{n}", &n.to_string());
            let body = names.to_ids(&given.body, &number);
            let answer = service.post(&given.post, body).await;
            if !matches!(answer.status, 200 | 201) {
                return Err(format!("given {}: {} {}", given.post, answer.status, answer.body));
            }
            if let Some(name) = &given.name {
                names.0.insert(number(name), id(&answer.body));
            }
        }
    }
    let expected = expected(vector);
    let (method, path) = vector.request.split_once(' ').unwrap();
    let path = names.in_path(path);
    let mut answer =
        service.request(method, &path, names.to_ids(&vector.body, &str::to_owned)).await;
    while vector.eventually && answer.body.to_string().contains("PENDING") {
        tokio::time::sleep(Duration::from_millis(10)).await;
        answer = service.get(&path).await;
    }
    if let (201, Some(name)) = (answer.status, vector.documented_id(&expected)) {
        names.0.insert(name, id(&answer.body));
    }
    if vector.request.contains("Users") && method == "POST" && answer.status == 201 {
        assert_eq!(answer.body["userName"], answer.body["id"], "the server sets it");
    }
    let found = names.to_names(&answer.body);
    if answer.status != vector.status || found != expected {
        return Err(format!("{} instead of {}\n{found}\n{expected}", answer.status, vector.status));
    }
    Ok(())
}

/// The documented response, with what we do otherwise.
fn expected(vector: &Vector) -> Value {
    let mut expected = vector.documented.clone();
    for Deviation { at, value, reason } in &vector.deviations {
        assert!(!reason.is_empty(), "{}", vector.id);
        let Some((parent, name)) = at.rsplit_once('/') else {
            expected = value.clone().unwrap();
            continue;
        };
        let parent = expected.pointer_mut(parent).unwrap();
        match (parent, value) {
            (Value::Array(values), Some(value)) => {
                values[name.parse::<usize>().unwrap()] = value.clone();
            }
            (Value::Object(values), Some(value)) => {
                values.insert(name.to_owned(), value.clone());
            }
            (Value::Object(values), None) => assert!(values.remove(name).is_some(), "{at}"),
            _ => panic!("{at} is nowhere"),
        }
    }
    expected
}

impl Vector {
    /// What the sample calls a resource that the request adds.
    fn documented_id(&self, expected: &Value) -> Option<String> {
        Some(expected.get("id")?.as_str()?.to_owned())
    }
}

impl Names {
    fn to_ids(&self, value: &Value, number: &dyn Fn(&str) -> String) -> Value {
        let text = |text: &str| self.0.get(text).cloned().unwrap_or_else(|| number(text));
        mapped(value, &text)
    }

    fn to_names(&self, value: &Value) -> Value {
        let text = |id: &str| {
            let name = self.0.iter().find(|(_, known)| *known == id).map(|(name, _)| name.clone());
            name.unwrap_or_else(|| id.to_owned())
        };
        mapped(value, &text)
    }

    /// A path with ids, also in a list joined by commas.
    fn in_path(&self, path: &str) -> String {
        path.split_inclusive(['/', '=', ',', '&', '?'])
            .map(|part| {
                let name = part.trim_end_matches([',', '&', '/', '=', '?']);
                let rest = part.strip_prefix(name).unwrap();
                self.0.get(name).map_or(part.to_owned(), |id| format!("{id}{rest}"))
            })
            .collect()
    }
}

fn mapped(value: &Value, text: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(string) => text(string).into(),
        Value::Array(values) => values.iter().map(|value| mapped(value, text)).collect(),
        Value::Object(values) => {
            values.iter().map(|(name, value)| (name.clone(), mapped(value, text))).collect()
        }
        other => other.clone(),
    }
}
