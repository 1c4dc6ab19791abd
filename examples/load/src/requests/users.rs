//! Requests that read and write users.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{BASE, BULK, parsed, patch, query, same, scattered, status};
use crate::{
    client::{Response, request},
    measure::{Load, Port, Server},
    population::{display_name, external_id, user, user_id, user_name, work_email},
};

/// The first numbers of users that are added while measuring: by POST, by Bulk, to the floors.
const POSTED: usize = 100_000_000;

const BULKED: usize = 200_000_000;

pub(crate) fn get_user(server: &Arc<Server>) -> Load {
    let users = server.population.users;
    let path = move |number| format!("{BASE}/Users/{}", user_id(scattered(number, users)));
    Load::new(
        server,
        Port::Scim,
        move |number| request("GET", &path(number), ""),
        move |number, response| is_user(&parsed(response, 200)?, scattered(number, users)),
    )
}

/// A look-up whose filter is made from the number of the user.
pub(crate) fn find_user(
    server: &Arc<Server>,
    filter: impl Fn(usize) -> String + Send + Sync + 'static,
) -> Load {
    let users = server.population.users;
    Load::new(
        server,
        Port::Scim,
        move |number| request("GET", &query("/Users", &filter(scattered(number, users))), ""),
        move |number, response| {
            let found = parsed(response, 200)?;
            same(found.get("totalResults"), 1)?;
            is_user(found.pointer("/Resources/0").unwrap_or(&Value::Null), scattered(number, users))
        },
    )
}

/// What a row is called, and the filter that finds the user of a number.
type NamedFilter = (&'static str, fn(usize) -> String);

/// The filters with which identity providers look for a user.
pub(crate) fn look_ups() -> [NamedFilter; 5] {
    [
        ("userName eq", |it| format!("userName eq \"{}\"", user_name(it))),
        ("externalId eq", |it| format!("externalId eq \"{}\"", external_id(it))),
        ("emails.value eq", |it| format!("emails.value eq \"{}\"", work_email(it))),
        ("emails[type eq \"work\" and value eq …]", |it| {
            format!("emails[type eq \"work\" and value eq \"{}\"]", work_email(it))
        }),
        ("displayName eq", |it| format!("displayName eq \"{}\"", display_name(it))),
    ]
}

/// Filters that look inside of values.
pub(crate) fn searches() -> [NamedFilter; 6] {
    [
        ("userName co", |it| format!("userName co \"ser{it:07}@ex\"")),
        ("userName ew", |it| format!("userName ew \"r{it:07}@example.com\"")),
        ("displayName co", |it| format!("displayName co \"lace {it:07}\"")),
        ("displayName ew", |it| format!("displayName ew \"lace {it:07}\"")),
        ("emails.value co", |it| format!("emails.value co \"lace.{it:07}@ex\"")),
        ("emails.value ew", |it| format!("emails.value ew \"ce.{it:07}@example.com\"")),
    ]
}

/// `sw` with ten matches.
pub(crate) fn starting_with(
    server: &Arc<Server>,
    attribute: &'static str,
    start: &'static str,
) -> Load {
    Load::new(
        server,
        Port::Scim,
        move |number| {
            let ten = scattered(number, 9);
            request("GET", &query("/Users", &format!("{attribute} sw \"{start}00000{ten}\"")), "")
        },
        |_, response| same(parsed(response, 200)?.get("totalResults"), 10),
    )
}

/// A page of a hundred users.
pub(crate) fn page(server: &Arc<Server>, parameters: impl Into<String>) -> Load {
    let path = format!("{BASE}/Users?count=100{}", parameters.into());
    let population = server.population;
    Load::new(
        server,
        Port::Scim,
        move |_| request("GET", &path, ""),
        move |_, response| {
            let page = parsed(response, 200)?;
            let total = page.get("totalResults").and_then(Value::as_u64);
            if total.is_some_and(|total| total < population.all_users() as u64) {
                return Err("users are missing from the total".to_owned());
            }
            match page.get("Resources").and_then(Value::as_array).map(Vec::len) {
                Some(100) => Ok(()),
                _ => Err("100 resources were expected".to_owned()),
            }
        },
    )
}

/// The path of the next page by cursor, if there is a full one.
pub(crate) fn next_page(response: &Response) -> Option<String> {
    let page = parsed(response, 200).ok()?;
    Some(format!("&cursor={}", page.get("nextCursor")?.as_str()?))
}

pub(crate) fn first_page_by_cursor(parameters: &str) -> Vec<u8> {
    request("GET", &format!("{BASE}/Users?count=100{parameters}"), "")
}

/// A user with all teams.
pub(crate) fn get_busy_user(server: &Arc<Server>) -> Load {
    let population = server.population;
    let path = format!("{BASE}/Users/{}", user_id(population.busy(5)));
    Load::new(
        server,
        Port::Scim,
        move |_| request("GET", &path, ""),
        move |_, response| {
            let found = parsed(response, 200)?;
            match found.get("groups").and_then(Value::as_array).map(Vec::len) {
                Some(groups) if groups == population.teams => Ok(()),
                groups => Err(format!("{groups:?} groups")),
            }
        },
    )
}

pub(crate) fn create(server: &Arc<Server>) -> Load {
    Load::new(
        server,
        Port::Scim,
        |number| {
            let body = user(POSTED + number as usize).to_string();
            request("POST", &format!("{BASE}/Users"), &body)
        },
        |number, response| {
            let found = parsed(response, 201)?;
            same(found.get("userName"), user_name(POSTED + number as usize))
        },
    )
}

pub(crate) fn bulk_create(server: &Arc<Server>) -> Load {
    let load = Load::new(
        server,
        Port::Scim,
        |number| {
            let first = BULKED + number as usize * BULK;
            let operation = |it: usize| json!({"method": "POST", "path": "/Users", "bulkId": it.to_string(), "data": user(it)});
            let operations: Vec<_> = (first..first + BULK).map(operation).collect();
            let body = json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
                "Operations": operations
            });
            request("POST", &format!("{BASE}/Bulk"), &body.to_string())
        },
        |_, response| {
            let outcomes = parsed(response, 200)?;
            let outcomes = outcomes.get("Operations").and_then(Value::as_array);
            let created = outcomes.into_iter().flatten();
            let created = created.filter(|it| it.get("status") == Some(&json!("201"))).count();
            if created == BULK { Ok(()) } else { Err(format!("{created} were created")) }
        },
    );
    load.parts(BULK as u64)
}

/// Turns `active` over, user by user.
pub(crate) fn patch_active(server: &Arc<Server>) -> Load {
    let users = server.population.users;
    let active = move |number: u64| !(number / users as u64).is_multiple_of(2);
    Load::new(
        server,
        Port::Scim,
        move |number| {
            let path = format!("/Users/{}", user_id(scattered(number, users)));
            patch(&path, &json!([{"op": "replace", "path": "active", "value": active(number)}]))
        },
        move |number, response| same(parsed(response, 200)?.get("active"), active(number)),
    )
}

pub(crate) fn put_user(server: &Arc<Server>) -> Load {
    let users = server.population.users;
    let title = |number: u64| format!("Analyst of Engine {number}");
    Load::new(
        server,
        Port::Scim,
        move |number| {
            let user_number = scattered(number, users);
            let mut body = user(user_number);
            if let Some(attributes) = body.as_object_mut() {
                attributes.insert("title".to_owned(), title(number).into());
            }
            request("PUT", &format!("{BASE}/Users/{}", user_id(user_number)), &body.to_string())
        },
        move |number, response| same(parsed(response, 200)?.get("title"), title(number)),
    )
}

/// Removes users who are in all teams; the one of [`get_busy_user`] is the last.
pub(crate) fn delete_busy_user(server: &Arc<Server>) -> Load {
    let population = server.population;
    Load::new(
        server,
        Port::Scim,
        move |number| {
            let user = user_id(population.busy(6 + number as usize));
            request("DELETE", &format!("{BASE}/Users/{user}"), "")
        },
        |_, response| status(response, 204),
    )
}

fn is_user(found: &Value, number: usize) -> Result<(), String> {
    same(found.get("id"), user_id(number))?;
    same(found.get("userName"), user_name(number))?;
    same(found.pointer("/emails/0/value"), work_email(number))
}
