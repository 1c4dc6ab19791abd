//! `TransferContent`: the private documents of a disabled user get another owner.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{Response, StatusCode},
};
use serde::Deserialize;
use serde_json::json;

use crate::{
    Account, Quip, account,
    answers::{answer, invalid},
    callers::Company,
};

/// Titles of private documents by company and owner: what stands for the product here.
#[derive(Clone, Debug, Default)]
pub struct Content(Arc<Mutex<HashMap<Account, Vec<String>>>>);

impl Content {
    /// Gives a user a document.
    pub fn add(&self, company: &str, owner: &str, title: &str) {
        self.lock().entry(account(company, owner)).or_default().push(title.to_owned());
    }

    /// The documents of a user.
    pub fn of(&self, company: &str, owner: &str) -> Vec<String> {
        self.lock().get(&account(company, owner)).cloned().unwrap_or_default()
    }

    pub(crate) fn transfer(&self, company: &str, source: &str, target: &str) {
        let mut all = self.lock();
        let moved = all.remove(&account(company, source)).unwrap_or_default();
        all.entry(account(company, target)).or_default().extend(moved);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Account, Vec<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Deserialize)]
struct Asked {
    source_user_id: String,
    target_user_id: String,
}

/// `POST /2/TransferContent`
pub(crate) async fn transfer(
    State(quip): State<Arc<Quip>>,
    Company(company): Company,
    body: Bytes,
) -> Response<Body> {
    let Ok(Asked { source_user_id, target_user_id }) = serde_json::from_slice(&body) else {
        return invalid("expected `source_user_id` and `target_user_id`");
    };
    let source = quip.backstage.user(&company, &source_user_id).await;
    let target = quip.backstage.user(&company, &target_user_id).await;
    let (Some(source), Some(_)) = (source, target) else {
        return invalid("there is no such user");
    };
    if source.get("active") != Some(&false.into()) {
        return invalid("the source user must be disabled");
    }
    quip.content.transfer(&company, &source_user_id, &target_user_id);
    answer(StatusCode::OK, &json!({}))
}
