//! A client: one request after the other, all on what is its own, but for names and groups that it
//! shares with the others.

use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use scim_example_options::process::Process;
use serde_json::{Value, json};

use crate::{
    Violation,
    action::{Action, Holdings, Outcome},
};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// Groups that all clients change.
pub(crate) const TEAMS: usize = 3;
/// Names that all clients want.
const SHARED_NAMES: usize = 40;
/// Users and pairs of one client at the most, so that checks stay short.
const MOST_USERS: usize = 40;
const MOST_PAIRS: usize = 25;

/// A client and what it has by what it was told.
pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) holdings: Holdings,
    /// What was asked and never answered.
    pub(crate) unanswered: Option<Action>,
    random: Rng,
    made: usize,
}

/// How many requests came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Requests {
    /// Acknowledged.
    pub acknowledged: usize,
    /// Told that a unique value is taken.
    pub taken: usize,
    /// Answered with 503.
    pub unavailable: usize,
    /// Answered with 507.
    pub full: usize,
    /// Never answered.
    pub unanswered: usize,
}

impl Client {
    pub(crate) fn new(number: usize, random: Rng) -> Self {
        Self { number, holdings: Holdings::default(), unanswered: None, random, made: 0 }
    }

    /// Sends requests until it is told to stop or is not answered.
    pub(crate) fn work(
        &mut self,
        process: &Process,
        teams: &[String],
        stop: &AtomicBool,
    ) -> Result<Requests, Violation> {
        let mut requests = Requests::default();
        while !stop.load(Ordering::Relaxed) {
            let action = self.choose();
            let outcome = self.send(process, teams, &action)?;
            match &outcome {
                Outcome::Done(id) => {
                    requests.acknowledged += 1;
                    self.holdings = self.holdings.after(&action, id.as_deref());
                }
                Outcome::Taken => requests.taken += 1,
                Outcome::Refused(507) => requests.full += 1,
                Outcome::Refused(_) => requests.unavailable += 1,
                Outcome::Unknown => {
                    requests.unanswered += 1;
                    self.unanswered = Some(action);
                    break;
                }
            }
        }
        Ok(requests)
    }

    fn choose(&mut self) -> Action {
        let random = &mut self.random;
        let known = random.choice(self.holdings.users.keys()).cloned();
        let Some(key) = known.filter(|_| self.holdings.users.len() > MOST_USERS / 4) else {
            return self.create();
        };
        match random.usize(..16) {
            0..=3 if self.holdings.users.len() < MOST_USERS => self.create(),
            0..=3 | 15 => Action::Delete { key },
            4..=7 => Action::Rewrite { key, text: self.text(), whole: self.random.bool() },
            8 => Action::Rename { key, name: self.name() },
            9..=11 => Action::Join { key, team: random.usize(..TEAMS) },
            14 if self.holdings.pairs.len() < MOST_PAIRS => {
                Action::Pair { name: format!("pair {}", self.next()) }
            }
            _ => Action::Leave { key, team: random.usize(..TEAMS) },
        }
    }

    fn create(&mut self) -> Action {
        Action::Create { key: self.next(), name: self.name(), text: self.text() }
    }

    /// A text that nobody else has, short or of some pages.
    fn text(&mut self) -> String {
        let length = if self.random.u8(..) < 8 { 9000 } else { self.random.usize(..300) };
        format!("{} {}", self.next(), "x".repeat(length))
    }

    fn name(&mut self) -> String {
        match self.random.bool() {
            true => format!("shared-{}", self.random.usize(..SHARED_NAMES)),
            false => self.next(),
        }
    }

    fn next(&mut self) -> String {
        self.made += 1;
        format!("{}-{}", self.number, self.made)
    }

    fn send(
        &self,
        process: &Process,
        teams: &[String],
        action: &Action,
    ) -> Result<Outcome, Violation> {
        let (method, path, body) = self.request(teams, action)?;
        let Ok((status, answer)) = process.request(method, &path, &body) else {
            return Ok(Outcome::Unknown);
        };
        read(action, status, &answer).ok_or_else(|| {
            format!("client {}: {action:?} is answered by {status}: {answer}", self.number).into()
        })
    }

    fn request(
        &self,
        teams: &[String],
        action: &Action,
    ) -> Result<(&'static str, String, Value), Violation> {
        let id = |key: &str| {
            let user = self.holdings.users.get(key);
            user.map(|user| user.id.as_str()).ok_or("a user that there is not")
        };
        let team = |number: usize| teams.get(number).ok_or("a team that there is not");
        let user = |key: &str| Ok::<_, Violation>(format!("/Users/{}", id(key)?));
        Ok(match action {
            Action::Create { key, name, text } => {
                ("POST", "/Users".to_owned(), user_of(key, name, text))
            }
            Action::Rewrite { key, text, whole: true } => {
                let name = self.holdings.users.get(key).map_or("", |user| &user.name);
                ("PUT", user(key)?, user_of(key, name, text))
            }
            Action::Rewrite { key, text, whole: false } => {
                let value = json!({"displayName": text, "nickName": text, "title": text});
                ("PATCH", user(key)?, patch(&json!({"op": "replace", "value": value})))
            }
            Action::Rename { key, name } => {
                let operation = json!({"op": "replace", "path": "userName", "value": name});
                ("PATCH", user(key)?, patch(&operation))
            }
            Action::Join { key, team: number } => {
                let value = json!([{"value": id(key)?}]);
                let operation = json!({"op": "add", "path": "members", "value": value});
                ("PATCH", format!("/Groups/{}", team(*number)?), patch(&operation))
            }
            Action::Leave { key, team: number } => {
                let path = format!("members[value eq \"{}\"]", id(key)?);
                let operation = json!({"op": "remove", "path": path});
                ("PATCH", format!("/Groups/{}", team(*number)?), patch(&operation))
            }
            Action::Delete { key } => ("DELETE", user(key)?, Value::Null),
            Action::Pair { name } => ("POST", "/Bulk".to_owned(), pair(name)),
        })
    }
}

/// A shared group.
pub(crate) fn team(number: usize) -> Value {
    json!({"schemas": [GROUP], "displayName": format!("team {number}")})
}

fn user_of(key: &str, name: &str, text: &str) -> Value {
    json!({
        "schemas": [USER],
        "externalId": key,
        "userName": name,
        "displayName": text,
        "nickName": text,
        "title": text,
    })
}

fn patch(operation: &Value) -> Value {
    json!({"schemas": [PATCH], "Operations": [operation]})
}

/// Each group needs the other: they can only be made in one piece.
fn pair(name: &str) -> Value {
    let half = |own: &str, other: &str| {
        let members = json!([{"value": format!("bulkId:{other}")}]);
        let data = json!({
            "schemas": [GROUP],
            "displayName": format!("{name} {own}"),
            "members": members,
        });
        json!({"method": "POST", "path": "/Groups", "bulkId": own, "data": data})
    };
    json!({"schemas": [BULK], "Operations": [half("a", "b"), half("b", "a")]})
}

/// What the answer means; none when it is not one that may be given.
fn read(action: &Action, status: u16, answer: &Value) -> Option<Outcome> {
    let may_be_taken = matches!(action, Action::Create { .. } | Action::Rename { .. });
    match (action, status) {
        (_, 503 | 507) => is_error(status, answer).then_some(Outcome::Refused(status)),
        (_, 409) if may_be_taken => is_error(status, answer).then_some(Outcome::Taken),
        (Action::Create { .. }, 201) => {
            Some(Outcome::Done(Some(answer.get("id")?.as_str()?.to_owned())))
        }
        (Action::Pair { .. }, 200) => of_pair(answer),
        (Action::Delete { .. }, 204) => Some(Outcome::Done(None)),
        (Action::Rewrite { .. } | Action::Rename { .. }, 200) => Some(Outcome::Done(None)),
        (Action::Join { .. } | Action::Leave { .. }, 200 | 204) => Some(Outcome::Done(None)),
        _ => None,
    }
}

/// Both groups were made, or neither.
fn of_pair(answer: &Value) -> Option<Outcome> {
    let operations = answer.get("Operations")?.as_array()?;
    let statuses: Vec<u16> = operations
        .iter()
        .map(|it| it.get("status")?.as_str()?.parse().ok())
        .collect::<Option<_>>()?;
    match statuses.as_slice() {
        [201, 201] => Some(Outcome::Done(None)),
        [first @ (503 | 507), second] if first == second => Some(Outcome::Refused(*first)),
        _ => None,
    }
}

/// RFC 7644 §3.12: what an error looks like.
fn is_error(status: u16, answer: &Value) -> bool {
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:Error"]);
    answer.get("schemas") == Some(&schemas)
        && answer.get("status") == Some(&json!(status.to_string()))
        && answer.get("detail").is_some_and(Value::is_string)
}
