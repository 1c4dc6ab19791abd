//! The caller of a request.

use http::Extensions;

use super::AuthenticationError;
use crate::store::Tenant;

/// Who calls, and how far the caller may go.
///
/// ```
/// use scim_core::{Access, Actor, store::Tenant};
///
/// let actor = Actor::new("okta").in_tenant(Tenant::new("acme")).with_access(Access::Read);
/// assert_eq!(actor.subject(), "okta");
/// assert!(!actor.access().allows_writing());
/// ```
#[derive(Clone, Debug)]
pub struct Actor {
    subject: Box<str>,
    tenant: Option<Tenant>,
    access: Access,
    extensions: Extensions,
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
    /// A caller of this name, who may read and write in any tenant.
    ///
    /// The name identifies the caller to the host, in its policy and its logs.
    pub fn new(subject: impl Into<Box<str>>) -> Self {
        Self {
            subject: subject.into(),
            tenant: None,
            access: Access::default(),
            extensions: Extensions::new(),
        }
    }

    /// Confines the caller to one tenant.
    pub fn in_tenant(mut self, tenant: Tenant) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Sets how far the caller may go.
    pub fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// Attaches a value of the host's own, such as its session, for its other hooks.
    pub fn with_extension<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.extensions.insert(value);
        self
    }

    /// The name of the caller.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The tenant that the caller is confined to.
    pub fn tenant(&self) -> Option<&Tenant> {
        self.tenant.as_ref()
    }

    /// How far the caller may go.
    pub fn access(&self) -> Access {
        self.access
    }

    /// The values of the host's own.
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// The tenant that a request is about: the one the path names, else the caller's own, else
    /// the nameless one of a server without tenants (N-004).
    ///
    /// # Errors
    /// 403 when the path names another tenant than the caller's (N-003).
    pub(crate) fn tenant_for(&self, path: Option<&Tenant>) -> Result<Tenant, AuthenticationError> {
        match (path, &self.tenant) {
            (Some(named), Some(own)) if named != own => {
                Err(AuthenticationError::forbidden("the caller does not belong to this tenant"))
            }
            (Some(tenant), _) | (None, Some(tenant)) => Ok(tenant.clone()),
            (None, None) => Ok(Tenant::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_and_caller_agree_on_the_tenant() {
        // N-002, N-003, N-004
        let cases = [
            (None, None, Some("")),
            (Some("a"), None, Some("a")),
            (None, Some("a"), Some("a")),
            (Some("a"), Some("a"), Some("a")),
            (Some("b"), Some("a"), None),
            (Some("A"), Some("a"), None),
        ];
        for (path, own, expected) in cases {
            let mut actor = Actor::new("x");
            actor.tenant = own.map(Tenant::new);
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
