//! Each operation is asked about, read and reported as if it came alone (B-024).

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{StatusCode, request::Parts};
use scim_core::{
    Access, Actor, AttributeRules, AttributeUse, BearerTokens, Caller, Committed, Mapping, Notes,
    Observer, Policy, Presentation, Proposal, Resolution, ScimError, ScimServer,
    schema::{Attribute, ResourceType},
    store::{Resource, Scope},
};
use scim_store_memory::MemoryStore;
use serde_json::json;

use super::*;

#[derive(Clone, Debug, Default)]
struct House(Arc<Mutex<Vec<String>>>);

impl House {
    fn log(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    fn lines(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[async_trait]
impl Policy for House {
    fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
        Some(self)
    }

    async fn admit(&self, _: &Caller<'_>, request: &Parts) -> Result<(), ScimError> {
        self.log(format!("admit {} {}", request.method, request.uri.path()));
        match request.method == Method::DELETE && request.uri.path().contains("/Groups/") {
            true => Err(ScimError::with_status(StatusCode::FORBIDDEN, "groups stay")),
            false => Ok(()),
        }
    }

    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        let name = proposal.after_mut().and_then(|it| it.get("userName").cloned());
        self.log(format!("review {}", name.unwrap_or_default()));
        match proposal.after_mut().and_then(|it| it.get_mut("userName")) {
            Some(name) if *name == "root" => {
                Err(ScimError::with_status(StatusCode::FORBIDDEN, "root is ours"))
            }
            Some(name) if *name == "amend" => {
                *name = json!("amended");
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn conflict(
        &self,
        _: &Caller<'_>,
        _: &Proposal,
        holder: &Resource,
    ) -> Result<Resolution, ScimError> {
        let mut after = holder.document.values().unwrap().clone();
        after.insert("title".to_owned(), json!("adopted"));
        Ok(Resolution::ChangeHolder(after))
    }
}

impl AttributeRules for House {
    fn allows(&self, _: &Caller<'_>, attribute: &Attribute, purpose: AttributeUse) -> bool {
        attribute.path() != "nickName" || purpose == AttributeUse::Read
    }
}

impl Mapping for House {
    fn incoming(
        &self,
        _: &Caller<'_>,
        _: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        if let Some(login) = body.as_object_mut().and_then(|it| it.remove("login")) {
            body["userName"] = login;
        }
        Ok(())
    }

    fn incoming_patch(
        &self,
        _: &Caller<'_>,
        _: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        if let Some(title) = body.as_object_mut().and_then(|it| it.remove("newTitle")) {
            body["Operations"] = json!([{"op": "add", "path": "title", "value": title}]);
        }
        Ok(())
    }
}

impl Presentation for House {
    fn error(&self, _: &Parts, error: &ScimError) -> Option<Value> {
        (error.status() == 403).then(|| json!({"schemas": [ERROR], "status": "403", "own": true}))
    }
}

impl Observer for House {
    fn committed(&self, change: &Committed<'_>) {
        self.log(format!("committed {}", change.sequence));
    }

    fn noted(&self, _: &Actor, _: &Scope, notes: &Notes) {
        self.log(format!(
            "noted {}",
            notes.iter().map(|it| &*it.path).collect::<Vec<_>>().join(" ")
        ));
    }
}

fn endpoint(house: &House) -> Endpoint {
    Endpoint::with(|builder| {
        builder
            .policy(house.clone())
            .mapping(house.clone())
            .presentation(house.clone())
            .observer(house.clone())
    })
}

#[test]
fn hooks_are_asked_per_operation() {
    // B-013, B-024
    let house = House::default();
    let scim = endpoint(&house);
    let with = |mut user: Value, name: &str, value: Value| {
        user["data"][name] = value;
        user
    };
    let answers = bulk(
        &scim,
        json!([
            user("a", "amend"),
            user("root", "root"),
            with(user("n", "nick"), "nickName", json!("n")),
            {"method": "POST", "path": "/Users", "bulkId": "l",
             "data": {"schemas": [USER], "login": "mapped", "shoeSize": 47}},
            {"method": "PATCH", "path": "/Users/bulkId:l",
             "data": {"schemas": [PATCH_OP], "newTitle": "Guide"}},
            delete("/Groups/x"),
        ]),
    );
    assert_eq!(statuses(&answers), ["201", "403", "403", "201", "200", "403"]);
    assert_eq!(answers[1]["response"]["own"], true);
    let lines = house.lines();
    let admitted: Vec<_> = lines.iter().filter_map(|it| it.strip_prefix("admit ")).collect();
    let expected = [
        "POST /scim/v2/Bulk",
        "POST /scim/v2/Users",
        "POST /scim/v2/Users",
        "POST /scim/v2/Users",
        "POST /scim/v2/Users",
        "PATCH /scim/v2/Users/bulkId:l",
        "DELETE /scim/v2/Groups/x",
    ];
    assert_eq!(admitted, expected);
    let reviews = lines.iter().filter(|line| line.starts_with("review")).count();
    assert_eq!(reviews, 4, "{lines:?}");
    assert!(lines.contains(&"committed 3".to_owned()));
    assert_eq!(lines.last().map(String::as_str), Some("noted shoeSize"));
    let shown = |index: usize| scim.get(&format!("/Users/{}", id(&answers[index]))).json();
    assert_eq!(shown(0)["userName"], "amended");
    assert_eq!((&shown(3)["userName"], &shown(3)["title"]), (&json!("mapped"), &json!("Guide")));
}

#[test]
fn references_follow_a_create_that_becomes_a_change() {
    // B-016: the real id
    let house = House::default();
    let scim = endpoint(&house);
    let alice = scim.user("alice");
    let answers = bulk(
        &scim,
        json!([
            user("a", "alice"),
            group("g", "G", &["bulkId:a"]),
            patch("/Users/bulkId:a", json!([{"op": "add", "path": "locale", "value": "de"}])),
        ]),
    );
    assert_eq!(statuses(&answers), ["200", "201", "200"]);
    assert_eq!((id(&answers[0]), id(&answers[2])), (alice.clone(), alice.clone()));
    assert_eq!(members(&scim, &id(&answers[1])), [&*alice]);
    let shown = scim.get(&format!("/Users/{alice}")).json();
    assert_eq!((&shown["title"], &shown["locale"]), (&json!("adopted"), &json!("de")));
}

#[test]
fn a_caller_that_may_only_read_does_nothing() {
    // B-024
    let actor = Actor::new("reader").with_access(Access::Read);
    let tokens = BearerTokens::builder().token("secret", actor).build().unwrap();
    let scim = Endpoint::of(ScimServer::builder(MemoryStore::new(), tokens).build().unwrap());
    send(&scim, message(json!([user("a", "alice")]))).expect_error(403, "");
    assert_eq!(users(&scim), 0);
}
