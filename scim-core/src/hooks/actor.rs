//! The caller of a request.

use std::sync::Arc;

use http::Extensions;

use super::AuthenticationError;
use crate::{profile::ClientProfile, resource::ResourceId, store::Tenant};

/// Who calls, and how far the caller may go.
///
/// ```
/// use scim_core::{Access, Actor, store::Tenant};
///
/// let actor = Actor::new("okta").in_tenant(Tenant::new("acme")).with_access(Access::Read);
/// assert_eq!(actor.subject(), "okta");
/// assert!(!actor.access().allows_writing());
/// ```
///
/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Actor(Arc<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    subject: Box<str>,
    tenants: Tenants,
    access: Access,
    resource: Option<(Box<str>, ResourceId)>,
    profile: Option<ClientProfile>,
    extensions: Extensions,
}

/// In which tenants a caller may act.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Tenants {
    /// In the nameless one of a server without tenants.
    #[default]
    Nameless,
    One(Tenant),
    Any,
}

/// How far a caller may go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// May read.
    Read,
    /// May read and write.
    #[default]
    ReadWrite,
}

impl Access {
    /// Whether it covers requests that change something.
    pub fn allows_writing(self) -> bool {
        self == Self::ReadWrite
    }
}

impl Actor {
    /// A caller of this name, who may read and write on a server without tenants.
    ///
    /// The name identifies the caller to the host, in its policy and its logs.
    pub fn new(subject: impl Into<Box<str>>) -> Self {
        Self(Arc::new(Inner {
            subject: subject.into(),
            tenants: Tenants::default(),
            access: Access::default(),
            resource: None,
            profile: None,
            extensions: Extensions::new(),
        }))
    }

    /// Confines the caller to one tenant.
    pub fn in_tenant(mut self, tenant: Tenant) -> Self {
        self.inner().tenants = Tenants::One(tenant);
        self
    }

    /// Lets the caller act in whichever tenant a path names.
    pub fn in_any_tenant(mut self) -> Self {
        self.inner().tenants = Tenants::Any;
        self
    }

    /// Sets how far the caller may go.
    pub fn with_access(mut self, access: Access) -> Self {
        self.inner().access = access;
        self
    }

    /// Names the resource that the caller is, by resource type and id: what `/Me` stands for
    /// (RFC 7644 §3.11).
    ///
    /// ```
    /// # use scim_core::Actor;
    /// let actor = Actor::new("bjensen").with_resource("User", "2819c223-7f76-453a");
    /// assert_eq!(actor.resource().unwrap().0, "User");
    /// ```
    pub fn with_resource(
        mut self,
        resource_type: impl Into<Box<str>>,
        id: impl Into<ResourceId>,
    ) -> Self {
        self.inner().resource = Some((resource_type.into(), id.into()));
        self
    }

    /// Says what is known of the client that the caller is; the profile of the server otherwise.
    ///
    /// ```
    /// use scim_core::{Actor, BearerTokens};
    ///
    /// let tokens = BearerTokens::builder()
    ///     .token("first-secret", Actor::new("contoso").with_profile("entra".parse()?))
    ///     .token("second-secret", Actor::new("acme").with_profile("okta".parse()?))
    ///     .build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_profile(mut self, profile: ClientProfile) -> Self {
        self.inner().profile = Some(profile);
        self
    }

    /// Attaches a value of the host's own, such as its session, for its other hooks.
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.inner().extensions.insert(value);
        self
    }

    /// The name of the caller.
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The tenant that the caller is confined to, if it is confined to a named one.
    pub fn tenant(&self) -> Option<&Tenant> {
        match &self.0.tenants {
            Tenants::One(tenant) => Some(tenant),
            Tenants::Nameless | Tenants::Any => None,
        }
    }

    /// How far the caller may go.
    pub fn access(&self) -> Access {
        self.0.access
    }

    /// The resource that the caller is, by resource type and id.
    pub fn resource(&self) -> Option<(&str, &ResourceId)> {
        self.0.resource.as_ref().map(|(resource_type, id)| (&**resource_type, id))
    }

    /// What is known of the client.
    pub fn profile(&self) -> Option<&ClientProfile> {
        self.0.profile.as_ref()
    }

    /// The values of the host's own.
    pub fn extensions(&self) -> &Extensions {
        &self.0.extensions
    }

    /// The tenant that a request is about: the one the path names, else the caller's own, else
    /// the nameless one of a server without tenants (N-004).
    ///
    /// # Errors
    /// 403 when the path names a tenant that is not the caller's (N-003).
    pub(crate) fn tenant_for(&self, path: Option<&Tenant>) -> Result<Tenant, AuthenticationError> {
        match (path, &self.0.tenants) {
            (Some(named), Tenants::One(own)) if named == own => Ok(named.clone()),
            (Some(named), Tenants::Any) => Ok(named.clone()),
            (Some(_), _) => {
                Err(AuthenticationError::forbidden("the caller does not belong to this tenant"))
            }
            (None, _) => Ok(self.own_tenant()),
        }
    }

    /// The tenant of the caller where nothing else names one.
    pub(crate) fn own_tenant(&self) -> Tenant {
        self.tenant().cloned().unwrap_or_default()
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_caller_agree_on_the_tenant() {
        // N-002, N-003, N-004
        let one = |name: &'static str| Tenants::One(Tenant::new(name));
        let cases = [
            (None, Tenants::Nameless, Some("")),
            (Some("a"), Tenants::Nameless, None),
            (None, Tenants::Any, Some("")),
            (Some("a"), Tenants::Any, Some("a")),
            (None, one("a"), Some("a")),
            (Some("a"), one("a"), Some("a")),
            (Some("b"), one("a"), None),
            (Some("A"), one("a"), None),
        ];
        for (path, own, expected) in cases {
            let mut actor = Actor::new("x");
            actor.inner().tenants = own.clone();
            let tenant = actor.tenant_for(path.map(Tenant::new).as_ref());
            let case = format!("path {path:?}, own {own:?}");
            match (tenant, expected) {
                (Ok(tenant), Some(expected)) => assert_eq!(tenant.as_str(), expected, "{case}"),
                (Err(error), None) => assert_eq!(error.to_scim_error().status(), 403, "{case}"),
                (outcome, _) => panic!("{case}: {outcome:?}"),
            }
        }
    }

    #[test]
    fn the_hosts_own_values_travel_with_the_caller() {
        let actor = Actor::new("x").with_extension(7_u32).clone();
        assert_eq!(actor.extensions().get::<u32>(), Some(&7));
    }
}
