//! A Bulk request comes to what its operations come to one after the other (B-008, B-012, B-021).

use std::collections::HashMap;

use http::Method;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// An operation on resources that are named by numbers: the first are there before the request,
/// the others are added by it.
#[derive(Clone, Debug)]
enum Step {
    AddUser(u8),
    AddGroup(Vec<usize>),
    RenameUser(usize, u8),
    PutUser(usize, u8),
    TitleUser(usize, u8),
    AddMember(usize, usize),
    RemoveMember(usize, usize),
    Delete(&'static str, usize),
}

const THERE: usize = 4;

fn step() -> impl Strategy<Value = Step> {
    let which = || 0..THERE + 6;
    prop_oneof![
        (0_u8..5).prop_map(Step::AddUser),
        prop::collection::vec(which(), 0..3).prop_map(Step::AddGroup),
        (which(), 0_u8..5).prop_map(|(it, name)| Step::RenameUser(it, name)),
        (which(), 0_u8..5).prop_map(|(it, name)| Step::PutUser(it, name)),
        (which(), 0_u8..2).prop_map(|(it, title)| Step::TitleUser(it, title)),
        (which(), which()).prop_map(|(it, member)| Step::AddMember(it, member)),
        (which(), which()).prop_map(|(it, member)| Step::RemoveMember(it, member)),
        (prop_oneof![Just("Users"), Just("Groups")], which())
            .prop_map(|(kind, it)| Step::Delete(kind, it)),
    ]
}

/// The operation, with `id` telling what stands for a resource.
fn operation(index: usize, step: &Step, id: &dyn Fn(usize) -> String) -> Value {
    let bulk_id = index.to_string();
    let at = |kind: &str, it: &usize| format!("/{kind}/{}", id(*it));
    let replace = |path, value| json!([{"op": "replace", "path": path, "value": value}]);
    match step {
        Step::AddUser(name) => user(&bulk_id, &format!("n{name}")),
        Step::AddGroup(members) => {
            let members: Vec<_> = members.iter().map(|it| id(*it)).collect();
            let members: Vec<_> = members.iter().map(String::as_str).collect();
            group(&bulk_id, &bulk_id, &members)
        }
        Step::RenameUser(it, name) => {
            patch(&at("Users", it), replace("userName", format!("n{name}")))
        }
        Step::PutUser(it, name) => put(&at("Users", it), &format!("n{name}")),
        Step::TitleUser(it, title) => {
            patch(&at("Users", it), replace("title", format!("t{title}")))
        }
        Step::AddMember(it, member) => add_member(&at("Groups", it), &id(*member)),
        Step::RemoveMember(it, member) => {
            let path = format!("members[value eq \"{}\"]", id(*member));
            patch(&at("Groups", it), json!([{"op": "remove", "path": path}]))
        }
        Step::Delete(kind, it) => delete(&at(kind, it)),
    }
}

/// A server with two users and two groups, and their ids.
fn prepared() -> (Endpoint, Vec<String>) {
    let scim = Endpoint::new();
    let mut there = vec![scim.user("n0"), scim.user("n1")];
    there.push(scim.group("g0", &[&there[0]]));
    there.push(scim.group("g1", &[]));
    (scim, there)
}

/// What there is, without ids and times.
fn shown(scim: &Endpoint) -> Vec<String> {
    let list = |path: &str| scim.get(path).expect(200).json()["Resources"].clone();
    let (users, groups) = (list("/Users"), list("/Groups"));
    let all = || users.as_array().unwrap().iter().chain(groups.as_array().unwrap());
    let name = |it: &Value| format!("{} {}", it["userName"], it["displayName"]);
    let names: HashMap<String, String> =
        all().map(|it| (it["id"].as_str().unwrap().to_owned(), name(it))).collect();
    let line = |it: &Value| {
        let members = it["members"].as_array().cloned().unwrap_or_default();
        let mut members: Vec<_> =
            members.iter().map(|it| &names[it["value"].as_str().unwrap()]).collect();
        members.sort_unstable();
        format!("{} {} {members:?}", name(it), it["title"])
    };
    let mut lines: Vec<_> = all().map(line).collect();
    lines.sort_unstable();
    lines
}

/// Sends the operations one by one, as a client would that puts the ids in itself.
fn one_by_one(steps: &[Step]) -> (Vec<String>, Vec<String>) {
    let (scim, mut ids) = prepared();
    let mut statuses = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let failed = "failed";
        let id = |it: usize| ids.get(it).cloned().unwrap_or_else(|| failed.to_owned());
        let sent = operation(index, step, &id);
        let is_unknown = sent.to_string().contains(failed);
        let answer = (!is_unknown).then(|| {
            let method = Method::from_bytes(sent["method"].as_str().unwrap().as_bytes()).unwrap();
            let data =
                if sent["data"].is_null() { String::new() } else { sent["data"].to_string() };
            scim.request(method, sent["path"].as_str().unwrap(), &[], data)
        });
        // B-018: a reference to what failed or was never there.
        let status = answer.as_ref().map_or("reference".to_owned(), |it| it.status.as_str().into());
        if matches!(step, Step::AddUser(_) | Step::AddGroup(_)) {
            let created = answer.filter(|it| it.status == 201).map(|it| it.id());
            ids.push(created.unwrap_or_else(|| failed.to_owned()));
        }
        statuses.push(status);
    }
    (statuses, shown(&scim))
}

fn at_once(steps: &[Step]) -> (Vec<String>, Vec<String>) {
    let (scim, there) = prepared();
    let creates: Vec<_> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| matches!(step, Step::AddUser(_) | Step::AddGroup(_)))
        .map(|(index, _)| index)
        .collect();
    // Only what came before is referred to: forward references have no order to compare with.
    let operations: Vec<_> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let id = |it: usize| match (there.get(it), it.checked_sub(THERE)) {
                (Some(id), _) => id.clone(),
                (None, number) => match number.and_then(|it| creates.get(it)) {
                    Some(create) if *create < index => format!("bulkId:{create}"),
                    _ => "bulkId:nobody".to_owned(),
                },
            };
            operation(index, step, &id)
        })
        .collect();
    let answers = bulk(&scim, json!(operations));
    let status = |it: &Value| {
        let detail = it["response"]["detail"].as_str().unwrap_or_default();
        let is_reference = detail.contains("with the bulkId") || detail.contains("has the bulkId");
        if is_reference { "reference" } else { it["status"].as_str().unwrap() }.to_owned()
    };
    (answers.iter().map(status).collect(), shown(&scim))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    // B-008, B-012, B-021
    #[test]
    fn bulk_is_one_after_the_other(steps in prop::collection::vec(step(), 1..12)) {
        prop_assert_eq!(at_once(&steps), one_by_one(&steps));
    }
}
