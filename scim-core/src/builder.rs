//! Building a service provider: decisions, defaults and start-up checks.

use std::sync::{Arc, atomic::AtomicU64};

use crate::{
    config::{Behaviour, Limits},
    hooks::{Authenticator, Hooks, Mapping, Observer, Policy, Presentation, SecretKeeper},
    http::InvalidBasePath,
    ops::Engine,
    origin::Origin,
    schema::Registry,
    server::{Inner, ScimServer},
    store::{Store, StoreError},
};

/// Collects the decisions about a service provider. All have safe defaults but two, which
/// [`ScimServer::builder`] takes: where resources are kept and who may call.
#[derive(Debug)]
#[must_use]
pub struct ScimServerBuilder {
    store: Arc<dyn Store>,
    authenticator: Box<dyn Authenticator>,
    registry: Option<Arc<Registry>>,
    base_path: String,
    origin: Origin,
    limits: Limits,
    behaviour: Behaviour,
    hooks: Hooks,
    documentation_uri: Option<Box<str>>,
}

/// Why a service provider cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base path is no path or no template.
    #[error("the base path is not valid")]
    BasePath(#[source] InvalidBasePath),
    /// The origin is no absolute URL of scheme and host alone.
    #[error("the origin must be a scheme and a host, such as `https://scim.example.com`")]
    Origin,
    /// The documentation is at no URI.
    #[error("the documentation URI must be absolute")]
    DocumentationUri,
    /// A limit of zero would refuse everything.
    #[error("the limit `{0}` must not be zero")]
    ZeroLimit(&'static str),
    /// The store cannot keep these resource types.
    #[error("the store cannot serve these resource types")]
    Store(#[source] StoreError),
}

impl ScimServerBuilder {
    pub(crate) fn new(store: Arc<dyn Store>, authenticator: Box<dyn Authenticator>) -> Self {
        Self {
            store,
            authenticator,
            registry: None,
            base_path: "/scim/v2".to_owned(),
            origin: Origin::default(),
            limits: Limits::default(),
            behaviour: Behaviour::default(),
            hooks: Hooks::default(),
            documentation_uri: None,
        }
    }

    /// Sets the resource types. The default is [`Registry::standard`].
    pub fn registry(mut self, registry: Arc<Registry>) -> Self {
        self.registry = Some(registry);
        self
    }

    /// Sets the path under which the endpoints are, as requests name it. The default is
    /// `/scim/v2`. `{tenant}` stands for a segment that names the tenant.
    pub fn base_path(mut self, base_path: impl Into<String>) -> Self {
        self.base_path = base_path.into();
        self
    }

    /// Sets where absolute URLs begin. The default is [`Origin::FromRequest`].
    pub fn origin(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Sets how much one request may ask for.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the choices that the RFCs leave open.
    pub fn behaviour(mut self, behaviour: Behaviour) -> Self {
        self.behaviour = behaviour;
        self
    }

    /// Gives passwords to the host. Without it they are validated and discarded.
    pub fn secret_keeper(mut self, keeper: impl SecretKeeper + 'static) -> Self {
        self.hooks.secrets = Some(Box::new(keeper));
        self
    }

    /// Sets the host's rules about who may see and change what.
    pub fn policy(mut self, policy: impl Policy + 'static) -> Self {
        self.hooks.policy = Box::new(policy);
        self
    }

    /// Rewrites representations on their way in and out.
    pub fn mapping(mut self, mapping: impl Mapping + 'static) -> Self {
        self.hooks.mapping = Box::new(mapping);
        self
    }

    /// Tells the host what happens.
    pub fn observer(mut self, observer: impl Observer + 'static) -> Self {
        self.hooks.observer = Box::new(observer);
        self
    }

    /// Changes how errors look and which headers answers have.
    pub fn presentation(mut self, presentation: impl Presentation + 'static) -> Self {
        self.hooks.presentation = Box::new(presentation);
        self
    }

    /// Names the URL of the host's documentation for `/ServiceProviderConfig`.
    pub fn documentation_uri(mut self, uri: impl Into<Box<str>>) -> Self {
        self.documentation_uri = Some(uri.into());
        self
    }

    /// Checks everything and introduces the resource types to the store.
    ///
    /// # Errors
    /// When a setting contradicts itself, or the store cannot serve the resource types.
    pub fn build(self) -> Result<ScimServer, BuildError> {
        let base_path = self.base_path.parse().map_err(BuildError::BasePath)?;
        self.check()?;
        let registry = self.registry.unwrap_or_else(Registry::standard);
        let capabilities = self.store.attach(&registry).map_err(BuildError::Store)?;
        let engine = Engine {
            registry,
            capabilities,
            store: self.store,
            limits: self.limits,
            hooks: self.hooks,
            commits: AtomicU64::new(0),
        };
        Ok(ScimServer::new(Inner {
            engine: Arc::new(engine),
            schemes: self.authenticator.schemes(),
            authenticator: self.authenticator,
            base_path,
            behaviour: Arc::new(self.behaviour),
            origin: self.origin,
            documentation_uri: self.documentation_uri,
        }))
    }

    fn check(&self) -> Result<(), BuildError> {
        if !self.origin.is_valid() {
            return Err(BuildError::Origin);
        }
        let uri = self.documentation_uri.as_deref().map(str::parse::<http::Uri>);
        if uri.is_some_and(|uri| uri.map_or(true, |uri| uri.scheme().is_none())) {
            return Err(BuildError::DocumentationUri);
        }
        let limits = &self.limits;
        let needed = [
            ("body", limits.body),
            ("json_depth", limits.json_depth),
            ("filter_depth", limits.filter_depth),
            ("filter_terms", limits.filter_terms),
            ("filter_length", limits.filter_length),
            ("operations", limits.operations),
            ("default_page", limits.default_page),
            ("max_page", limits.max_page),
            ("candidates", limits.candidates),
            ("edges", limits.edges),
        ];
        match needed.into_iter().find(|(_, limit)| *limit == 0) {
            Some((name, _)) => Err(BuildError::ZeroLimit(name)),
            None => Ok(()),
        }
    }
}
