//! What is on the server, read over HTTP, and whether it is consistent in itself.

use std::collections::{BTreeMap, BTreeSet};

use scim_example_options::process::Process;
use serde_json::Value;

use crate::{
    Violation,
    action::{Holdings, User},
};

/// Resources asked for at a time.
const PAGE: usize = 100;

/// What each of so many clients has, by what is there.
///
/// # Errors
/// When names are not unique, a user is half written, `groups` and `members` disagree, or half a
/// pair is there.
pub(crate) fn audit(
    process: &Process,
    teams: &[String],
    clients: usize,
) -> Result<Vec<Holdings>, Violation> {
    let users = all(process, "/Users")?;
    let groups = all(process, "/Groups")?;
    unique_names(&users)?;
    edges_agree(&users, &groups)?;
    let mut holdings = vec![Holdings::default(); clients];
    for user in &users {
        let key = text(user, "externalId")?;
        let owner = owner(&mut holdings, key)?;
        owner.users.insert(key.to_owned(), whole_user(user, teams)?);
    }
    for pair in whole_pairs(&groups)? {
        let key = pair.strip_prefix("pair ").ok_or("a pair without a name")?.to_owned();
        owner(&mut holdings, &key)?.pairs.insert(pair);
    }
    for (number, id) in teams.iter().enumerate() {
        let there = groups.iter().any(|group| group.get("id").and_then(Value::as_str) == Some(id));
        ensure(there, || format!("team {number} is gone"))?;
    }
    Ok(holdings)
}

fn all(process: &Process, endpoint: &str) -> Result<Vec<Value>, Violation> {
    let mut resources = Vec::new();
    loop {
        let path = format!("{endpoint}?startIndex={}&count={PAGE}", resources.len() + 1);
        let answer = process.request("GET", &path, &Value::Null).map_err(|it| it.to_string())?;
        let (200, page) = answer else { return Err(format!("{path}: {answer:?}").into()) };
        let found = page.get("Resources").and_then(Value::as_array).cloned().unwrap_or_default();
        let total = page.get("totalResults").and_then(Value::as_u64).ok_or("no totalResults")?;
        let is_last = found.is_empty();
        resources.extend(found);
        if resources.len() as u64 == total {
            return Ok(resources);
        }
        ensure(!is_last, || format!("{} of {total} are found", resources.len()))?;
    }
}

fn unique_names(users: &[Value]) -> Result<(), Violation> {
    let mut names = BTreeSet::new();
    for user in users {
        let name = text(user, "userName")?.to_lowercase();
        ensure(names.insert(name), || format!("two users have the name of {user}"))?;
    }
    Ok(())
}

/// `groups` of the users are the direct `members` of the groups, read from the other side.
fn edges_agree(users: &[Value], groups: &[Value]) -> Result<(), Violation> {
    let mut by_members: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for group in groups {
        for member in values(group, "members")? {
            by_members.entry(member).or_default().insert(text(group, "id")?);
        }
    }
    let ids: BTreeSet<_> =
        users.iter().chain(groups).map(|it| text(it, "id")).collect::<Result<_, _>>()?;
    let nobody = by_members.keys().find(|member| !ids.contains(*member));
    ensure(nobody.is_none(), || format!("{nobody:?} is a member and does not exist"))?;
    for user in users {
        let by_user: BTreeSet<&str> = values(user, "groups")?.into_iter().collect();
        let members = by_members.get(text(user, "id")?).cloned().unwrap_or_default();
        ensure(by_user == members, || format!("{by_user:?} and {members:?} of {user}"))?;
    }
    Ok(())
}

fn values<'a>(resource: &'a Value, attribute: &str) -> Result<Vec<&'a str>, Violation> {
    let empty = Vec::new();
    let elements = resource.get(attribute).and_then(Value::as_array);
    let values: Vec<_> = match elements {
        Some(elements) => elements.iter().map(|it| text(it, "value")).collect::<Result<_, _>>()?,
        None => empty,
    };
    let distinct: BTreeSet<_> = values.iter().collect();
    ensure(distinct.len() == values.len(), || format!("an element twice: {resource}"))?;
    Ok(values)
}

fn whole_user(user: &Value, teams: &[String]) -> Result<User, Violation> {
    let written = text(user, "title")?;
    let is_whole = text(user, "nickName")? == written && text(user, "displayName")? == written;
    ensure(is_whole, || format!("half of a write: {user}"))?;
    let groups = values(user, "groups")?;
    let is_member = |(_, id): &(usize, &String)| groups.contains(&id.as_str());
    let teams: BTreeSet<_> =
        teams.iter().enumerate().filter(is_member).map(|(number, _)| number).collect();
    ensure(teams.len() == groups.len(), || format!("a member of an unknown group: {user}"))?;
    Ok(User {
        id: text(user, "id")?.to_owned(),
        name: text(user, "userName")?.to_owned(),
        text: written.to_owned(),
        teams,
    })
}

/// The names of the pairs, both halves of which are there and members of one another.
fn whole_pairs(groups: &[Value]) -> Result<BTreeSet<String>, Violation> {
    let mut halves = BTreeMap::new();
    for group in groups {
        if let Some((pair, half)) = text(group, "displayName")?.rsplit_once(' ')
            && pair.starts_with("pair ")
        {
            halves.insert((pair, half), (text(group, "id")?, values(group, "members")?));
        }
    }
    let other = |half: &str| if half == "a" { "b" } else { "a" };
    for ((pair, half), (_, members)) in &halves {
        let (id, _) = halves.get(&(pair, other(half))).ok_or(format!("half of {pair}"))?;
        ensure(members == &[*id], || format!("{pair} {half} has the members {members:?}"))?;
    }
    Ok(halves.into_keys().map(|(pair, _)| pair.to_owned()).collect())
}

/// Keys begin with the number of their client.
fn owner<'a>(holdings: &'a mut [Holdings], key: &str) -> Result<&'a mut Holdings, Violation> {
    let number = key.split('-').next().and_then(|number| number.parse::<usize>().ok());
    let owner = number.and_then(|number| holdings.get_mut(number));
    owner.ok_or_else(|| format!("nobody made `{key}`").into())
}

fn text<'a>(resource: &'a Value, attribute: &str) -> Result<&'a str, Violation> {
    let value = resource.get(attribute).and_then(Value::as_str);
    value.ok_or_else(|| format!("no `{attribute}` in {resource}").into())
}

pub(crate) fn ensure(holds: bool, violation: impl FnOnce() -> String) -> Result<(), Violation> {
    if holds { Ok(()) } else { Err(violation().into()) }
}
