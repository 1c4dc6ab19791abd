//! The requests that are measured, each with the check of its answer.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    client::{Response, request},
    measure::{Failure, Load, Port, Server},
    population::{
        CROWD, Population, display_name, external_id, group_id, user, user_id, user_name,
        work_email,
    },
};

const BASE: &str = "/scim/v2";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The first numbers of users that are added while measuring: by POST, by Bulk, to the floors.
const POSTED: usize = 100_000_000;
const BULKED: usize = 200_000_000;
const INSERTED: usize = 300_000_000;

/// How many users one Bulk request adds.
pub(crate) const BULK: usize = 100;

/// The same few users in an order that jumps about.
fn scattered(number: u64, of: usize) -> usize {
    (number as usize).wrapping_mul(7_919) % of
}

fn parsed(response: &Response, status: u16) -> Result<Value, String> {
    if response.status != status {
        return Err(format!("status {status} was expected"));
    }
    serde_json::from_slice(&response.body).map_err(|error| error.to_string())
}

fn same(found: Option<&Value>, expected: impl Into<Value>) -> Result<(), String> {
    let expected = expected.into();
    if found == Some(&expected) { Ok(()) } else { Err(format!("{expected} was expected")) }
}

fn is_user(found: &Value, number: usize) -> Result<(), String> {
    same(found.get("id"), user_id(number))?;
    same(found.get("userName"), user_name(number))?;
    same(found.pointer("/emails/0/value"), work_email(number))
}

fn status(response: &Response, expected: u16) -> Result<(), String> {
    if response.status == expected { Ok(()) } else { Err(format!("not {expected}")) }
}

/// A path in which a query is encoded.
fn query(path: &str, filter: &str) -> String {
    let mut encoded = String::new();
    for byte in filter.bytes() {
        match byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            true => encoded.push(byte.into()),
            false => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    format!("{BASE}{path}?filter={encoded}")
}

fn patch(group_or_user: &str, operations: &Value) -> Vec<u8> {
    let body = json!({"schemas": [PATCH], "Operations": operations});
    request("PATCH", &format!("{BASE}{group_or_user}"), &body.to_string())
}

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

/// The filters with which identity providers look for a user.
pub(crate) fn look_ups() -> [(&'static str, fn(usize) -> String); 5] {
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
pub(crate) fn searches() -> [(&'static str, fn(usize) -> String); 6] {
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
            body["title"] = title(number).into();
            request("PUT", &format!("{BASE}/Users/{}", user_id(user_number)), &body.to_string())
        },
        move |number, response| same(parsed(response, 200)?.get("title"), title(number)),
    )
}

/// Adds a spare user to a group, or takes one out again.
pub(crate) fn change_member(server: &Arc<Server>, group: usize, op: &'static str) -> Load {
    let population = server.population;
    let path = format!("/Groups/{}", group_id(group));
    Load::new(
        server,
        Port::Scim,
        move |number| {
            let member = user_id(population.spare(number as usize));
            patch(
                &path,
                &match op {
                    "add" => {
                        json!([{"op": "add", "path": "members", "value": [{"value": member}]}])
                    }
                    _ => {
                        json!([{"op": "remove", "path": format!("members[value eq \"{member}\"]")}])
                    }
                },
            )
        },
        |_, response| status(response, 204),
    )
}

/// Adds a thousand members to one team after the other.
pub(crate) fn add_crowd(server: &Arc<Server>) -> Load {
    let population = server.population;
    let members: Vec<_> =
        (0..CROWD).map(|it| json!({"value": user_id(population.spare(it))})).collect();
    let operations = json!([{"op": "add", "path": "members", "value": members}]);
    Load::new(
        server,
        Port::Scim,
        move |number| {
            let team = population.team(number as usize % population.teams);
            patch(&format!("/Groups/{}", group_id(team)), &operations)
        },
        |_, response| status(response, 204),
    )
}

pub(crate) fn get_group_without_members(server: &Arc<Server>, group: usize) -> Load {
    let path = format!("{BASE}/Groups/{}?excludedAttributes=members", group_id(group));
    Load::new(
        server,
        Port::Scim,
        move |_| request("GET", &path, ""),
        move |_, response| {
            let found = parsed(response, 200)?;
            same(found.get("id"), group_id(group))?;
            if found.get("members").is_none() { Ok(()) } else { Err("members".to_owned()) }
        },
    )
}

/// Whether a user is a member: one who is, and one who is not, in turn.
pub(crate) fn has_member(server: &Arc<Server>, group: usize) -> Load {
    let (population, id) = (server.population, group_id(group));
    let members = population.members(group);
    Load::new(
        server,
        Port::Scim,
        move |number| {
            let member = match number.is_multiple_of(2) {
                true => scattered(number, members),
                false => population.busy(number as usize),
            };
            let filter = format!("id eq \"{id}\" and members eq \"{}\"", user_id(member));
            request("GET", &format!("{}&excludedAttributes=members", query("/Groups", &filter)), "")
        },
        |number, response| {
            let expected = u64::from(number.is_multiple_of(2));
            same(parsed(response, 200)?.get("totalResults"), expected)
        },
    )
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

/// A group with its members, which are counted.
pub(crate) fn get_group(server: &Arc<Server>, group: usize, expected: usize) -> Load {
    let path = format!("{BASE}/Groups/{}", group_id(group));
    Load::new(
        server,
        Port::Scim,
        move |_| request("GET", &path, ""),
        move |_, response| {
            status(response, 200)?;
            let members = bytes_of(&response.body, b"\"$ref\":");
            if members == expected { Ok(()) } else { Err(format!("{members} members")) }
        },
    )
}

/// How many members a group has, as it shows them.
pub(crate) async fn member_count(server: &Server, group: usize) -> Result<usize, Failure> {
    let path = format!("{BASE}/Groups/{}?attributes=members.value", group_id(group));
    let response = server.send(&request("GET", &path, "")).await?;
    Ok(bytes_of(&response.body, b"\"value\":"))
}

fn bytes_of(text: &[u8], part: &[u8]) -> usize {
    // The next one can only begin at a quotation mark.
    let starts = text.iter().enumerate().filter(|(_, byte)| Some(*byte) == part.first());
    starts.filter(|(at, _)| text.get(*at..).is_some_and(|rest| rest.starts_with(part))).count()
}

pub(crate) fn clear_group(server: &Arc<Server>, group: usize) -> Load {
    let path = format!("/Groups/{}", group_id(group));
    Load::new(
        server,
        Port::Scim,
        move |_| patch(&path, &json!([{"op": "remove", "path": "members"}])),
        |_, response| status(response, 204),
    )
}

/// The requests to the floors.
pub(crate) mod floor {
    use super::*;

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
}
