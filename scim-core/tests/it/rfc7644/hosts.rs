//! What a host may bring: rules, defaults and a keeper of passwords.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{StatusCode, request::Parts};
use scim_core::{
    Actor, AttributeRules, AttributeUse, AuthenticationError, AuthenticationScheme, Authenticator,
    BeforeImage, Caller, Mapping, Policy, Proposal, ScimError, ScimServer, ScimType, SecretKeeper,
    schema::{Attribute, ResourceType},
    store::Key,
};
use scim_store_memory::MemoryStore;
use serde_json::Value;

use crate::endpoint::Endpoint;

/// Takes whatever it is given for a password and refuses short ones.
#[derive(Clone, Debug, Default)]
pub(super) struct Keeper(pub(super) Arc<Mutex<Vec<String>>>);

#[async_trait]
impl SecretKeeper for Keeper {
    async fn keep(
        &self,
        _: &Caller<'_>,
        _: &Key,
        _: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        let password = value.as_str().unwrap().to_owned();
        if password.chars().count() < 8 {
            return Err(ScimError::new(ScimType::InvalidValue, "at least 8 characters"));
        }
        let digest = format!("digest of {} letters", password.chars().count());
        self.0.lock().unwrap().push(password);
        Ok(Some(digest.into()))
    }
}

/// Remembers what is stored as password whenever a user is changed.
#[derive(Clone, Debug, Default)]
pub(super) struct StoredPasswords(pub(super) Arc<Mutex<Vec<Option<String>>>>);

#[async_trait]
impl Policy for StoredPasswords {
    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        let after = proposal.after_mut().and_then(|after| after.get("password").cloned());
        let stored = after.and_then(|it| it.as_str().map(str::to_owned));
        self.0.lock().unwrap().push(stored);
        Ok(())
    }
}

/// Users are active unless a client says otherwise, be it by `null`.
#[derive(Debug)]
pub(super) struct ActiveByDefault;

impl Mapping for ActiveByDefault {
    fn incoming(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        body: &mut Value,
    ) -> Result<(), ScimError> {
        if let (Some(body), "User") = (body.as_object_mut(), resource_type.name()) {
            body.entry("active").or_insert(true.into());
        }
        Ok(())
    }
}

/// Nobody but `hr` may see, search or write titles.
#[derive(Debug)]
pub(super) struct TitlesAreForHr;

impl Policy for TitlesAreForHr {
    fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
        Some(self)
    }
}

impl AttributeRules for TitlesAreForHr {
    fn allows(&self, caller: &Caller<'_>, attribute: &Attribute, _: AttributeUse) -> bool {
        attribute.path() != "title" || caller.actor.subject() == "hr"
    }
}

/// Emails are not for URLs, nor is anyone served who asks too often.
#[derive(Debug)]
pub(super) struct Discreet;

#[async_trait]
impl Policy for Discreet {
    async fn admit(&self, caller: &Caller<'_>, _: &Parts) -> Result<(), ScimError> {
        match caller.actor.subject() {
            "guesser" => {
                Err(ScimError::with_status(StatusCode::TOO_MANY_REQUESTS, "try again later"))
            }
            _ => Ok(()),
        }
    }

    fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
        Some(self)
    }
}

impl AttributeRules for Discreet {
    fn allows(&self, _: &Caller<'_>, attribute: &Attribute, purpose: AttributeUse) -> bool {
        purpose != AttributeUse::FilterInUrl || !attribute.path().starts_with("emails")
    }
}

/// Deleted users are kept, without a name that anyone could take for theirs.
#[derive(Debug)]
pub(super) struct KeepDeleted;

#[async_trait]
impl Policy for KeepDeleted {
    fn before_image(&self, _: &ResourceType) -> BeforeImage {
        BeforeImage::Needed
    }

    fn visible(
        &self,
        _: &Caller<'_>,
        resource_type: &ResourceType,
        _: scim_core::Reading<'_>,
    ) -> Option<scim_filter::Filter<'static>> {
        let filter = scim_filter::Parser::strict().filter("active ne false").unwrap().into_owned();
        (resource_type.name() == "User").then_some(filter)
    }

    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        let gone = format!("deleted-{}", proposal.id());
        proposal.keep_instead_of_deleting(|user| {
            user.insert("active".to_owned(), false.into());
            user.insert("userName".to_owned(), gone.into());
        })
    }
}

/// Takes a bearer token for the name of its caller; `expired` was one once.
#[derive(Debug)]
pub(super) struct ByName;

#[async_trait]
impl Authenticator for ByName {
    async fn authenticate(&self, request: &Parts) -> Result<Actor, AuthenticationError> {
        let header = request.headers.get("authorization").and_then(|it| it.to_str().ok());
        match header.and_then(|header| header.strip_prefix("Bearer ")) {
            None => Err(AuthenticationError::missing()),
            Some("expired") => Err(AuthenticationError::invalid()),
            Some("stranger") => Err(AuthenticationError::forbidden("the token lacks the scope")),
            Some("hasty") => {
                Err(AuthenticationError::unavailable(std::time::Duration::from_secs(30)))
            }
            Some(name) => Ok(Actor::new(name).in_any_tenant()),
        }
    }

    fn schemes(&self) -> Vec<AuthenticationScheme> {
        vec![AuthenticationScheme::bearer()]
    }
}

/// An endpoint whose callers are known by name.
pub(super) fn by_name(
    change: impl FnOnce(scim_core::ScimServerBuilder) -> scim_core::ScimServerBuilder,
) -> Endpoint {
    let builder = ScimServer::builder(MemoryStore::new(), ByName);
    Endpoint::of(change(builder).build().unwrap())
}
