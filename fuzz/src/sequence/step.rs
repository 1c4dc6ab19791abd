//! One request of a sequence, and what it does to the model.

use std::collections::BTreeSet;

use arbitrary::Arbitrary;
use http::Method;
use serde_json::{Value, json};

use crate::{
    endpoint::{Answer, Endpoint, GROUP, USER},
    model::{Group, Model},
};

const NAMES: [&str; 5] = ["anna", "ANNA", "bob", "carl", "dora"];

/// Picks from here on are of a resource that does not exist.
const NOBODY: u8 = 240;

/// A resource by its position among those there are, over and over.
#[derive(Clone, Copy, Debug, Arbitrary)]
pub(super) struct Pick(u8);

/// One of few names, some of which differ in case alone.
#[derive(Clone, Copy, Debug, Arbitrary)]
pub(super) struct Name(u8);

/// A request.
#[derive(Debug, Arbitrary)]
pub(super) enum Step {
    CreateUser(Name),
    CreateGroup(Name, Vec<Pick>),
    RenameUser(Pick, Name, Verb),
    RenameGroup(Pick, Name),
    Replace(Pick, Name, Vec<Pick>),
    Add(Pick, Vec<Pick>),
    Remove(Pick, Vec<Pick>, Listing),
    RemoveUsers(Pick, Vec<Pick>),
    Assign(Pick, Vec<Pick>),
    Clear(Pick),
    Mixed(Pick, Name, Vec<Pick>, Vec<Pick>),
    Delete(Pick),
}

#[derive(Clone, Copy, Debug, Arbitrary)]
pub(super) enum Verb {
    Put,
    Patch,
}

/// How members that are to be removed are named.
#[derive(Clone, Copy, Debug, Arbitrary)]
pub(super) enum Listing {
    Filters,
    Values,
}

impl Step {
    /// Sends the request, and does the same to the model when it may succeed.
    pub(super) fn run(&self, endpoint: &Endpoint, model: &mut Model) {
        match self {
            Self::CreateUser(name) => create_user(endpoint, model, name.text()),
            Self::CreateGroup(name, members) => {
                create_group(endpoint, model, name.text(), &ids(members, model));
            }
            Self::RenameUser(user, name, verb) => {
                rename_user(endpoint, model, &user.user(model), name.text(), *verb);
            }
            Self::RenameGroup(group, name) => {
                let operations = json!([{"op": "replace", "value": {"displayName": name.text()}}]);
                change_group(endpoint, model, *group, &[], &operations, |group| {
                    group.name = name.text().to_owned();
                });
            }
            Self::Replace(group, name, members) => {
                replace_group(endpoint, model, &group.group(model), name.text(), members);
            }
            Self::Delete(pick) => delete(endpoint, model, *pick),
            other => other.change_members(endpoint, model),
        }
    }

    /// Whether it may take back what it has just done, so that a version moves for nothing.
    pub(super) fn may_undo_itself(&self) -> bool {
        matches!(self, Self::RemoveUsers(..) | Self::Mixed(..))
    }

    fn change_members(&self, endpoint: &Endpoint, model: &mut Model) {
        match self {
            Self::Add(group, members) => {
                let members = ids(members, model);
                let operations =
                    json!([{"op": "add", "path": "members", "value": values(&members)}]);
                // To add `[]` adds nothing by default (H-039).
                change_group(endpoint, model, *group, &members, &operations, |group| {
                    group.members.extend(members.iter().cloned());
                });
            }
            Self::Remove(group, members, listing) => {
                let members = ids(members, model);
                let operations = removals(&members, *listing);
                if members.is_empty() {
                    return;
                }
                change_group(endpoint, model, *group, &[], &operations, |group| {
                    group.members.retain(|member| !members.contains(member));
                });
            }
            Self::RemoveUsers(group, members) => remove_users(endpoint, model, *group, members),
            Self::Assign(group, members) => {
                let members = ids(members, model);
                let operations =
                    json!([{"op": "replace", "path": "members", "value": values(&members)}]);
                change_group(endpoint, model, *group, &members, &operations, |group| {
                    group.members = members.iter().cloned().collect();
                });
            }
            Self::Clear(group) => {
                let operations = json!([{"op": "remove", "path": "members"}]);
                change_group(endpoint, model, *group, &[], &operations, |group| {
                    group.members.clear();
                });
            }
            Self::Mixed(group, name, added, removed) => {
                mixed(endpoint, model, *group, name.text(), added, removed);
            }
            _ => {}
        }
    }
}

impl Name {
    pub(super) const fn nth(position: u8) -> Self {
        Self(position)
    }

    fn text(self) -> &'static str {
        NAMES[usize::from(self.0) % NAMES.len()]
    }
}

impl Pick {
    pub(super) const fn nth(position: u8) -> Self {
        Self(position)
    }

    pub(super) fn user(self, model: &Model) -> String {
        self.among(model.users.keys())
    }

    fn group(self, model: &Model) -> String {
        self.among(model.groups.keys())
    }

    pub(super) fn any(self, model: &Model) -> String {
        self.among(model.users.keys().chain(model.groups.keys()))
    }

    fn among<'a>(self, ids: impl Iterator<Item = &'a String>) -> String {
        let ids: Vec<_> = ids.collect();
        match usize::from(self.0).checked_rem(ids.len()) {
            Some(position) if self.0 < NOBODY => ids[position].clone(),
            _ => "nobody".to_owned(),
        }
    }
}

fn ids(picks: &[Pick], model: &Model) -> Vec<String> {
    picks.iter().take(4).map(|pick| pick.any(model)).collect()
}

fn values(ids: &[String]) -> Value {
    ids.iter().map(|id| json!({"value": id})).collect()
}

fn create_user(endpoint: &Endpoint, model: &mut Model, name: &str) {
    let body = json!({"schemas": [USER], "userName": name});
    let answer = endpoint.json(Method::POST, "/Users", &body);
    if model.is_taken(name, None) {
        answer.expect(409);
    } else {
        model.users.insert(answer.expect(201).id(), name.to_owned());
    }
}

fn create_group(endpoint: &Endpoint, model: &mut Model, name: &str, members: &[String]) {
    let body = json!({"schemas": [GROUP], "displayName": name, "members": values(members)});
    let answer = endpoint.json(Method::POST, "/Groups", &body);
    if members.iter().all(|id| model.exists(id)) {
        let group = Group { name: name.to_owned(), members: members.iter().cloned().collect() };
        model.groups.insert(answer.expect(201).id(), group);
    } else {
        answer.expect(400);
    }
}

fn rename_user(endpoint: &Endpoint, model: &mut Model, id: &str, name: &str, verb: Verb) {
    let path = format!("/Users/{id}");
    let answer = match verb {
        Verb::Put => {
            let body = json!({"schemas": [USER], "userName": name});
            endpoint.json(Method::PUT, &path, &body)
        }
        Verb::Patch => {
            let operation = json!([{"op": "replace", "path": "userName", "value": name}]);
            endpoint.patch(&path, &operation)
        }
    };
    let is_taken = model.is_taken(name, Some(id));
    match model.users.get_mut(id) {
        None => drop(answer.expect(404)),
        Some(_) if is_taken => drop(answer.expect(409)),
        Some(known) => {
            answer.expect(200);
            *known = name.to_owned();
        }
    }
}

fn replace_group(endpoint: &Endpoint, model: &mut Model, id: &str, name: &str, members: &[Pick]) {
    let members = ids(members, model);
    let body = json!({"schemas": [GROUP], "displayName": name, "members": values(&members)});
    let answer = endpoint.json(Method::PUT, &format!("/Groups/{id}"), &body);
    let is_sound = members.iter().all(|id| model.exists(id));
    match model.groups.get_mut(id) {
        None => drop(answer.expect(404)),
        Some(_) if !is_sound => drop(answer.expect(400)),
        Some(group) => {
            answer.expect(200);
            let members = members.into_iter().collect();
            *group = Group { name: name.to_owned(), members };
        }
    }
}

/// Patches a group to which these targets are added.
fn change_group(
    endpoint: &Endpoint,
    model: &mut Model,
    group: Pick,
    added: &[String],
    operations: &Value,
    change: impl FnOnce(&mut Group),
) {
    let id = group.group(model);
    let answer = endpoint.patch(&format!("/Groups/{id}"), operations);
    let is_sound = added.iter().all(|id| model.exists(id));
    match model.groups.get_mut(&id) {
        None => drop(answer.expect(404)),
        Some(_) if !is_sound => drop(answer.expect(400)),
        Some(group) => {
            is_done(&answer);
            change(group);
        }
    }
}

/// First the members that are users are removed by what they are, then some are added.
fn remove_users(endpoint: &Endpoint, model: &mut Model, group: Pick, added: &[Pick]) {
    let added = ids(added, model);
    if added.is_empty() {
        return;
    }
    let users: BTreeSet<_> = model.users.keys().cloned().collect();
    let operations = json!([
        {"op": "add", "path": "members", "value": values(&added)},
        {"op": "remove", "path": "members[type eq \"User\"]"},
    ]);
    change_group(endpoint, model, group, &added, &operations, |group| {
        group.members.extend(added.iter().cloned());
        group.members.retain(|member| !users.contains(member));
    });
}

/// Members and the document in one request.
fn mixed(
    endpoint: &Endpoint,
    model: &mut Model,
    group: Pick,
    name: &str,
    added: &[Pick],
    removed: &[Pick],
) {
    let (added, removed) = (ids(added, model), ids(removed, model));
    if added.is_empty() || removed.is_empty() {
        return;
    }
    let operations = json!([
        {"op": "remove", "path": "members", "value": values(&removed)},
        {"op": "replace", "path": "displayName", "value": name},
        {"op": "add", "path": "members", "value": values(&added)},
    ]);
    change_group(endpoint, model, group, &added, &operations, |group| {
        group.members.retain(|member| !removed.contains(member));
        group.members.extend(added.iter().cloned());
        group.name = name.to_owned();
    });
}

fn delete(endpoint: &Endpoint, model: &mut Model, pick: Pick) {
    let id = pick.any(model);
    let kind = if model.groups.contains_key(&id) { "Groups" } else { "Users" };
    let answer = endpoint.ask(Method::DELETE, &format!("/{kind}/{id}"), b"");
    answer.expect(if model.exists(&id) { 204 } else { 404 });
    model.delete(&id);
}

fn removals(members: &[String], listing: Listing) -> Value {
    match listing {
        Listing::Filters => members
            .iter()
            .map(|id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}))
            .collect(),
        Listing::Values => json!([{"op": "remove", "path": "members", "value": values(members)}]),
    }
}

#[track_caller]
fn is_done(answer: &Answer) {
    assert!(answer.status == 200 || answer.status == 204, "{}", answer.text());
}
