//! What must hold between two requests of a sequence.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::step::Step;
use crate::{
    endpoint::{Answer, Endpoint},
    model::{Group, Model},
};

/// Remembers what was shown last, with its version.
#[derive(Default)]
pub(super) struct Observer {
    shown: BTreeMap<String, (Value, String)>,
    /// The versions that each resource ever had, and when it changed last.
    past: BTreeMap<String, (BTreeSet<String>, String)>,
}

impl Observer {
    /// Compares everything there is with the model, and with what was there before.
    pub(super) fn check(&mut self, endpoint: &Endpoint, model: &Model, step: &Step) {
        let (users, groups) = (all(endpoint, "/Users"), all(endpoint, "/Groups"));
        let (users, groups) = (users.resources(), groups.resources());
        assert_eq!(shown(users, groups), *model, "{step:?}");
        for user in users {
            check_groups(user, model, step);
        }
        self.check_versions(users.iter().chain(groups), step);
    }

    /// A version moves when and only when the resource itself is another one; but it may where a
    /// step takes back what it did. It never comes back, and `lastModified` never goes back.
    fn check_versions<'a>(&mut self, resources: impl Iterator<Item = &'a Value>, step: &Step) {
        let mut shown = BTreeMap::new();
        for resource in resources {
            let version = text(&resource["meta"]["version"]);
            let content = own(resource);
            let id = text(&resource["id"]);
            if let Some((known, of)) = self.shown.get(&id) {
                let (is_same, stayed) = (*known == content, *of == version);
                let is_idle = is_same && step.may_undo_itself();
                assert!(is_idle || is_same == stayed, "{step:?}: {known} and {content}");
            }
            let modified = text(&resource["meta"]["lastModified"]);
            let (past, last) = self.past.entry(id.clone()).or_default();
            let stayed = self.shown.get(&id).is_some_and(|(_, of)| *of == version);
            assert!(stayed || past.insert(version.clone()), "{step:?}: {version} comes back");
            assert!(*last <= modified, "{step:?}: {last}, then {modified}");
            *last = modified;
            shown.insert(id, (content, version));
        }
        self.shown = shown;
    }
}

/// Compares what pages and filters give with the model.
pub(super) fn check_lists(endpoint: &Endpoint, model: &Model) {
    for path in ["/Users", "/Groups"] {
        check_pages(endpoint, path, all(endpoint, path).resources());
    }
    check_filters(endpoint, model);
}

fn all(endpoint: &Endpoint, path: &str) -> Answer {
    endpoint.get(&format!("{path}?count=1000")).expect(200)
}

/// What is the resource's own: without metadata and without what others bring along.
fn own(resource: &Value) -> Value {
    let mut own = resource.clone();
    if let Some(object) = own.as_object_mut() {
        object.remove("meta");
        object.remove("groups");
        if let Some(members) = object.remove("members") {
            object.insert("members".into(), members_of(&members).into_iter().collect());
        }
    }
    own
}

/// The model that these resources look like.
fn shown(users: &[Value], groups: &[Value]) -> Model {
    let group =
        |it: &Value| Group { name: text(&it["displayName"]), members: members_of(&it["members"]) };
    Model {
        users: users.iter().map(|it| (text(&it["id"]), text(&it["userName"]))).collect(),
        groups: groups.iter().map(|it| (text(&it["id"]), group(it))).collect(),
    }
}

fn members_of(members: &Value) -> BTreeSet<String> {
    let members = members.as_array().expect("an array, be it empty");
    let ids: BTreeSet<_> = members.iter().map(|member| text(&member["value"])).collect();
    assert_eq!(ids.len(), members.len(), "a member twice");
    ids
}

fn check_groups(user: &Value, model: &Model, step: &Step) {
    let id = text(&user["id"]);
    let groups = user["groups"].as_array().cloned().unwrap_or_default();
    let of = |kind: &str| -> BTreeSet<String> {
        let such = groups.iter().filter(|group| group["type"] == kind);
        such.map(|group| text(&group["value"])).collect()
    };
    let (direct, all) = (model.direct(&id), model.all(&id));
    assert_eq!(groups.len(), all.len(), "{step:?}");
    assert_eq!(of("direct"), direct, "{step:?}");
    assert_eq!(of("indirect"), all.difference(&direct).cloned().collect(), "{step:?}");
}

/// Pages of two give each resource once, in the order of the whole list.
fn check_pages(endpoint: &Endpoint, path: &str, whole: &[Value]) {
    let mut paged = Vec::new();
    for start in (1..=whole.len() + 1).step_by(2) {
        let page = endpoint.get(&format!("{path}?startIndex={start}&count=2")).expect(200);
        let page = page.json();
        assert_eq!(page["totalResults"], whole.len());
        paged.extend(page["Resources"].as_array().expect("resources").iter().cloned());
    }
    assert_eq!(paged, whole);
}

fn check_filters(endpoint: &Endpoint, model: &Model) {
    let found = |path: &str, filter: &str| -> BTreeSet<String> {
        let found = endpoint.search(path, filter).expect(200);
        found.resources().iter().map(|it| text(&it["id"])).collect()
    };
    for (id, name) in model.users.iter().take(2) {
        assert_eq!(found("/Users", &format!("userName eq \"{name}\"")), [id.clone()].into());
        let others = found("/Users", &format!("not (userName eq \"{name}\")"));
        assert_eq!(others.len() + 1, model.users.len());
        let with = found("/Groups", &format!("members[value eq \"{id}\"]"));
        assert_eq!(with, model.direct(id));
        let without = found("/Groups", &format!("members.value ne \"{id}\""));
        assert_eq!(without.len() + with.len(), model.groups.len());
    }
    for id in model.groups.keys().take(2) {
        let inside = model.users.keys().filter(|user| model.all(user).contains(id));
        let inside: BTreeSet<_> = inside.cloned().collect();
        assert_eq!(found("/Users", &format!("groups.value eq \"{id}\"")), inside);
    }
}

#[track_caller]
fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
