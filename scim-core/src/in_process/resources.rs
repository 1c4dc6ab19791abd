//! The resources of one type.

use std::{fmt, marker::PhantomData, sync::Arc};

use http::StatusCode;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{If, Matches, Search, Session, Stored, session::unexpected};
use crate::{
    error::{ScimError, ScimType},
    http::{ProjectionParameters, selection},
    ops::{Context, Edit, Operation, Outcome},
    patch::PatchRequest,
    resource::{ResourceId, Selection, Version},
    schema::ResourceType,
    store::Key,
    typed::Group,
};

/// The resources of one type as a caller in the same process uses them, made by [`Session`].
///
/// ```
/// # use scim_core::{Actor, BearerTokens, ScimServer};
/// use scim_core::{If, Search, patch::PatchRequest, typed::{Group, User}};
///
/// # let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
/// # let store = scim_store_memory::MemoryStore::new();
/// # let server = ScimServer::builder(store, tokens).build()?;
/// # pollster::block_on(async {
/// let scim = server.as_actor(Actor::new("hr-import"));
/// let (users, groups) = (scim.users(), scim.groups());
///
/// let babs = users.create(&User::new("bjensen")).await?;
/// let guides = groups.create(&Group::new("Guides")).await?;
/// groups.add_member(&guides.id, &babs.id).await?;
///
/// let leave = PatchRequest::new().replace("active", false).remove("title");
/// users.patch(&babs.id, leave, If::Exists).await?;
///
/// let found = users.find("userName", "bjensen").await?.expect("was just created");
/// assert_eq!(found.resource.active, Some(false));
/// assert_eq!(found.resource.groups[0].display.as_deref(), Some("Guides"));
///
/// let page = users.list(Search::new().filter("active eq false").count(10)).await?;
/// assert_eq!(page.total, Some(1));
///
/// users.delete(&babs.id, If::Exists).await?;
/// let error = users.get(&babs.id).await.unwrap_err();
/// assert_eq!(error.status(), 404);
/// # Ok::<_, scim_core::ScimError>(())
/// # })?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct Resources<T> {
    session: Session,
    resource_type: Box<str>,
    shown: ProjectionParameters,
    read_as: PhantomData<fn() -> T>,
}

impl<T> Resources<T> {
    pub(super) fn new(session: Session, resource_type: Box<str>) -> Self {
        let shown = ProjectionParameters::Default;
        Self { session, resource_type, shown, read_as: PhantomData }
    }

    /// Answers show these attributes only, and those that are always returned (`attributes`,
    /// RFC 7644 §3.9).
    #[must_use]
    pub fn only(mut self, attributes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.shown = ProjectionParameters::Only(attributes.into_iter().map(Into::into).collect());
        self
    }

    /// Answers leave out these attributes (`excludedAttributes`, RFC 7644 §3.9).
    ///
    /// Without the `members` of a large group, reading it costs no more than reading a small one.
    #[must_use]
    pub fn except(mut self, attributes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names = attributes.into_iter().map(Into::into).collect();
        self.shown = ProjectionParameters::Without(names);
        self
    }

    /// Removes a resource.
    ///
    /// # Errors
    /// 404 when there is none, 412 when it has another version, 403 for a caller that may only
    /// read, and what the host's policy refuses with.
    pub async fn delete(
        &self,
        id: impl Into<ResourceId>,
        condition: impl Into<If>,
    ) -> Result<(), ScimError> {
        let edit = Edit::Delete(self.key(id)?, condition.into().into());
        let mut context = self.context(self.resource_type()?);
        self.session.perform(&mut context, Operation::Write(edit)).await.map(drop)
    }

    /// Adds targets to a relation, such as the `members` of a group, at a cost that does not depend
    /// on how many there are. The answer is the new version; `None` when the caller may not see
    /// the resource. Without targets nothing changes.
    ///
    /// # Errors
    /// 400 `invalidValue` for a target that does not exist, and as [`patch`](Self::patch).
    pub async fn add_to(
        &self,
        id: impl Into<ResourceId>,
        relation: &str,
        targets: impl IntoIterator<Item = impl Into<ResourceId>>,
    ) -> Result<Option<Version>, ScimError> {
        let value = |id: ResourceId| json!({"value": id.as_str()});
        let values: Vec<_> = targets.into_iter().map(|id| value(id.into())).collect();
        if values.is_empty() {
            return self.standing(id.into()).await;
        }
        self.relate(id.into(), PatchRequest::new().add(relation, values)).await
    }

    /// Removes targets from a relation; one that it does not have is no matter, unless the
    /// server's [`UnmatchedRemove`](crate::patch::UnmatchedRemove) says so.
    ///
    /// # Errors
    /// 413 for more targets than [`Limits::operations`](crate::Limits::operations), and as
    /// [`patch`](Self::patch).
    pub async fn remove_from(
        &self,
        id: impl Into<ResourceId>,
        relation: &str,
        targets: impl IntoIterator<Item = impl Into<ResourceId>>,
    ) -> Result<Option<Version>, ScimError> {
        let path = |id: ResourceId| format!("{relation}[value eq {}]", Value::from(id.as_str()));
        let request = PatchRequest::new();
        let request =
            targets.into_iter().fold(request, |request, id| request.remove(path(id.into())));
        if request.operations.is_empty() {
            return self.standing(id.into()).await;
        }
        self.relate(id.into(), request).await
    }

    /// The version of a resource that is left as it is.
    ///
    /// A PATCH of nothing is refused, and one that adds an empty list means something else to
    /// [`EmptyAdd`](crate::patch::EmptyAdd).
    async fn standing(&self, id: ResourceId) -> Result<Option<Version>, ScimError> {
        let selection = Selection::only(self.resource_type()?, ["id"]);
        let mut context = self.session.context(selection);
        let read = Operation::Get(self.key(id)?);
        match self.session.perform(&mut context, read).await? {
            Outcome::Resource(resource) => Ok(Some(resource.meta.version)),
            other => Err(unexpected(&other)),
        }
    }

    async fn relate(
        &self,
        id: ResourceId,
        request: PatchRequest,
    ) -> Result<Option<Version>, ScimError> {
        // Attributes that are named would be read for the answer.
        let mut context = self.session.context(Selection::default());
        match self.patched(&mut context, id, request, If::Exists).await? {
            Outcome::Done(version) => Ok(version),
            Outcome::Resource(resource) => Ok(Some(resource.meta.version)),
            other => Err(unexpected(&other)),
        }
    }

    async fn patched(
        &self,
        context: &mut Context,
        id: ResourceId,
        request: PatchRequest,
        condition: If,
    ) -> Result<Outcome, ScimError> {
        let request = self.session.engine().bounded(request)?;
        let edit = Edit::Patch(self.key(id)?, request, condition.into());
        self.session.perform(context, Operation::Write(edit)).await
    }

    fn resource_type(&self) -> Result<&Arc<ResourceType>, ScimError> {
        self.session.resource_type(&self.resource_type)
    }

    fn key(&self, id: impl Into<ResourceId>) -> Result<Key, ScimError> {
        Ok(Key::new(self.resource_type()?, id))
    }

    fn context(&self, resource_type: &ResourceType) -> Context {
        self.session.context(selection(resource_type, &self.shown))
    }
}

impl<T: Serialize + DeserializeOwned> Resources<T> {
    /// Adds a resource (RFC 7644 §3.3). An `id` in it is passed over: the server chooses one.
    ///
    /// # Errors
    /// 400 for what does not fit the schema, 409 `uniqueness` for a unique value that is taken,
    /// 403 for a caller that may only read, and what the host's policy refuses with.
    ///
    /// 404 where the policy [changed another resource](crate::Policy::conflict) instead and lets
    /// the caller not see it; 500 naming the new id where the resource was added, but is gone again
    /// or cannot be read.
    pub async fn create(&self, resource: &T) -> Result<Stored<T>, ScimError> {
        let edit = Edit::Create(self.key(ResourceId::fresh())?, body(resource)?);
        self.shown(Operation::Write(edit)).await?.ok_or_else(|| {
            let detail = "what the policy made of the create is out of the caller's sight";
            ScimError::with_status(StatusCode::NOT_FOUND, detail)
        })
    }

    /// Reads a resource (RFC 7644 §3.4.1).
    ///
    /// # Errors
    /// 404 when there is none, or none that the caller may see.
    pub async fn get(&self, id: impl Into<ResourceId>) -> Result<Stored<T>, ScimError> {
        let gone = || ScimError::with_status(StatusCode::NOT_FOUND, "no such resource");
        self.shown(Operation::Get(self.key(id)?)).await?.ok_or_else(gone)
    }

    /// The resource whose attribute has this value, compared as its schema says; the first, if
    /// there are several.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub async fn find(&self, attribute: &str, value: &str) -> Result<Option<Stored<T>>, ScimError> {
        let found = self.list(Search::new().equal(attribute, value).count(1)).await?;
        Ok(found.resources.into_iter().next())
    }

    /// The resources that match (RFC 7644 §3.4.2), a page at a time.
    ///
    /// ```
    /// # use scim_core::{Actor, BearerTokens, ScimServer};
    /// # let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
    /// # let store = scim_store_memory::MemoryStore::new();
    /// # let server = ScimServer::builder(store, tokens).build()?;
    /// # pollster::block_on(async {
    /// # let users = server.as_actor(Actor::new("report")).users();
    /// # for name in ["a", "b", "c"] {
    /// #     users.create(&scim_core::typed::User::new(name)).await?;
    /// # }
    /// use scim_core::Search;
    ///
    /// let mut names = Vec::new();
    /// let mut cursor = Some(String::new());
    /// while let Some(known) = cursor {
    ///     let page = users.list(Search::new().sort_by("userName").count(2).cursor(known)).await?;
    ///     names.extend(page.resources.into_iter().filter_map(|user| user.resource.user_name));
    ///     cursor = page.next_cursor;
    /// }
    /// assert_eq!(names, ["a", "b", "c"]);
    /// # Ok::<_, scim_core::ScimError>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// 400 `invalidFilter` for a malformed filter, `invalidValue` for what cannot be sorted by,
    /// `tooMany` where it would take too much work, and those of cursors.
    pub async fn list(&self, search: Search) -> Result<Matches<T>, ScimError> {
        let resource_type = self.resource_type()?;
        let mut search = search;
        search.0.projection = self.shown.clone();
        self.session.list(std::slice::from_ref(resource_type), search).await
    }

    /// Replaces a resource (RFC 7644 §3.5.1). The answer is what became of it; `None` when the
    /// caller may not see that, or when it cannot be read after the write.
    ///
    /// # Errors
    /// As [`create`](Self::create), and 404 when there is none, 412 when it has another version.
    pub async fn replace(
        &self,
        id: impl Into<ResourceId>,
        resource: &T,
        condition: impl Into<If>,
    ) -> Result<Option<Stored<T>>, ScimError> {
        let edit = Edit::Replace(self.key(id)?, body(resource)?, condition.into().into());
        self.shown(Operation::Write(edit)).await
    }

    /// Changes a part of a resource (RFC 7644 §3.5.2). The answer is what became of it; `None`
    /// when the caller may not see that, or when it cannot be read after the write.
    ///
    /// # Errors
    /// 400 naming the operation that does not fit, 413 for too many operations, and as
    /// [`replace`](Self::replace).
    pub async fn patch(
        &self,
        id: impl Into<ResourceId>,
        request: PatchRequest,
        condition: impl Into<If>,
    ) -> Result<Option<Stored<T>>, ScimError> {
        let id = id.into();
        let mut context = self.context(self.resource_type()?);
        let outcome = self.patched(&mut context, id.clone(), request, condition.into()).await?;
        if let Outcome::Done(Some(_)) = outcome {
            // A change that is answered briefly over HTTP.
            let key = self.key(id)?;
            let read = self.session.engine().perform(&mut context, Operation::Get(key)).await;
            return match read {
                Ok(outcome) => self.stored(&context, outcome).await,
                Err(failure) if failure.error.status() == StatusCode::NOT_FOUND => Ok(None),
                Err(failure) => {
                    failure.log_after_write();
                    Ok(None)
                }
            };
        }
        self.stored(&context, outcome).await
    }

    async fn shown(&self, operation: Operation) -> Result<Option<Stored<T>>, ScimError> {
        let mut context = self.context(self.resource_type()?);
        let outcome = self.session.perform(&mut context, operation).await?;
        self.stored(&context, outcome).await
    }

    async fn stored(
        &self,
        context: &Context,
        outcome: Outcome,
    ) -> Result<Option<Stored<T>>, ScimError> {
        match outcome {
            Outcome::Created(resource) | Outcome::Resource(resource) => {
                self.session.stored(context, &context.selection, &resource).await.map(Some)
            }
            Outcome::Done(_) => Ok(None),
            Outcome::Added(key, _) => Err(unshown(&key)),
            other => Err(unexpected(&other)),
        }
    }
}

impl Resources<Group> {
    /// Adds a member to a group, as [`add_to`](Self::add_to).
    ///
    /// # Errors
    /// 404 when there is no such group, 400 `invalidValue` when there is no such member.
    pub async fn add_member(
        &self,
        group: impl Into<ResourceId>,
        member: impl Into<ResourceId>,
    ) -> Result<Option<Version>, ScimError> {
        self.add_to(group, "members", [member]).await
    }

    /// Removes a member from a group, as [`remove_from`](Self::remove_from).
    ///
    /// # Errors
    /// 404 when there is no such group.
    pub async fn remove_member(
        &self,
        group: impl Into<ResourceId>,
        member: impl Into<ResourceId>,
    ) -> Result<Option<Version>, ScimError> {
        self.remove_from(group, "members", [member]).await
    }
}

impl<T> Clone for Resources<T> {
    fn clone(&self) -> Self {
        Self {
            shown: self.shown.clone(),
            ..Self::new(self.session.clone(), self.resource_type.clone())
        }
    }
}

impl<T> fmt::Debug for Resources<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resources")
            .field("resource_type", &self.resource_type)
            .field("shown", &self.shown)
            .finish_non_exhaustive()
    }
}

fn unshown(key: &Key) -> ScimError {
    let detail = format!("the resource `{}` was added, but cannot be read now", key.id);
    ScimError::with_status(StatusCode::INTERNAL_SERVER_ERROR, detail)
}

/// A resource as the body that a client would send.
fn body(resource: &impl Serialize) -> Result<Value, ScimError> {
    serde_json::to_value(resource).map_err(|error| {
        let detail = format!("the resource cannot be written as JSON: {error}");
        ScimError::new(ScimType::InvalidSyntax, detail)
    })
}
