//! The host's rules about who may see and change what.

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use http::request::Parts;
use scim_filter::Filter;

use super::{Actor, Proposal, RequestId};
use crate::{
    error::ScimError,
    resource::Object,
    schema::{Attribute, ResourceType},
    store::{Resource, Scope},
};

/// Who makes a request, and in which tenant.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Caller<'a> {
    /// The authenticated actor.
    pub actor: &'a Actor,
    /// The tenant that the request is about.
    pub scope: &'a Scope,
    /// The id of the request, where requests [have ids](super::RequestId).
    pub request_id: Option<&'a RequestId>,
}

impl<'a> Caller<'a> {
    /// This actor in this tenant: what a test hands to a hook.
    ///
    /// ```
    /// use scim_core::{Actor, Caller, store::{Scope, Tenant}};
    ///
    /// let actor = Actor::new("okta").in_tenant(Tenant::new("acme"));
    /// let scope = Scope::new(Tenant::new("acme"));
    /// assert_eq!(Caller::new(&actor, &scope).actor.subject(), "okta");
    /// ```
    pub fn new(actor: &'a Actor, scope: &'a Scope) -> Self {
        Self { actor, scope, request_id: None }
    }
}

/// What is about to be read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Reading<'a> {
    /// One resource by its id, also to change or delete it.
    One,
    /// A list, with the client's filter.
    List(Option<&'a Filter<'a>>),
}

/// A list that a client asks for, as a policy gets to see it. It may amend it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct AskedList {
    /// The client's filter.
    pub filter: Option<Filter<'static>>,
    /// Path of the attribute to sort by.
    pub sort_by: Option<String>,
}

/// What a caller wants to do with an attribute.
///
/// A whole covers its parts: who may not write `name` may not write `name.givenName` either. Rules
/// about a part hold for that part alone: who may not write `emails.primary` may add and change
/// emails as long as no other value becomes the primary one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AttributeUse {
    /// See its value.
    Read,
    /// Give it a value or take it away. A request that says again what is there writes nothing,
    /// unless the caller may not read it either. Of members that holds for a PUT only: a PATCH that
    /// names them writes them.
    Write,
    /// Find or sort resources by it.
    Filter,
    /// Name it in a filter that stands in a URL, where others may read its value
    /// (RFC 7644 §7.5.2). Asked after [`Filter`](Self::Filter).
    FilterInUrl,
}

/// Whether a policy looks at the stored values where the engine would do without them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BeforeImage {
    /// Changes of edges alone and deletions read nothing.
    #[default]
    Unneeded,
    /// They read the document first.
    Needed,
}

/// What becomes of a create whose unique value another resource holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Resolution {
    /// The client is told: 409 `uniqueness`.
    Refuse,
    /// The holder becomes this instead, and is the answer.
    ChangeHolder(Object),
}

/// The host's rules. All methods have defaults that forbid nothing.
///
/// A host that disables users instead of deleting them:
///
/// ```
/// use scim_core::async_trait;
/// use scim_core::{BeforeImage, Caller, Policy, Proposal, ScimError, schema::ResourceType};
///
/// #[derive(Debug)]
/// struct DisableInsteadOfDelete;
///
/// #[async_trait]
/// impl Policy for DisableInsteadOfDelete {
///     fn before_image(&self, resource_type: &ResourceType) -> BeforeImage {
///         match resource_type.name() {
///             "User" => BeforeImage::Needed,
///             _ => BeforeImage::Unneeded,
///         }
///     }
///
///     async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
///         proposal.keep_instead_of_deleting(|user| {
///             user.insert("active".to_owned(), false.into());
///         })
///     }
/// }
/// # let _policy: Box<dyn Policy> = Box::new(DisableInsteadOfDelete);
/// ```
#[async_trait]
pub trait Policy: Send + Sync + fmt::Debug {
    /// Decides whether a request is served at all, before its body is read: limits on the rate of
    /// requests, callers that may not provision, methods that are switched off. A Bulk request is
    /// followed by its operations, each with the method and path of its own (B-024).
    ///
    /// The request is as it came. One resource has many paths: segments may be written in other
    /// cases, with escapes (`/%55sers`), with `.json` at the end, and as `/Me`; a list may be asked
    /// for by POST. A rule about paths should therefore name those that it admits and refuse all
    /// others. What is done to which resource, and by which method, is for
    /// [`review`](Self::review) and [`Methods`](crate::Methods), which see what was understood.
    ///
    /// Headers that go with a refusal, such as `Retry-After`, are added by
    /// [`Presentation::headers`](super::Presentation::headers).
    ///
    /// # Errors
    /// What the client is to be told instead of its request being served.
    async fn admit(&self, _caller: &Caller<'_>, _request: &Parts) -> Result<(), ScimError> {
        Ok(())
    }

    /// Whether [`review`](Self::review) looks at the stored values of every resource of the type.
    fn before_image(&self, _resource_type: &ResourceType) -> BeforeImage {
        BeforeImage::Unneeded
    }

    /// Which resources of a type the caller may see: those that match this filter too. A resource
    /// outside it is 404.
    ///
    /// A member out of sight cannot be added, as if it did not exist; which are takes a query for
    /// each type of members. Who sees users by their groups alone puts new ones into a group by the
    /// Bulk request that adds them.
    ///
    /// Members and groups are shown with their `value` all the same, as ids tell nothing; see
    /// [`shows_labels`](Self::shows_labels) for their `display`. By its default this is asked also
    /// about the types of members and groups, as [`Reading::One`], by each request that reads or
    /// writes resources which have them.
    fn visible(
        &self,
        _caller: &Caller<'_>,
        _resource_type: &ResourceType,
        _reading: Reading<'_>,
    ) -> Option<Filter<'static>> {
        None
    }

    /// Whether the caller gets to see, as the `display` of members and groups, what resources of a
    /// type are called. By default it does if it may [see](Self::visible) them all: otherwise some of
    /// the names would be those of resources out of its sight, and no store is asked which.
    ///
    /// What is not shown cannot be searched for either.
    fn shows_labels(&self, caller: &Caller<'_>, resource_type: &ResourceType) -> bool {
        self.visible(caller, resource_type, Reading::One).is_none()
    }

    /// The rules about who may use which attributes; `None` allows everyone everything.
    fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
        None
    }

    /// Looks at a list that is about to be read, before its names are looked up; it may amend or
    /// refuse it: filters that are too dear, sorting that the service does not offer.
    ///
    /// [`visible`](Self::visible) is asked afterwards, and sees the filter as it is then.
    ///
    /// # Errors
    /// What the client is to be told instead of the list being read.
    async fn review_list(
        &self,
        _caller: &Caller<'_>,
        _resource_types: &[Arc<ResourceType>],
        _list: &mut AskedList,
    ) -> Result<(), ScimError> {
        Ok(())
    }

    /// Looks at a write that is about to be made; it may amend or refuse it.
    ///
    /// It may run more than once for one request, when another write came in between. What it
    /// makes of a proposal is written as it is: that values keep to the schema, and that a required
    /// relation keeps an edge, is then in the host's hands.
    ///
    /// # Errors
    /// What the client is to be told instead of the write being made.
    async fn review(
        &self,
        _caller: &Caller<'_>,
        _proposal: &mut Proposal,
    ) -> Result<(), ScimError> {
        Ok(())
    }

    /// Decides what becomes of a create when `holder` has a unique value that it claims. The
    /// holder is shown here even where the caller may not [see](Self::visible) it, and what becomes
    /// of it is not bound by what the caller may [write](AttributeUse::Write).
    ///
    /// It is not asked in [`Bulk::Atomic`](crate::Bulk::Atomic) nor about operations that refer to
    /// each other in a circle: they are 409 `uniqueness`.
    ///
    /// # Errors
    /// What the client is to be told instead of 409 `uniqueness`.
    async fn conflict(
        &self,
        _caller: &Caller<'_>,
        _proposal: &Proposal,
        _holder: &Resource,
    ) -> Result<Resolution, ScimError> {
        Ok(Resolution::Refuse)
    }
}

/// The host's rules about attributes (RFC 7644 §7.7, Y-013).
///
/// ```
/// use scim_core::{AttributeRules, AttributeUse, Caller, Policy, schema::Attribute};
///
/// /// Birthdays of users are for the people of HR to see, and for nobody to change.
/// #[derive(Debug)]
/// struct Birthdays;
///
/// impl AttributeRules for Birthdays {
///     fn allows(&self, caller: &Caller<'_>, attribute: &Attribute, purpose: AttributeUse) -> bool {
///         let is_for_hr = purpose != AttributeUse::Write && caller.actor.subject() == "hr";
///         attribute.path() != "urn:example:2.0:User:birthday" || is_for_hr
///     }
/// }
///
/// impl Policy for Birthdays {
///     fn attribute_rules(&self) -> Option<&dyn AttributeRules> {
///         Some(self)
///     }
/// }
/// # let _: Box<dyn Policy> = Box::new(Birthdays);
/// ```
pub trait AttributeRules: Send + Sync {
    /// Whether the caller may use an attribute or sub-attribute in this way.
    ///
    /// What may not be read is left out of answers and not cleared by a PUT that omits it; what
    /// may not be written is 403 where it would change, and wherever a PUT or PATCH names it if it
    /// may not be read either, since the answer would tell the value: such a part goes with the
    /// value it is in, when that is taken away as a whole; what may not be filtered by is 400
    /// `invalidFilter`, and 403 `sensitive` where only the URL is at fault.
    fn allows(&self, caller: &Caller<'_>, attribute: &Attribute, purpose: AttributeUse) -> bool;
}

/// Forbids nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unrestricted;

impl Policy for Unrestricted {}
