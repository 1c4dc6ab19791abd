//! A slow and obvious interpreter of a part of PATCH over plain JSON, which the engine must agree
//! with: `nickName`, `name` and `emails` of a User, all operations, filters on `type` alone.

use serde_json::{Map, Value, json};

/// Applies one operation in place; a failure answers its `scimType` and leaves anything behind.
pub(super) fn run(document: &mut Map<String, Value>, operation: &Value) -> Result<(), String> {
    let op = operation["op"].as_str().unwrap();
    let value = operation.get("value").cloned();
    match operation.get("path").and_then(Value::as_str) {
        None => {
            for (name, value) in value.unwrap().as_object().unwrap() {
                assign(document, op, name, value.clone())?;
            }
            Ok(())
        }
        Some(path) if op == "remove" => remove(document, path, value),
        Some(path) => assign(document, op, path, value.unwrap()),
    }
}

fn assign(
    document: &mut Map<String, Value>,
    op: &str,
    path: &str,
    value: Value,
) -> Result<(), String> {
    match Path::read(path) {
        Path::Single => set(document, path, value),
        Path::Name => {
            let mut name = taken(document, "name");
            for (part, value) in value.as_object().unwrap() {
                set(&mut name, part, value.clone());
            }
            set(document, "name", Value::Object(name));
        }
        Path::PartOfName(part) => {
            let mut name = taken(document, "name");
            set(&mut name, part, value);
            set(document, "name", Value::Object(name));
        }
        Path::Emails => {
            let given = one_primary(unique(elements(Some(value)), &[]))?;
            let mut emails = match op {
                "add" => elements(document.remove("emails")),
                _ => Vec::new(),
            };
            given.into_iter().for_each(|email| append(&mut emails, email));
            set(document, "emails", Value::Array(emails));
        }
        Path::Selected(kind, part) => {
            let given = match part {
                None => value.as_object().unwrap().clone(),
                Some(part) => Map::from_iter([(part.to_owned(), value)]),
            };
            let mut emails = elements(document.remove("emails"));
            let selected: Vec<_> = (0..emails.len())
                .filter(|i| is_like(emails[*i].get("type"), Some(&kind.into())))
                .collect();
            if selected.is_empty() {
                if op == "replace" {
                    return Err("noTarget".to_owned());
                }
                let mut email = Map::from_iter([("type".to_owned(), kind.into())]);
                email.extend(given);
                append(&mut emails, Value::Object(email));
            } else {
                change(&mut emails, &selected, &given, op == "replace" && part.is_none())?;
            }
            set(document, "emails", Value::Array(emails));
        }
    }
    Ok(())
}

fn change(
    emails: &mut Vec<Value>,
    selected: &[usize],
    given: &Map<String, Value>,
    whole: bool,
) -> Result<(), String> {
    for i in selected {
        if whole {
            emails[*i] = Value::Object(given.clone());
        } else {
            emails[*i].as_object_mut().unwrap().extend(given.clone());
        }
    }
    if given.get("primary") == Some(&json!(true)) {
        if selected.iter().any(|i| !is_same(&emails[*i], &emails[selected[0]])) {
            return Err("invalidValue".to_owned());
        }
        make_primary(emails, selected[0]);
    }
    *emails = unique(std::mem::take(emails), selected);
    Ok(())
}

fn remove(
    document: &mut Map<String, Value>,
    path: &str,
    listed: Option<Value>,
) -> Result<(), String> {
    match Path::read(path) {
        Path::Single | Path::Name => {
            document.remove(path);
        }
        Path::PartOfName(part) => {
            let mut name = taken(document, "name");
            name.remove(part);
            set(document, "name", Value::Object(name));
        }
        Path::Emails => {
            let mut emails = elements(document.remove("emails"));
            let listed = listed.map(|listed| elements(Some(listed)));
            emails.retain(|email| {
                listed.as_ref().is_some_and(|listed| {
                    !listed.iter().any(|it| {
                        is_like(it.get("value"), email.get("value"))
                            && (it.get("type").is_none()
                                || is_like(it.get("type"), email.get("type")))
                    })
                })
            });
            set(document, "emails", Value::Array(emails));
        }
        Path::Selected(kind, part) => {
            let mut emails = elements(document.remove("emails"));
            match part {
                None => {
                    emails.retain(|email| !is_like(email.get("type"), Some(&kind.into())));
                }
                Some(part) => {
                    let selected: Vec<_> = (0..emails.len())
                        .filter(|i| is_like(emails[*i].get("type"), Some(&kind.into())))
                        .collect();
                    for i in &selected {
                        emails[*i].as_object_mut().unwrap().remove(part);
                    }
                    change(&mut emails, &selected, &Map::new(), false)?;
                }
            }
            set(document, "emails", Value::Array(emails));
        }
    }
    Ok(())
}

enum Path<'a> {
    Single,
    Name,
    PartOfName(&'a str),
    Emails,
    Selected(&'a str, Option<&'a str>),
}

impl<'a> Path<'a> {
    fn read(path: &'a str) -> Self {
        if let Some(part) = path.strip_prefix("name.") {
            return Self::PartOfName(part);
        }
        if let Some(rest) = path.strip_prefix("emails[type eq \"") {
            let (kind, part) = rest.split_once("\"]").unwrap();
            return Self::Selected(kind, part.strip_prefix('.'));
        }
        match path {
            "name" => Self::Name,
            "emails" => Self::Emails,
            _ => Self::Single,
        }
    }
}

/// No value, an empty list and an empty object are one and the same.
fn set(object: &mut Map<String, Value>, name: &str, value: Value) {
    let is_empty = value.is_null() || value == json!([]) || value == json!({});
    match is_empty {
        true => object.remove(name),
        false => object.insert(name.to_owned(), value),
    };
}

fn taken(document: &mut Map<String, Value>, name: &str) -> Map<String, Value> {
    document.remove(name).and_then(|it| it.as_object().cloned()).unwrap_or_default()
}

fn elements(value: Option<Value>) -> Vec<Value> {
    match value {
        Some(Value::Array(values)) => values,
        None | Some(Value::Null) => Vec::new(),
        Some(single) => vec![single],
    }
}

fn append(emails: &mut Vec<Value>, email: Value) {
    let is_primary = email["primary"] == true;
    let position = match emails.iter().position(|it| is_same(it, &email)) {
        Some(position) => {
            let mut parts = email.as_object().unwrap().clone();
            // These are spelt as they were.
            parts.remove("value");
            if emails[position].get("value").is_some() {
                parts.remove("type");
            }
            emails[position].as_object_mut().unwrap().extend(parts);
            position
        }
        None => {
            emails.push(email);
            emails.len() - 1
        }
    };
    if is_primary {
        make_primary(emails, position);
        *emails = unique(std::mem::take(emails), &[]);
    }
}

fn make_primary(emails: &mut [Value], position: usize) {
    for (other, email) in emails.iter_mut().enumerate() {
        if other != position && email["primary"] == true {
            email["primary"] = json!(false);
        }
    }
}

fn is_same(one: &Value, other: &Value) -> bool {
    match one.get("value") {
        Some(value) => {
            is_like(Some(value), other.get("value")) && is_like(one.get("type"), other.get("type"))
        }
        None => one == other,
    }
}

/// neither the `value` nor the `type` of an email is `caseExact`.
fn is_like(one: Option<&Value>, other: Option<&Value>) -> bool {
    let folded = |it: Option<&Value>| it.map(|it| it.to_string().to_lowercase());
    folded(one) == folded(other)
}

/// What was changed stays rather than what it has become the same as.
fn unique(values: Vec<Value>, changed: &[usize]) -> Vec<Value> {
    let mut kept: Vec<usize> = Vec::new();
    for i in changed.iter().copied().chain(0..values.len()) {
        if !kept.contains(&i) && !kept.iter().any(|other| is_same(&values[*other], &values[i])) {
            kept.push(i);
        }
    }
    kept.sort_unstable();
    kept.into_iter().map(|i| values[i].clone()).collect()
}

fn one_primary(values: Vec<Value>) -> Result<Vec<Value>, String> {
    match values.iter().filter(|it| it["primary"] == true).count() {
        0 | 1 => Ok(values),
        _ => Err("invalidValue".to_owned()),
    }
}
