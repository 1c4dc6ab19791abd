//! Histories: what clients at once were answered about few resources.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    thread,
};

use fastrand::Rng;
use http::Method;
use serde_json::{Value, json};

use crate::{
    Answer, Endpoint, Violation,
    account::{self, Account, Call, Field, Guarded, Name},
    linear::{Model, Timed, is_linearizable},
    membership::{self, Membership},
};

/// Clients at once.
const CLIENTS: usize = 4;
/// Requests of each client in one round.
const REQUESTS: usize = 20;
/// Names that the clients of one history want.
const NAMES: usize = 2;
/// Users that they add to one group and remove.
const MEMBERS: usize = 2;

/// What was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Histories, each of one name or one membership.
    pub histories: usize,
    /// Calls in them.
    pub calls: usize,
}

/// Records histories of users and of members and checks them, round after round.
///
/// # Errors
/// The first history that has no explanation, with its seed.
pub fn check(endpoint: &Endpoint, rounds: usize, seed: u64) -> Result<Checked, Violation> {
    let mut random = Rng::with_seed(seed);
    let mut checked = Checked::default();
    for round in 0..rounds {
        let users = accounts(endpoint, round, &mut random)?;
        let members = memberships(endpoint, round, &mut random)?;
        explain::<Name>(&users, &mut checked)
            .and_then(|()| explain::<Membership>(&members, &mut checked))
            .map_err(|violation| format!("seed {seed}, round {round}: {violation}"))?;
    }
    Ok(checked)
}

type History<M> = Vec<Timed<<M as Model>::Call>>;

fn explain<M: Model>(histories: &[History<M>], checked: &mut Checked) -> Result<(), Violation> {
    for history in histories {
        checked.histories += 1;
        checked.calls += history.len();
        if !is_linearizable::<M>(history) {
            let mut history: Vec<_> = history.iter().collect();
            history.sort_by_key(|timed| timed.began);
            let lines = history
                .into_iter()
                .map(|it| format!("  {:4} to {:4}: {:?}", it.began, it.ended, it.call));
            let lines = lines.collect::<Vec<_>>().join("\n");
            return Err(format!("no order explains these answers:\n{lines}").into());
        }
    }
    Ok(())
}

/// Clients at once, each of which sends requests about one of so many resources; what they come
/// to, by resource.
fn record<C: Send>(
    resources: usize,
    random: &mut Rng,
    request: impl Fn(usize, &mut Rng) -> Result<Vec<C>, Violation> + Sync,
) -> Result<Vec<Vec<Timed<C>>>, Violation> {
    let (clock, ready) = (AtomicU64::new(0), AtomicUsize::new(0));
    let histories: Vec<_> = (0..resources).map(|_| Mutex::new(Vec::new())).collect();
    let client = |mut random: Rng| -> Result<(), Violation> {
        ready.fetch_add(1, Ordering::AcqRel);
        while ready.load(Ordering::Acquire) < CLIENTS {
            thread::yield_now();
        }
        for _ in 0..REQUESTS {
            let number = random.usize(..resources);
            let began = clock.fetch_add(1, Ordering::SeqCst);
            let calls = request(number, &mut random)?;
            let ended = clock.fetch_add(1, Ordering::SeqCst);
            let mut history = lock(histories.get(number).ok_or("no such resource")?);
            let mut follows = None;
            for call in calls {
                history.push(Timed { call, began, ended, follows });
                follows = Some(history.len() - 1);
            }
        }
        Ok(())
    };
    thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| random.fork())
            .map(|random| scope.spawn(|| client(random)))
            .collect();
        clients
            .into_iter()
            .try_for_each(|it| it.join().unwrap_or_else(|_| Err("a client panicked".into())))
    })?;
    Ok(histories.into_iter().map(|it| std::mem::take(&mut *lock(&it))).collect())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn accounts(
    endpoint: &Endpoint,
    round: usize,
    random: &mut Rng,
) -> Result<Vec<History<Name>>, Violation> {
    let seen: Vec<_> = (0..NAMES).map(|_| Mutex::new(Account::default())).collect();
    record(NAMES, random, |number, random| {
        let seen = seen.get(number).ok_or("no such name")?;
        let known = lock(seen).clone();
        let calls = Client { endpoint, random }.request(&format!("r{round}-{number}"), &known)?;
        if let Some(account) = calls.iter().find_map(account::Call::shown) {
            lock(seen).clone_from(account);
        }
        Ok(calls)
    })
}

/// A client about to send a request.
struct Client<'a> {
    endpoint: &'a Endpoint,
    random: &'a mut Rng,
}

type Calls = Result<Vec<account::Call>, Violation>;

impl Client<'_> {
    /// A request about a name; `known` was seen last by any client, so it may be gone.
    fn request(&mut self, name: &str, known: &Account) -> Calls {
        if known.id.is_empty() {
            return self.create(name);
        }
        match self.random.u8(..12) {
            0 | 1 => self.create(name),
            2 | 3 => self.find(name),
            4 | 5 => self.read(known),
            6..=8 => self.write(known),
            9 | 10 => self.guarded(known),
            _ => self.delete(known),
        }
    }

    fn create(&mut self, name: &str) -> Calls {
        let user = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "userName": name,
            "title": self.value(),
        });
        let answer = self.endpoint.ask(Method::POST, "/Users", "", &user)?;
        Ok(vec![match answer.status {
            201 => Call::Create(Some(shown(&answer.body)?)),
            409 => Call::Create(None),
            503 => Call::Refused,
            _ => return Err(unexpected(&answer)),
        }])
    }

    fn find(&self, name: &str) -> Calls {
        let path = format!("/Users?filter=userName%20eq%20%22{name}%22");
        let answer = self.endpoint.ask(Method::GET, &path, "", &Value::Null)?;
        let total = answer.body.pointer("/totalResults").and_then(Value::as_u64);
        Ok(vec![match (answer.status, total, answer.body.pointer("/Resources/0")) {
            (200, Some(0), None) => Call::Find(None),
            (200, Some(1), Some(user)) => Call::Find(Some(shown(user)?)),
            _ => return Err(unexpected(&answer)),
        }])
    }

    fn read(&self, known: &Account) -> Calls {
        let answer = self.endpoint.ask(Method::GET, &path(known), "", &Value::Null)?;
        let read = match answer.status {
            200 => Some(shown(&answer.body)?),
            404 => None,
            _ => return Err(unexpected(&answer)),
        };
        Ok(vec![Call::Read(known.id.clone(), read)])
    }

    fn write(&mut self, known: &Account) -> Calls {
        let (field, name) = match self.random.bool() {
            true => (Field::Title, "title"),
            false => (Field::NickName, "nickName"),
        };
        let (id, value) = (known.id.clone(), self.value());
        let operation = json!({"op": "replace", "path": name, "value": value});
        let answer = self.endpoint.patch(&path(known), "", &operation)?;
        let write = |was_there| Call::Write { id: id.clone(), field, value, was_there };
        Ok(match answer.status {
            200 | 204 => vec![write(true), seen_after(known, &answer)?],
            404 => vec![write(false)],
            503 => vec![Call::Refused],
            _ => return Err(unexpected(&answer)),
        })
    }

    fn guarded(&mut self, known: &Account) -> Calls {
        let (id, version, value) = (known.id.clone(), known.version, self.value());
        let operation = json!({"op": "replace", "path": "title", "value": value});
        let tag = format!("W/\"{version}\"");
        let answer = self.endpoint.patch(&path(known), &tag, &operation)?;
        let guarded = |outcome| Call::Guarded { id: id.clone(), version, value, outcome };
        Ok(match answer.status {
            200 | 204 => vec![guarded(Guarded::Done), seen_after(known, &answer)?],
            404 => vec![guarded(Guarded::Gone)],
            412 => vec![guarded(Guarded::Changed)],
            503 => vec![Call::Refused],
            _ => return Err(unexpected(&answer)),
        })
    }

    fn delete(&self, known: &Account) -> Calls {
        let answer = self.endpoint.ask(Method::DELETE, &path(known), "", &Value::Null)?;
        Ok(vec![match answer.status {
            204 => Call::Delete(known.id.clone(), true),
            404 => Call::Delete(known.id.clone(), false),
            503 => Call::Refused,
            _ => return Err(unexpected(&answer)),
        }])
    }

    /// A value that nobody else writes.
    fn value(&mut self) -> String {
        format!("{:x}", self.random.u64(..))
    }
}

fn path(known: &Account) -> String {
    format!("/Users/{}", known.id)
}

/// What a write is answered by: the user as it is then, or nothing (204) when it was deleted.
fn seen_after(known: &Account, answer: &Answer) -> Result<account::Call, Violation> {
    let there = if answer.body.is_null() { None } else { Some(shown(&answer.body)?) };
    Ok(Call::Read(known.id.clone(), there))
}

fn shown(user: &Value) -> Result<Account, Violation> {
    let text = |pointer| user.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let version = text("/meta/version").trim_start_matches("W/").trim_matches('"');
    Ok(Account {
        id: text("/id").to_owned(),
        title: text("/title").to_owned(),
        nick_name: text("/nickName").to_owned(),
        version: version.parse()?,
    })
}

fn unexpected(answer: &Answer) -> Violation {
    format!("not an answer to this request: {answer:?}").into()
}

fn memberships(
    endpoint: &Endpoint,
    round: usize,
    random: &mut Rng,
) -> Result<Vec<History<Membership>>, Violation> {
    let made = |path: &str, body: &Value| -> Result<String, Violation> {
        let answer = endpoint.ask(Method::POST, path, "", body)?;
        if answer.status == 201 { Ok(answer.text("/id")) } else { Err(unexpected(&answer)) }
    };
    let user = |number: usize| made("/Users", &json!({"userName": format!("m{round}-{number}")}));
    let group = made("/Groups", &json!({"displayName": format!("g{round}")}))?;
    let users: Vec<String> = (0..MEMBERS).map(user).collect::<Result<_, _>>()?;
    record(MEMBERS, random, |number, random| {
        let user = users.get(number).ok_or("a user that there is not")?;
        Ok(vec![membership_call(endpoint, &group, user, random)?])
    })
}

fn membership_call(
    endpoint: &Endpoint,
    group: &str,
    user: &str,
    random: &mut Rng,
) -> Result<membership::Call, Violation> {
    use membership::Call;

    let path = format!("/Groups/{group}");
    let add = json!({"op": "add", "path": "members", "value": [{"value": user}]});
    let remove = json!({"op": "remove", "path": format!("members[value eq \"{user}\"]")});
    let (answer, call) = match random.u8(..4) {
        0 => (endpoint.patch(&path, "", &add)?, Call::Add),
        1 => (endpoint.patch(&path, "", &remove)?, Call::Remove),
        // From one side and from the other.
        2 => {
            let answer = endpoint.ask(Method::GET, &path, "", &Value::Null)?;
            let is_member = has(&answer.body, "/members", user);
            (answer, Call::Look(is_member))
        }
        _ => {
            let answer = endpoint.ask(Method::GET, &format!("/Users/{user}"), "", &Value::Null)?;
            let is_member = has(&answer.body, "/groups", group);
            (answer, Call::Look(is_member))
        }
    };
    match answer.status {
        200 | 204 => Ok(call),
        503 => Ok(Call::Refused),
        _ => Err(unexpected(&answer)),
    }
}

fn has(resource: &Value, attribute: &str, id: &str) -> bool {
    let elements = resource.pointer(attribute).and_then(Value::as_array);
    elements.into_iter().flatten().any(|element| element.get("value") == Some(&json!(id)))
}
