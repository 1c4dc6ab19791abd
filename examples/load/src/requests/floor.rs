//! The requests to the floors.

use std::sync::Arc;

use serde_json::Value;

use super::{BULK, parsed, same, scattered, status};
use crate::{
    client::{Response, request},
    measure::{Load, Port, Server},
    population::{CROWD, Population, user, user_id, user_name},
};

const INSERTED: usize = 300_000_000;

pub(crate) fn fixed(server: &Arc<Server>) -> Load {
    let request = request("GET", "/fixed", "");
    let check = |_, response: &Response| body_is_user(response, 0);
    Load::new(server, Port::Floor, move |_| request.clone(), check)
}

pub(crate) fn map_by_name(server: &Arc<Server>) -> Load {
    keyed(server, "/map/", user_name)
}

pub(crate) fn select(server: &Arc<Server>) -> Load {
    keyed(server, "/users/", user_id)
}

pub(crate) fn select_by_name(server: &Arc<Server>) -> Load {
    keyed(server, "/names/", user_name)
}

pub(crate) fn update(server: &Arc<Server>) -> Load {
    let users = server.population.users;
    Load::new(
        server,
        Port::Floor,
        move |number| {
            let number = scattered(number, users);
            let body = user(number).to_string();
            request("PUT", &format!("/users/{}", user_id(number)), &body)
        },
        |_, response| status(response, 204),
    )
}

pub(crate) fn insert(server: &Arc<Server>) -> Load {
    Load::new(
        server,
        Port::Floor,
        |number| request("POST", "/users", &user(INSERTED + number as usize).to_string()),
        |_, response| status(response, 201),
    )
}

pub(crate) fn insert_all(server: &Arc<Server>) -> Load {
    let load = Load::new(
        server,
        Port::Floor,
        |number| {
            let first = 2 * INSERTED + number as usize * BULK;
            let users: Vec<_> = (first..first + BULK).map(user).collect();
            request("POST", "/batch", &Value::from(users).to_string())
        },
        |_, response| status(response, 201),
    );
    load.parts(BULK as u64)
}

/// One edge after the other, into teams of their own.
pub(crate) fn connect(server: &Arc<Server>) -> Load {
    let population = server.population;
    Load::new(
        server,
        Port::Floor,
        move |number| {
            let member = user_id(population.spare(number as usize));
            let team = 1_000_000 + number as usize / Population::SPARE;
            request("POST", &format!("/edges/{team}/{member}"), "")
        },
        |_, response| status(response, 204),
    )
}

pub(crate) fn connect_crowd(server: &Arc<Server>) -> Load {
    let population = server.population;
    let ids: Vec<_> = (0..CROWD).map(|it| Value::from(user_id(population.spare(it)))).collect();
    let body = Value::from(ids).to_string();
    Load::new(
        server,
        Port::Floor,
        move |number| request("POST", &format!("/edges/{}", 2_000_000 + number), &body),
        |_, response| status(response, 204),
    )
}

pub(crate) fn edges_of_busy_user(server: &Arc<Server>) -> Load {
    let population = server.population;
    let path = format!("/edges-of/{}", user_id(population.busy(5)));
    Load::new(
        server,
        Port::Floor,
        move |_| request("GET", &path, ""),
        move |_, response| {
            let rows = parsed(response, 200)?.as_array().map(Vec::len);
            if rows == Some(population.teams) { Ok(()) } else { Err(format!("{rows:?}")) }
        },
    )
}

fn body_is_user(response: &Response, number: usize) -> Result<(), String> {
    same(parsed(response, 200)?.get("userName"), user_name(number))
}

fn keyed(
    server: &Arc<Server>,
    path: &'static str,
    key: impl Fn(usize) -> String + Send + Sync + 'static,
) -> Load {
    let users = server.population.users;
    Load::new(
        server,
        Port::Floor,
        move |number| request("GET", &format!("{path}{}", key(scattered(number, users))), ""),
        move |number, response| body_is_user(response, scattered(number, users)),
    )
}
