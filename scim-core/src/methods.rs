//! Which methods clients may use on the resources of a type.

use std::collections::HashMap;

use http::Method;

use crate::schema::{Registry, ResourceType};

/// The methods that resources of a type answer to (RFC 7644 §3.2); others are refused with 405 and
/// the `Allow` of those.
///
/// `GET` stands for all reading: `HEAD`, lists, and searches by POST to `/.search`. `POST` adds
/// resources. What no type answers to is not announced in `/ServiceProviderConfig` either: a PATCH, a
/// search or a Bulk request is answered with 501 then.
///
/// ```
/// use scim_core::{DangerouslyUnauthenticated, Methods, ScimServer};
/// use http::{Method, Request};
/// use scim_store_memory::MemoryStore;
///
/// let server = ScimServer::builder(MemoryStore::new(), DangerouslyUnauthenticated::new())
///     .methods("User", Methods::all().without(&Method::DELETE))
///     .methods("Group", Methods::only([Method::GET]))
///     .build()?;
///
/// let request = Request::delete("/scim/v2/Users/1").body(String::new())?;
/// let response = pollster::block_on(server.handle(request));
/// assert_eq!(response.status(), 405);
/// assert_eq!(response.headers()["allow"], "GET, HEAD, PUT, PATCH");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Methods(Vec<Method>);

impl Methods {
    /// All that SCIM knows.
    pub fn all() -> Self {
        Self::only([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
    }

    /// These alone.
    pub fn only(methods: impl IntoIterator<Item = Method>) -> Self {
        Self(methods.into_iter().collect())
    }

    /// These but for one.
    pub fn without(mut self, method: &Method) -> Self {
        self.0.retain(|it| it != method);
        self
    }

    /// Whether a method is among them.
    pub fn allow(&self, method: &Method) -> bool {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.0.contains(method)
    }
}

/// The methods of each type for which the host chose them.
#[derive(Clone, Debug, Default)]
pub(crate) struct MethodSwitches(HashMap<Box<str>, Methods>);

impl MethodSwitches {
    pub(crate) fn set(&mut self, resource_type: Box<str>, methods: Methods) {
        self.0.insert(resource_type, methods);
    }

    /// The same, but for the types for which the other has a choice of its own.
    #[cfg(feature = "scim11")]
    pub(crate) fn overridden_by(&self, other: &Self) -> Self {
        let both = self.0.iter().chain(&other.0);
        Self(both.map(|(name, methods)| (name.clone(), methods.clone())).collect())
    }

    pub(crate) fn resource_types(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|name| &**name)
    }

    pub(crate) fn allow(&self, resource_type: &ResourceType, method: &Method) -> bool {
        self.0.get(resource_type.name()).is_none_or(|methods| methods.allow(method))
    }

    /// Whether any type answers to one of these.
    pub(crate) fn allow_somewhere(&self, registry: &Registry, methods: &[Method]) -> bool {
        let mut types = registry.resource_types().iter();
        types.any(|it| methods.iter().any(|method| self.allow(it, method)))
    }
}

/// The methods that change something.
pub(crate) const WRITING: [Method; 4] = [Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
