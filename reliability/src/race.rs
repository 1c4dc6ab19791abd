//! Races that only one may win, and that nobody may lose.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use http::Method;
use serde_json::{Value, json};

use crate::{Answer, Endpoint, Violation, audit::ensure};

/// Clients at once.
const CLIENTS: usize = 6;

/// Races of all kinds, round after round.
///
/// # Errors
/// When a unique name has two holders, two win with the same `If-Match`, or a member is lost.
pub fn race(endpoint: &Endpoint, rounds: usize) -> Result<(), Violation> {
    for round in 0..rounds {
        let user = one_name_has_one_holder(endpoint, round)?;
        if_match_has_one_winner(endpoint, &user)?;
        no_member_is_lost(endpoint, round)?;
    }
    Ok(())
}

/// Each client sends a request that depends on its number; all begin together.
fn together(
    request: impl Fn(usize) -> Result<Answer, Violation> + Sync,
) -> Result<Vec<Answer>, Violation> {
    let ready = AtomicUsize::new(0);
    thread::scope(|scope| {
        let (ready, request) = (&ready, &request);
        let client = move |number| {
            ready.fetch_add(1, Ordering::AcqRel);
            while ready.load(Ordering::Acquire) < CLIENTS {
                thread::yield_now();
            }
            request(number)
        };
        let threads: Vec<_> =
            (0..CLIENTS).map(|number| scope.spawn(move || client(number))).collect();
        threads
            .into_iter()
            .map(|it| it.join().unwrap_or_else(|_| Err("a client panicked".into())))
            .collect()
    })
}

/// All but one have this status; the one that has the other.
fn winner(answers: &[Answer], won: u16, lost: u16) -> Result<&Answer, Violation> {
    let mut winners = answers.iter().filter(|answer| answer.status == won);
    let losers = answers.iter().filter(|answer| answer.status == lost).count();
    match (winners.next(), winners.next()) {
        (Some(winner), None) if losers + 1 == answers.len() => Ok(winner),
        _ => Err(format!("one {won} and else {lost} expected: {answers:?}").into()),
    }
}

/// The path of the user that was created.
fn one_name_has_one_holder(endpoint: &Endpoint, round: usize) -> Result<String, Violation> {
    let name = format!("race-{round}");
    let answers = together(|number| {
        // The same name, ignoring case.
        let name = if number % 2 == 0 { name.clone() } else { name.to_uppercase() };
        endpoint.ask(Method::POST, "/Users", "", &json!({"userName": name}))
    })?;
    let winner = winner(&answers, 201, 409)?;
    let filter = format!("/Users?filter=userName%20eq%20%22{name}%22");
    let found = endpoint.ask(Method::GET, &filter, "", &Value::Null)?;
    ensure(found.body.pointer("/totalResults") == Some(&json!(1)), || format!("{found:?}"))?;
    Ok(format!("/Users/{}", winner.text("/id")))
}

fn if_match_has_one_winner(endpoint: &Endpoint, path: &str) -> Result<(), Violation> {
    let tag = endpoint.ask(Method::GET, path, "", &Value::Null)?.tag;
    let answers = together(|number| {
        let operation = json!({"op": "replace", "path": "title", "value": number.to_string()});
        endpoint.patch(path, &tag, &operation)
    })?;
    let winner = winner(&answers, 200, 412)?;
    let now = endpoint.ask(Method::GET, path, "", &Value::Null)?;
    ensure(now.body == winner.body, || format!("{winner:?} won and {now:?} is there"))
}

/// Half of the clients add their users, the other half remove theirs.
fn no_member_is_lost(endpoint: &Endpoint, round: usize) -> Result<(), Violation> {
    let users: Vec<String> = (0..CLIENTS)
        .map(|number| {
            let user = json!({"userName": format!("member-{round}-{number}")});
            Ok(endpoint.ask(Method::POST, "/Users", "", &user)?.text("/id"))
        })
        .collect::<Result<_, Violation>>()?;
    let halves = |parity| users.iter().skip(parity).step_by(2);
    let members: Vec<_> = halves(1).map(|id| json!({"value": id})).collect();
    let group = json!({"displayName": format!("race {round}"), "members": members});
    let made = endpoint.ask(Method::POST, "/Groups", "", &group)?;
    let path = format!("/Groups/{}", made.text("/id"));
    together(|number| {
        let user = users.get(number).ok_or("a user that there is not")?;
        let operation = match number % 2 {
            0 => json!({"op": "add", "path": "members", "value": [{"value": user}]}),
            _ => json!({"op": "remove", "path": format!("members[value eq \"{user}\"]")}),
        };
        endpoint.patch(&path, "", &operation)
    })?;
    let now = endpoint.ask(Method::GET, &path, "", &Value::Null)?;
    let there = now.body.pointer("/members").and_then(Value::as_array).into_iter().flatten();
    let there: BTreeSet<_> = there.filter_map(|it| it.get("value")?.as_str()).collect();
    let expected: BTreeSet<_> = halves(0).map(String::as_str).collect();
    ensure(there == expected, || format!("{expected:?} are members, not {there:?}"))
}
