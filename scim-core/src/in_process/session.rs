//! A caller in the same process.

use std::sync::Arc;

use http::StatusCode;
use serde::de::DeserializeOwned;

use super::{Matches, Resources, Search, Stored};
use crate::{
    config::Behaviour,
    error::ScimError,
    hooks::Actor,
    http::{Asking, Two, document},
    ops::{Context, Engine, Failure, FilterPlace, List, Operation, Outcome},
    resource::{Object, Selection},
    schema::ResourceType,
    store::{Resource, Scope},
    typed::{Group, Typed, User},
    validate::Notes,
};

/// The service provider as one actor uses it in the same process, made by
/// [`ScimServer::as_actor`](crate::ScimServer::as_actor). It is cheap to clone.
///
/// All that a request does happens here too: what the actor may see and write, validation with the
/// tolerance of the actor's profile, [`Policy::review`](crate::Policy::review), the
/// [`SecretKeeper`](crate::SecretKeeper), versions, retries after lost races, and the reports to
/// the [`Observer`](crate::Observer). What deals with requests as such takes no part:
/// [`Authenticator`](crate::Authenticator), [`Methods`](crate::Methods) that are switched off,
/// [`Policy::admit`](crate::Policy::admit), [`Mapping`](crate::Mapping) and
/// [`Presentation`](crate::Presentation). Resources have the shape of their schema, whatever shape
/// the mapping shows to clients.
///
/// The tenant is the [actor's own](Actor::in_tenant), and the nameless one for any other actor;
/// where the base path has a `{tenant}`, there is no nameless one, and every call is a 500.
/// URLs begin as [`Origin::Fixed`](crate::Origin::Fixed) says; without it they are paths, since
/// nobody knows how clients reach the server.
#[derive(Clone, Debug)]
pub struct Session {
    engine: Arc<Engine>,
    behaviour: Arc<Behaviour>,
    base: Arc<str>,
    actor: Actor,
    scope: Scope,
    /// Whether there are no resources without a tenant, and the actor has none.
    lacks_tenant: bool,
}

impl Session {
    pub(crate) fn new(
        engine: Arc<Engine>,
        behaviour: Arc<Behaviour>,
        base: String,
        actor: Actor,
        scope: Scope,
    ) -> Self {
        Self { engine, behaviour, base: base.into(), actor, scope, lacks_tenant: false }
    }

    /// The same in a place where a path would name the tenant.
    pub(crate) fn in_need_of_tenant(mut self) -> Self {
        self.lacks_tenant = self.scope.tenant.as_str().is_empty();
        self
    }

    /// The users.
    pub fn users(&self) -> Resources<User> {
        self.resources()
    }

    /// The groups.
    pub fn groups(&self) -> Resources<Group> {
        self.resources()
    }

    /// The resources of the type that a Rust type represents.
    ///
    /// ```
    /// # use scim_core::{Actor, BearerTokens, ScimServer};
    /// use scim_core::typed::Typed;
    ///
    /// /// What this application knows of users.
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// #[serde(rename_all = "camelCase")]
    /// struct Account {
    ///     user_name: String,
    ///     active: Option<bool>,
    /// }
    ///
    /// impl Typed for Account {
    ///     const RESOURCE_TYPE: &'static str = "User";
    /// }
    ///
    /// # let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
    /// # let store = scim_store_memory::MemoryStore::new();
    /// # let server = ScimServer::builder(store, tokens).build()?;
    /// # pollster::block_on(async {
    /// let accounts = server.as_actor(Actor::new("sign-up")).resources::<Account>();
    /// let account = Account { user_name: "bjensen".to_owned(), active: Some(true) };
    /// let stored = accounts.create(&account).await?;
    /// assert_eq!(accounts.get(&stored.id).await?.resource.user_name, "bjensen");
    /// # Ok::<_, scim_core::ScimError>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn resources<T: Typed>(&self) -> Resources<T> {
        self.resources_named(T::RESOURCE_TYPE)
    }

    /// The resources of a type by its name, read as any type that fits; as
    /// [`Object`](crate::Object), every type does.
    ///
    /// ```
    /// # use scim_core::{Actor, BearerTokens, ScimServer};
    /// # let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
    /// # let store = scim_store_memory::MemoryStore::new();
    /// # let server = ScimServer::builder(store, tokens).build()?;
    /// use scim_core::{Object, ScimError};
    ///
    /// # pollster::block_on(async {
    /// let printers = server.as_actor(Actor::new("hr")).resources_named::<Object>("Printer");
    /// assert_eq!(printers.get("7").await.unwrap_err().status(), 404);
    /// # });
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn resources_named<T>(&self, resource_type: impl Into<Box<str>>) -> Resources<T> {
        Resources::new(self.clone(), resource_type.into())
    }

    /// Resources of all types that match, as `GET /` finds them (RFC 7644 §3.4.2.1).
    ///
    /// # Errors
    /// As [`Resources::list`].
    pub async fn search(&self, search: Search) -> Result<Matches<Object>, ScimError> {
        self.list(self.engine.registry.resource_types(), search).await
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    pub(super) fn resource_type(&self, name: &str) -> Result<&Arc<ResourceType>, ScimError> {
        let unknown = || ScimError::with_status(StatusCode::NOT_FOUND, "no such resource type");
        self.engine.registry.resource_type(name).ok_or_else(unknown)
    }

    /// What an operation of this caller needs to know.
    pub(super) fn context(&self, selection: Selection) -> Context {
        Context {
            actor: self.actor.clone(),
            scope: self.scope.clone(),
            base: self.base.clone(),
            behaviour: self.behaviour.clone(),
            selection,
            notes: Notes::default(),
            request_id: None,
            added: None,
        }
    }

    pub(super) async fn perform(
        &self,
        context: &mut Context,
        operation: Operation,
    ) -> Result<Outcome, ScimError> {
        if self.lacks_tenant {
            let detail =
                "the paths of this server name a tenant: give the actor one by `in_tenant`";
            return Err(ScimError::with_status(StatusCode::INTERNAL_SERVER_ERROR, detail));
        }
        operation.authorize(&self.actor)?;
        let outcome = self.engine.perform(context, operation).await;
        self.engine.note(context);
        outcome.map_err(told)
    }

    pub(super) async fn list<T: DeserializeOwned>(
        &self,
        types: &[Arc<ResourceType>],
        search: Search,
    ) -> Result<Matches<T>, ScimError> {
        let Self { engine, behaviour, .. } = self;
        let mut context = self.context(Selection::default());
        let asking = Asking { engine, behaviour, dialect: &Two, filter_place: FilterPlace::Body };
        let operation = asking.list(types, &search.0, &mut context.notes)?;
        match self.perform(&mut context, operation).await? {
            Outcome::List(list) => self.matches(&context, list).await,
            other => Err(unexpected(&other)),
        }
    }

    async fn matches<T: DeserializeOwned>(
        &self,
        context: &Context,
        list: List,
    ) -> Result<Matches<T>, ScimError> {
        let mut resources = Vec::with_capacity(list.resources.len());
        for resource in &list.resources {
            let is_its_type = |it: &&crate::ops::Listed| it.resource_type == resource.resource_type;
            let Some(listed) = list.listed.iter().find(is_its_type) else { continue };
            resources.push(self.stored(context, &listed.selection, resource).await?);
        }
        let List { total, start_index, next_cursor, .. } = list;
        Ok(Matches { resources, total, start_index, next_cursor })
    }

    pub(super) async fn stored<T: DeserializeOwned>(
        &self,
        context: &Context,
        selection: &Selection,
        resource: &Resource,
    ) -> Result<Stored<T>, ScimError> {
        let text = document(&self.engine, context, selection, resource).await.map_err(told)?;
        Stored::read(&self.base, resource, &text)
    }
}

/// What the caller is told of a failure; its cause is for the log.
pub(super) fn told(failure: Failure) -> ScimError {
    failure.log();
    failure.error
}

/// Operations answer with what belongs to them; this names the one that did not.
pub(super) fn unexpected(outcome: &Outcome) -> ScimError {
    let kind = match outcome {
        Outcome::Created(_) | Outcome::Added(..) => "a new resource",
        Outcome::Resource(_) => "a resource",
        Outcome::List(_) => "a list",
        Outcome::Done(_) => "nothing to show",
        Outcome::Bulk(_) => "a bulk answer",
    };
    let detail = format!("the operation came to {kind}");
    ScimError::with_status(StatusCode::INTERNAL_SERVER_ERROR, detail)
}
