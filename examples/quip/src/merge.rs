//! `MergeUsers`: one account becomes part of another, some time after it was asked for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{Response, StatusCode},
};
use scim_core::Object;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Quip,
    answers::{answer, invalid},
    backstage::path,
    callers::Company,
};

const MAX_BATCH: usize = 50;

/// What becomes of merges. They are forgotten with the process.
#[derive(Debug, Default)]
pub(crate) struct Merges {
    progress: Mutex<HashMap<(String, Pair), Progress>>,
    /// Held by the batch that is being worked on.
    turn: tokio::sync::Mutex<()>,
}

/// A source and its target.
type Pair = (String, String);

#[derive(Clone, Debug, PartialEq)]
enum Progress {
    Pending,
    Complete,
    Failed(String),
}

/// A merge that is asked for.
#[derive(Clone, Debug, Deserialize)]
struct Asked {
    source_user_id: String,
    target_user_id: String,
    #[serde(default)]
    force_merge: bool,
}

/// `POST /2/MergeUsers`
pub(crate) async fn enqueue(
    State(quip): State<Arc<Quip>>,
    Company(company): Company,
    body: Bytes,
) -> Response<Body> {
    let asked: Vec<Asked> = match serde_json::from_slice(&body) {
        Ok(asked) => asked,
        Err(_) => return invalid("expected an array of merges"),
    };
    if asked.len() > MAX_BATCH {
        return invalid("at most 50 merges at once");
    }
    let pending: Vec<_> =
        asked.iter().map(|it| shown(&it.pair(), Some(&Progress::Pending))).collect();
    let jobs: Vec<_> =
        asked.into_iter().filter_map(|it| Some((quip.merges.begin(&company, &it)?, it))).collect();
    tokio::spawn(async move {
        let _turn = quip.merges.turn.lock().await;
        for (is_free, job) in jobs {
            let outcome = match is_free {
                true => merge(&quip, &company, &job).await,
                false => Err("another merge of one of the users was under way".to_owned()),
            };
            let progress = outcome.map_or_else(Progress::Failed, |()| Progress::Complete);
            quip.merges.lock().insert((company.clone(), job.pair()), progress);
        }
    });
    answer(StatusCode::OK, &pending.into())
}

/// `GET /2/MergeUsers`
pub(crate) async fn progress(
    State(quip): State<Arc<Quip>>,
    Company(company): Company,
    RawQuery(query): RawQuery,
) -> Response<Body> {
    let query = query.unwrap_or_default();
    let ids = |name: &str| -> Vec<String> {
        let lists = form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
        lists.flat_map(|(_, ids)| ids.split(',').map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    let (sources, targets) = (ids("source_user_ids"), ids("target_user_ids"));
    if sources.is_empty() || sources.len() != targets.len() || sources.len() > MAX_BATCH {
        return invalid("expected as many sources as targets, 50 at most");
    }
    let known = quip.merges.lock();
    let pairs = sources
        .into_iter()
        .zip(targets)
        .map(|pair| shown(&pair, known.get(&(company.clone(), pair.clone()))));
    answer(StatusCode::OK, &pairs.collect::<Vec<_>>().into())
}

/// Moves addresses, memberships and content from the source to the target and removes the source.
async fn merge(quip: &Quip, company: &str, asked: &Asked) -> Result<(), String> {
    let (source_id, target_id) = (&asked.source_user_id, &asked.target_user_id);
    let missing = || "there is no such user".to_owned();
    let source = quip.backstage.user(company, source_id).await.ok_or_else(missing)?;
    let target = quip.backstage.user(company, target_id).await.ok_or_else(missing)?;
    let name = |user: &Value| user.pointer("/name/formatted").cloned();
    if source_id == target_id {
        return Err("a user cannot be merged into itself".to_owned());
    }
    if !asked.force_merge && name(&source) != name(&target) {
        return Err("the names of the users do not match".to_owned());
    }
    if [&source, &target].iter().all(|user| user.get("active") == Some(&false.into())) {
        return Err("two disabled accounts cannot be merged".to_owned());
    }
    let ids = |values: &Value, id: &str| -> Vec<String> {
        let values = values.as_array().into_iter().flatten();
        values.filter_map(|it| Some(it.get(id)?.as_str()?.to_owned())).collect()
    };
    let groups = ids(source.get("groups").unwrap_or(&Value::Null), "value");
    let folders = ids(&quip.backstage.folders_of(company, source_id).await.into(), "id");
    let places = groups.iter().map(|id| path("Groups", id));
    let places = places.chain(folders.iter().map(|id| path("GroupFolders", id)));
    let mut operations = vec![json!({"method": "DELETE", "path": path("Users", source_id)})];
    operations.extend(places.map(|place| added(&place, "members", &json!([{"value": target_id}]))));
    let emails = ids(source.get("emails").unwrap_or(&Value::Null), "value");
    let email = |address| json!({"value": address, "type": "work", "primary": false});
    let emails = emails.into_iter().map(email).collect();
    operations.push(added(&path("Users", target_id), "emails", &emails));
    quip.backstage.all_of(company, operations).await?;
    quip.content.transfer(company, source_id, target_id);
    quip.sessions.end(company, source_id);
    Ok(())
}

/// The operation of a Bulk request that adds values to a resource.
fn added(place: &str, attribute: &str, values: &Value) -> Value {
    let urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    let add = json!({"op": "add", "path": attribute, "value": values});
    json!({"method": "PATCH", "path": place, "data": {"schemas": [urn], "Operations": [add]}})
}

fn shown(pair: &Pair, progress: Option<&Progress>) -> Value {
    let status = match progress {
        None => "NOT FOUND",
        Some(Progress::Pending) => "PENDING",
        Some(Progress::Complete) => "COMPLETE",
        Some(Progress::Failed(_)) => "FAILED",
    };
    let mut shown = Object::from_iter([
        ("source_user_id".to_owned(), pair.0.as_str().into()),
        ("target_user_id".to_owned(), pair.1.as_str().into()),
        ("merge_status".to_owned(), status.into()),
    ]);
    if let Some(Progress::Failed(reason)) = progress {
        shown.insert("error_message".to_owned(), reason.as_str().into());
    }
    shown.into()
}

impl Asked {
    fn pair(&self) -> Pair {
        (self.source_user_id.clone(), self.target_user_id.clone())
    }
}

impl Merges {
    /// Makes a merge pending; whether no other of its users is. `None` if it is pending itself.
    fn begin(&self, company: &str, asked: &Asked) -> Option<bool> {
        let (key, mut progress) = ((company.to_owned(), asked.pair()), self.lock());
        if progress.get(&key) == Some(&Progress::Pending) {
            return None;
        }
        let users = [&asked.source_user_id, &asked.target_user_id];
        let is_free = !progress.iter().any(|((owner, (source, target)), progress)| {
            let has_user = users.contains(&source) || users.contains(&target);
            *progress == Progress::Pending && owner == company && has_user
        });
        progress.insert(key, Progress::Pending);
        Some(is_free)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<(String, Pair), Progress>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
