//! Requests that read and write groups and their members.

use std::sync::Arc;

use serde_json::json;

use super::{BASE, parsed, patch, query, same, scattered, status};
use crate::{
    client::request,
    measure::{Failure, Load, Port, Server},
    population::{CROWD, group_id, user_id},
};

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

pub(crate) fn clear_group(server: &Arc<Server>, group: usize) -> Load {
    let path = format!("/Groups/{}", group_id(group));
    Load::new(
        server,
        Port::Scim,
        move |_| patch(&path, &json!([{"op": "remove", "path": "members"}])),
        |_, response| status(response, 204),
    )
}

fn bytes_of(text: &[u8], part: &[u8]) -> usize {
    // The next one can only begin at a quotation mark.
    let starts = text.iter().enumerate().filter(|(_, byte)| Some(*byte) == part.first());
    starts.filter(|(at, _)| text.get(*at..).is_some_and(|rest| rest.starts_with(part))).count()
}
