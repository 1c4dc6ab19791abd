//! A Bulk request comes to what its operations come to one after the other (B-008, B-012, B-021).

use std::{collections::HashMap, sync::Arc};

use http::Method;
use proptest::prelude::*;
use scim_core::{Caller, Policy, Reading, schema::ResourceType};
use scim_filter::Filter;
use scim_store_memory::MemoryStore;
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
    RemoveNamed(usize, u8),
    Delete(&'static str, usize),
}

const THERE: usize = 4;

impl Step {
    /// Who does not see all may put what it adds itself into groups in the same request, but not
    /// in another.
    fn sent_by(self, sender: Sender) -> Self {
        match (self, sender) {
            (step, Sender::All) => step,
            (Self::AddGroup(members), _) => {
                Self::AddGroup(members.into_iter().map(|it| it % THERE).collect())
            }
            (Self::AddMember(it, member), _) => Self::AddMember(it, member % THERE),
            (step, _) => step,
        }
    }
}

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
        (which(), 0_u8..5).prop_map(|(it, name)| Step::RemoveNamed(it, name)),
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
        Step::RemoveNamed(it, name) => {
            let path = format!("members[display eq \"n{name}\"]");
            patch(&at("Groups", it), json!([{"op": "remove", "path": path}]))
        }
        Step::Delete(kind, it) => delete(&at(kind, it)),
    }
}

/// Who sends the operations, by whom it sees.
#[derive(Clone, Copy, Debug)]
enum Sender {
    All,
    /// Sees the users of the group `g0`.
    ByGroup,
    /// Sees the users with a certain title.
    ByTitle,
}

impl Policy for Sender {
    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        _: Reading<'_>,
    ) -> Option<Filter<'static>> {
        let visible = match self {
            Self::All => return None,
            Self::ByGroup => r#"groups.display eq "g0""#,
            Self::ByTitle => r#"title eq "t0""#,
        };
        (resource_type.name() == "User").then(|| visible.parse().unwrap())
    }

    fn shows_labels(&self, _: &Caller<'_>, _: &ResourceType) -> bool {
        true
    }
}

/// Two users and two groups, as somebody sees them who sees all; the sender; and their ids.
fn prepared(sender: Sender) -> (Endpoint, Endpoint, Vec<String>) {
    let store = Arc::new(MemoryStore::new());
    let all = Endpoint::over(store.clone(), |builder| builder);
    let mut there = vec![all.user("n0"), all.user("n1")];
    there.push(all.group("g0", &[&there[0]]));
    there.push(all.group("g1", &[]));
    (all, Endpoint::over(store, |builder| builder.policy(sender)), there)
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
fn one_by_one(sender: Sender, steps: &[Step]) -> (Vec<String>, Vec<String>) {
    let (all, scim, mut ids) = prepared(sender);
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
    (statuses, shown(&all))
}

fn at_once(sender: Sender, steps: &[Step]) -> (Vec<String>, Vec<String>) {
    let (all, scim, there) = prepared(sender);
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
    (answers.iter().map(status).collect(), shown(&all))
}

#[test]
fn what_an_operation_looks_at_was_written_before() {
    // B-021
    use Sender::{All, ByGroup, ByTitle};
    use Step::{AddMember, RemoveMember, RemoveNamed, RenameUser, TitleUser};
    let cases = [
        (All, vec![RenameUser(0, 2), RemoveNamed(2, 2)], "200"),
        (All, vec![RenameUser(0, 2), RemoveNamed(2, 0)], "200"),
        (ByGroup, vec![RemoveMember(2, 0), TitleUser(0, 1)], "404"),
        (ByGroup, vec![TitleUser(0, 1), RemoveMember(2, 0)], "204"),
        (ByTitle, vec![TitleUser(0, 1), RenameUser(0, 1)], "404"),
        (ByGroup, vec![AddMember(2, 1), TitleUser(1, 1)], "404"),
    ];
    for (sender, steps, last) in cases {
        let at_once = at_once(sender, &steps);
        assert_eq!(at_once, one_by_one(sender, &steps), "{sender:?} {steps:?}");
        assert_eq!(at_once.0.last().unwrap(), last, "{sender:?} {steps:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    // B-008, B-012, B-021
    #[test]
    fn bulk_is_one_after_the_other(
        sender in prop_oneof![
            3 => Just(Sender::All), 1 => Just(Sender::ByGroup), 1 => Just(Sender::ByTitle)
        ],
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let steps: Vec<_> = steps.into_iter().map(|it| it.sent_by(sender)).collect();
        prop_assert_eq!(at_once(sender, &steps), one_by_one(sender, &steps));
    }
}
