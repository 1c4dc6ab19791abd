//! Building a service provider: decisions, defaults and start-up checks.

use std::sync::{Arc, atomic::AtomicU64};

use ::http::HeaderName;

#[cfg(feature = "xml")]
use crate::http::TwoInXml;
use crate::{
    config::{Behaviour, Limits, Me},
    hooks::{Authenticator, Hooks, Mapping, Observer, Policy, Presentation, SecretKeeper},
    http::{Alias, BasePath, Dialect, InvalidBasePath, Mount, Mounts, Two},
    methods::{MethodSwitches, Methods},
    ops::{CursorKey, Cursors, Engine, Projections},
    origin::Origin,
    profile::ClientProfile,
    schema::{Registry, ResourceType},
    server::{Inner, ScimServer},
    store::{Store, StoreError},
    telemetry::watched,
};
#[cfg(feature = "scim11")]
use crate::{
    http::ProtocolVersion,
    scim11::{Scim11, Unversioned},
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
    #[cfg(feature = "scim11")]
    scim11: Option<Scim11>,
    origin: Origin,
    limits: Limits,
    behaviour: Behaviour,
    profiles: Vec<ClientProfile>,
    hooks: Hooks,
    documentation_uri: Option<Box<str>>,
    cursor_key: Option<CursorKey>,
    me: Me,
    self_registration: Option<Box<str>>,
    #[cfg(feature = "xml")]
    xml: Option<crate::xml::XmlFormat>,
    methods: MethodSwitches,
    request_id_header: Option<HeaderName>,
}

/// Why a service provider cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The base path is no path or no template.
    #[error("the base path is not valid")]
    BasePath(#[source] InvalidBasePath),
    /// The origin is no absolute URL, or has a query.
    #[error("the origin must be an absolute URL, such as `https://scim.example.com`")]
    Origin,
    /// The documentation is at no URI.
    #[error("the documentation URI must be absolute")]
    DocumentationUri,
    /// A limit of zero would refuse everything.
    #[error("the limit `{0}` must not be zero")]
    ZeroLimit(&'static str),
    /// Callers would register as a type that is not served.
    #[error("callers cannot register as `{0}`, which is no resource type")]
    SelfRegistration(Box<str>),
    /// Methods are chosen for a type that is not served.
    #[error("methods are chosen for `{0}`, which is no resource type")]
    Methods(Box<str>),
    /// The system has no randomness for the key of cursors.
    #[error("the system has no randomness to give")]
    Randomness(#[source] Box<dyn std::error::Error + Send + Sync>),
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
            #[cfg(feature = "scim11")]
            scim11: None,
            origin: Origin::default(),
            limits: Limits::default(),
            behaviour: Behaviour::default(),
            profiles: Vec::new(),
            hooks: Hooks::default(),
            documentation_uri: None,
            cursor_key: None,
            me: Me::default(),
            self_registration: None,
            #[cfg(feature = "xml")]
            xml: None,
            methods: MethodSwitches::default(),
            request_id_header: None,
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

    /// Offers SCIM 1.1 as well: the same resources, by the same rules of the host, below a base
    /// path of its own.
    #[cfg(feature = "scim11")]
    pub fn scim11(mut self, scim11: Scim11) -> Self {
        self.scim11 = Some(scim11);
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

    /// Changes the [behaviour](Self::behaviour), whether it is set before or afterwards, by what is
    /// known of the clients; several profiles are applied in order. A caller with a
    /// [profile of its own](crate::Actor::with_profile) changes it further for its own requests.
    ///
    /// Servers with different profiles, each under a path of its own, may share one store.
    pub fn profile(mut self, profile: &ClientProfile) -> Self {
        self.profiles.push(profile.clone());
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

    /// Sets the secret that seals the cursors of pages (RFC 9865): random octets that several
    /// servers share, so that each knows the cursors of the others. The default is a key of this
    /// server alone, whose cursors end with it.
    pub fn cursor_key(mut self, key: [u8; 32]) -> Self {
        self.cursor_key = Some(CursorKey::new(key));
        self
    }

    /// Offers XML beside JSON: in resources that are sent, by `Content-Type`, and in all answers,
    /// by `Accept`. Without it XML is 415 and 406. PATCH, Bulk and `.search` are JSON only.
    ///
    /// XML of large relations is not streamed: an answer is in memory as a whole.
    ///
    /// ```
    /// # use scim_core::{Actor, BearerTokens, ScimServer};
    /// # use scim_store_memory::MemoryStore;
    /// use scim_core::xml::XmlFormat;
    ///
    /// # let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
    /// let server = ScimServer::builder(MemoryStore::new(), tokens)
    ///     .xml(XmlFormat::plain().root("User", "scimUser"))
    ///     .build()?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "xml")]
    pub fn xml(mut self, xml: crate::xml::XmlFormat) -> Self {
        self.xml = Some(xml);
        self
    }

    /// Sets which methods the resources of a type answer to. The default is [`Methods::all`]. It
    /// holds for all versions of the protocol; `Scim11::methods` chooses others for SCIM 1.1.
    ///
    /// Servers over one store may differ in this, as for callers of different kinds under paths of
    /// their own.
    pub fn methods(mut self, resource_type: impl Into<Box<str>>, methods: Methods) -> Self {
        self.methods.set(resource_type.into(), methods);
        self
    }

    /// Gives every request an id: what this header says, or a new one. Every answer has it in the
    /// same header. It stands in the extensions of the request's head, in
    /// [`Caller`](crate::Caller) and [`Committed`](crate::Committed), and, with the feature
    /// `tracing`, in a span around all that is logged for the request.
    ///
    /// ```
    /// use scim_core::{DangerouslyUnauthenticated, ScimServer};
    /// use http::{HeaderName, Request};
    /// use scim_store_memory::MemoryStore;
    ///
    /// let server = ScimServer::builder(MemoryStore::new(), DangerouslyUnauthenticated::new())
    ///     .request_id_header(HeaderName::from_static("x-request-id"))
    ///     .build()?;
    ///
    /// let request = Request::get("/scim/v2/Users").header("x-request-id", "7f3a");
    /// let response = pollster::block_on(server.handle(request.body(String::new())?));
    /// assert_eq!(response.headers()["x-request-id"], "7f3a");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn request_id_header(mut self, name: HeaderName) -> Self {
        self.request_id_header = Some(name);
        self
    }

    /// Sets what becomes of requests to `/Me`. The default is [`Me::Refuse`]. Which resource is a
    /// caller's own, the authenticator says by [`Actor::with_resource`](crate::Actor::with_resource).
    pub fn me(mut self, me: Me) -> Self {
        self.me = me;
        self
    }

    /// Lets callers without a resource make one of this type for themselves by POST to `/Me`
    /// (RFC 7644 §3.11). Without it that is answered with 501. Telling from then on that the
    /// resource is the caller's is left to the authenticator, which an
    /// [`Observer`](crate::Observer) can let know.
    pub fn self_registration(mut self, resource_type: impl Into<Box<str>>) -> Self {
        self.self_registration = Some(resource_type.into());
        self
    }

    /// Checks everything and introduces the resource types to the store.
    ///
    /// # Errors
    /// When a setting contradicts itself, or the store cannot serve the resource types.
    pub fn build(self) -> Result<ScimServer, BuildError> {
        let mounts = self.mounts()?;
        self.check()?;
        let registry = self.registry.unwrap_or_else(Registry::standard);
        let capabilities = self.store.attach(&registry).map_err(BuildError::Store)?;
        let own_type = |name| own_type(name, &registry);
        let registers = self.self_registration.map(own_type).transpose()?;
        check_methods(&mounts, &registry)?;
        let cursor_key = match self.cursor_key {
            Some(key) => key,
            None => CursorKey::random().map_err(|error| BuildError::Randomness(error.into()))?,
        };
        let engine = Engine {
            projections: Projections::new(&registry, self.limits.edges),
            cursors: Cursors::new(&cursor_key, self.limits.cursor_timeout),
            registry,
            capabilities,
            store: watched(self.store),
            limits: self.limits,
            hooks: self.hooks,
            commits: AtomicU64::new(0),
        };
        let profiles = self.profiles.iter();
        let behaviour = profiles.fold(self.behaviour, |host, profile| profile.applied_to(&host));
        Ok(ScimServer::new(Inner {
            engine: Arc::new(engine),
            schemes: self.authenticator.schemes(),
            authenticator: self.authenticator,
            mounts,
            behaviour: Arc::new(behaviour),
            origin: self.origin,
            documentation_uri: self.documentation_uri,
            alias: Alias { me: self.me, registers },
            request_id_header: self.request_id_header,
        }))
    }

    fn mounts(&self) -> Result<Mounts, BuildError> {
        let base: BasePath = self.base_path.parse().map_err(BuildError::BasePath)?;
        let (dialect, methods) = (self.dialect_of_two(), self.methods.clone());
        let two = Mount { base, dialect, methods };
        #[cfg(feature = "scim11")]
        if let Some(scim11) = &self.scim11 {
            let base = BasePath::of_version(&scim11.base_path, ProtocolVersion::One)
                .map_err(BuildError::BasePath)?;
            let prefers_one = scim11.unversioned == Unversioned::One;
            let methods = self.methods.overridden_by(&scim11.methods);
            let one = Mount { base, dialect: Arc::new(scim11.clone()), methods };
            return Ok(Mounts { two, one: Some(one), prefers_one });
        }
        Ok(Mounts { two, one: None, prefers_one: false })
    }

    fn dialect_of_two(&self) -> Arc<dyn Dialect> {
        #[cfg(feature = "xml")]
        if let Some(xml) = &self.xml {
            return Arc::new(TwoInXml(xml.clone()));
        }
        Arc::new(Two)
    }

    fn check(&self) -> Result<(), BuildError> {
        if !self.origin.is_valid() {
            return Err(BuildError::Origin);
        }
        let uri = self.documentation_uri.as_deref().map(str::parse::<::http::Uri>);
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
            ("bulk_operations", limits.bulk_operations),
            ("bulk_payload", limits.bulk_payload),
            ("default_page", limits.default_page),
            ("max_page", limits.max_page),
            ("candidates", limits.candidates),
            ("comparisons", limits.comparisons),
            ("edges", limits.edges),
            ("cursor_timeout", usize::from(limits.cursor_timeout.as_secs() > 0)),
        ];
        match needed.into_iter().find(|(_, limit)| *limit == 0) {
            Some((name, _)) => Err(BuildError::ZeroLimit(name)),
            None => Ok(()),
        }
    }
}

fn own_type(name: Box<str>, registry: &Registry) -> Result<Arc<ResourceType>, BuildError> {
    let resource_type = registry.resource_type(&name).cloned();
    resource_type.ok_or(BuildError::SelfRegistration(name))
}

fn check_methods(mounts: &Mounts, registry: &Registry) -> Result<(), BuildError> {
    let mut names = mounts.iter().flat_map(|mount| mount.methods.resource_types());
    match names.find(|name| registry.resource_type(name).is_none()) {
        Some(unknown) => Err(BuildError::Methods(unknown.into())),
        None => Ok(()),
    }
}
