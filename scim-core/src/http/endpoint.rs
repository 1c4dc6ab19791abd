//! What paths below the base name (RFC 7644 §3.2, Table 2), and which methods that knows.

use std::{borrow::Cow, sync::Arc};

use http::Method;

use super::{base_path::segments, route::RouteError};
use crate::{
    methods::{MethodSwitches, WRITING},
    resource::ResourceId,
    schema::{Registry, ResourceType},
};

/// What a path names below the base. Closed by RFC 7644 §3.2, Table 2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// `/`: the resources of all types.
    Root,
    /// `/Users`
    Resources(Arc<ResourceType>),
    /// `/Users/{id}`
    Resource(Arc<ResourceType>, ResourceId),
    /// `/.search` and `/Users/.search`
    Search(Option<Arc<ResourceType>>),
    /// `/Bulk`
    Bulk,
    /// `/Me`
    Me,
    /// `/ServiceProviderConfig`
    ServiceProviderConfig,
    /// `/Schemas`
    Schemas,
    /// `/Schemas/{urn}`
    Schema(String),
    /// `/ResourceTypes`
    ResourceTypes,
    /// `/ResourceTypes/{name}`
    ResourceType(String),
}

/// What there is to lead to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Served<'a> {
    pub(crate) registry: &'a Registry,
    /// What of it is switched off.
    pub(crate) methods: &'a MethodSwitches,
}

/// A text that is no path below the base.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoPath;

impl Endpoint {
    /// What it is called in logs and metrics.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Resources(_) => "resources",
            Self::Resource(..) => "resource",
            Self::Search(_) => "search",
            Self::Bulk => "bulk",
            Self::Me => "me",
            Self::ServiceProviderConfig => "config",
            Self::Schemas | Self::Schema(_) => "schemas",
            Self::ResourceTypes | Self::ResourceType(_) => "resource_types",
        }
    }

    /// The type of the resources at it, if they are all of one.
    pub(crate) fn resource_type(&self) -> Option<&Arc<ResourceType>> {
        match self {
            Self::Resources(resource_type)
            | Self::Resource(resource_type, _)
            | Self::Search(Some(resource_type)) => Some(resource_type),
            _ => None,
        }
    }

    /// What a path below the base names, if anything.
    ///
    /// # Errors
    /// When the text is no path, or leads somewhere else.
    pub(super) fn of_path(registry: &Registry, path: &str) -> Result<Option<Self>, NoPath> {
        let segments = segments(path).ok_or(NoPath)?;
        let leads_elsewhere = |segment: &Cow<'_, str>| segment == "." || segment == "..";
        if path.contains(['?', '#']) || segments.iter().any(leads_elsewhere) {
            return Err(NoPath);
        }
        Ok(Self::find(registry, &segments))
    }

    /// What the segments of a path below the base of SCIM 2.0 name.
    pub(super) fn find(registry: &Registry, segments: &[Cow<'_, str>]) -> Option<Self> {
        match segments {
            [] => Some(Self::Root),
            [first] if is_search(first) => Some(Self::Search(None)),
            [first] => Self::of_protocol(first)
                .or_else(|| resource_type(registry, first).map(Self::Resources)),
            [first, second] if first.eq_ignore_ascii_case("Schemas") => {
                Some(Self::Schema(second.to_string()))
            }
            [first, second] if first.eq_ignore_ascii_case("ResourceTypes") => {
                Some(Self::ResourceType(second.to_string()))
            }
            [first, second] => {
                let resource_type = resource_type(registry, first)?;
                // `.search` is no id.
                Some(match is_search(second) {
                    true => Self::Search(Some(resource_type)),
                    false => Self::Resource(resource_type, ResourceId::new(&**second)),
                })
            }
            _ => None,
        }
    }

    fn of_protocol(segment: &str) -> Option<Self> {
        [
            ("Bulk", Self::Bulk),
            ("Me", Self::Me),
            ("ServiceProviderConfig", Self::ServiceProviderConfig),
            ("Schemas", Self::Schemas),
            ("ResourceTypes", Self::ResourceTypes),
        ]
        .into_iter()
        .find_map(|(name, endpoint)| name.eq_ignore_ascii_case(segment).then_some(endpoint))
    }

    /// Checks that the endpoint knows a method.
    ///
    /// # Errors
    /// [`MethodNotAllowed`](RouteError::MethodNotAllowed) with those it knows (T-007), or
    /// [`NotSupported`](RouteError::NotSupported) for an optional part of the protocol that no
    /// resource type offers (D-005, E-008).
    pub(crate) fn check(&self, method: &Method, served: Served<'_>) -> Result<(), RouteError> {
        let known = self.methods().iter().filter(|it| self.is_on(it, served));
        if known.clone().any(|known| known == method) {
            return Ok(());
        }
        let Served { registry, methods } = served;
        if let Some((feature, needed)) = self.feature(method)
            && !methods.allow_somewhere(registry, needed)
        {
            return Err(RouteError::NotSupported(feature));
        }
        let allow: Vec<_> = known.map(Method::as_str).collect();
        Err(RouteError::MethodNotAllowed { allow: allow.join(", ") })
    }

    /// The methods that SCIM gives the endpoint.
    fn methods(&self) -> &'static [Method] {
        use Method as M;

        match self {
            Self::Root
            | Self::ServiceProviderConfig
            | Self::Schemas
            | Self::Schema(_)
            | Self::ResourceTypes
            | Self::ResourceType(_) => &[M::GET, M::HEAD],
            Self::Resources(_) => &[M::GET, M::HEAD, M::POST],
            Self::Resource(..) => &[M::GET, M::HEAD, M::PUT, M::PATCH, M::DELETE],
            Self::Me => &[M::GET, M::HEAD, M::POST, M::PUT, M::PATCH, M::DELETE],
            Self::Search(_) | Self::Bulk => &[M::POST],
        }
    }

    /// The optional part of the protocol that a request with this method is, and the methods of
    /// which a resource type has to offer one.
    fn feature(&self, method: &Method) -> Option<(&'static str, &'static [Method])> {
        match (self, method) {
            (Self::Resource(..) | Self::Me, &Method::PATCH) => Some(("PATCH", &[Method::PATCH])),
            (Self::Search(_), &Method::POST) => Some(("search", &[Method::GET])),
            (Self::Bulk, &Method::POST) => Some(("Bulk", &WRITING)),
            _ => None,
        }
    }

    /// Whether the host offers one of these methods. What `/Me` stands for is not known yet.
    fn is_on(&self, method: &Method, Served { registry, methods }: Served<'_>) -> bool {
        match self {
            Self::Resources(resource_type) | Self::Resource(resource_type, _) => {
                methods.allow(resource_type, method)
            }
            Self::Search(Some(resource_type)) => methods.allow(resource_type, &Method::GET),
            Self::Root | Self::Search(None) => methods.allow_somewhere(registry, &[Method::GET]),
            Self::Bulk => methods.allow_somewhere(registry, &WRITING),
            _ => true,
        }
    }
}

pub(super) fn resource_type(registry: &Registry, segment: &str) -> Option<Arc<ResourceType>> {
    registry.at_segment(segment).cloned()
}

pub(super) fn is_search(segment: &str) -> bool {
    segment.eq_ignore_ascii_case(".search")
}
