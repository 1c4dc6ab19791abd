//! The service provider: from a request to its response.

use std::{error::Error, fmt, sync::Arc};

use ::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, request::Parts,
};
use scim_filter::Filter;

#[cfg(feature = "xml")]
use crate::http::encoded;
use crate::{
    builder::ScimServerBuilder,
    client::{Client, behaviour_for},
    config::Behaviour,
    error::ScimError,
    hooks::{Actor, AuthenticationScheme, Authenticator, RequestId},
    http::{
        Alias, Aliased, Body, Discovery, Endpoint, ErrorResponse, Features, Format, Locations,
        Mount, Mounts, Reply, Route, Served, discovered, discovered_list, read_body_of,
        refuse_filter, route,
    },
    in_process::Session,
    methods::MethodSwitches,
    ops::Engine,
    origin::Origin,
    store::{Explanation, Scope, Store},
    telemetry::RequestWatch,
    visit::Visit,
};

/// A SCIM service provider, ready to be mounted in any HTTP framework.
///
/// It is cheap to clone; all clones are the same service provider.
///
/// ```
/// use scim_core::{Actor, BearerTokens, ScimServer};
/// use scim_store_memory::MemoryStore;
///
/// let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
/// let server = ScimServer::builder(MemoryStore::new(), tokens).build()?;
///
/// let request = http::Request::get("/scim/v2/Users")
///     .header("authorization", "Bearer secret")
///     .body(String::new())?;
/// let response = pollster::block_on(server.handle(request));
/// assert_eq!(response.status(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ScimServer(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) engine: Arc<Engine>,
    pub(crate) authenticator: Box<dyn Authenticator>,
    pub(crate) schemes: Vec<AuthenticationScheme>,
    pub(crate) mounts: Mounts,
    pub(crate) behaviour: Arc<Behaviour>,
    pub(crate) origin: Origin,
    pub(crate) documentation_uri: Option<Box<str>>,
    pub(crate) alias: Alias,
    pub(crate) request_id_header: Option<HeaderName>,
}

impl ScimServer {
    /// Starts to build a service provider over a store. There is none without a decision about
    /// who may call.
    pub fn builder(
        store: impl Store + 'static,
        authenticator: impl Authenticator + 'static,
    ) -> ScimServerBuilder {
        ScimServerBuilder::new(Arc::new(store), Box::new(authenticator))
    }

    pub(crate) fn new(inner: Inner) -> Self {
        Self(Arc::new(inner))
    }

    /// The service provider for code of the host's own, which acts as this actor: typed, without
    /// HTTP, and otherwise as if the actor had sent requests.
    ///
    /// ```
    /// use scim_core::{Actor, If, typed::User};
    /// # use scim_core::{BearerTokens, ScimServer};
    /// # let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
    /// # let store = scim_store_memory::MemoryStore::new();
    /// # let server = ScimServer::builder(store, tokens).build()?;
    /// # pollster::block_on(async {
    /// let users = server.as_actor(Actor::new("hr-import")).users();
    /// let babs = users.create(&User::new("bjensen")).await?;
    /// assert_eq!(babs.resource.user_name.as_deref(), Some("bjensen"));
    ///
    /// let mut renamed = babs.resource.clone();
    /// renamed.display_name = Some("Babs".to_owned());
    /// users.replace(&babs.id, &renamed, &babs).await?; // only if nobody else changed it
    /// # Ok::<_, scim_core::ScimError>(())
    /// # })?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_actor(&self, actor: Actor) -> Session {
        let Inner { engine, behaviour, mounts, origin, .. } = &*self.0;
        let tenant = actor.own_tenant();
        let template = &mounts.two.base;
        let path = template.of(&tenant);
        let base = format!("{}{path}", origin.known().unwrap_or_default());
        let behaviour = behaviour_for(behaviour, &actor);
        let session = Session::new(engine.clone(), behaviour, base, actor, Scope::new(tenant));
        if template.has_tenant() { session.in_need_of_tenant() } else { session }
    }

    /// Says how the store would answer a filter over one resource type: which terms an index or the
    /// edges answer, which are checked on each candidate, what is left to the engine, and about
    /// how many resources are looked at. With the feature `tracing`, each query leaves the same in
    /// the log at the level `DEBUG`, without the operands.
    ///
    /// ```
    /// use scim_core::{Actor, BearerTokens, ScimServer, store::Scope};
    /// use scim_store_memory::MemoryStore;
    ///
    /// let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
    /// let scim = ScimServer::builder(MemoryStore::new(), tokens).build()?;
    /// let filter = "userName eq \"babs\" and title pr".parse()?;
    /// let explanation = pollster::block_on(scim.explain(&Scope::default(), "User", &filter))?;
    /// assert_eq!(
    ///     explanation.to_string(),
    ///     "indexed: userName eq; checked: title pr; residual: nothing; about 0 resources",
    /// );
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// 404 for a resource type that there is not, 400 `invalidFilter`, and 500 or 503 when the
    /// store cannot answer.
    pub async fn explain(
        &self,
        scope: &Scope,
        resource_type: &str,
        filter: &Filter<'_>,
    ) -> Result<Explanation, ScimError> {
        let explained = self.0.engine.explain(scope, resource_type, filter).await;
        explained.map_err(|failure| failure.error)
    }

    /// Answers a request. It never fails: whatever is wrong with the request or the store becomes
    /// a SCIM error response (RFC 7644 §3.12).
    ///
    /// The body is that of any framework: its error is bound as hyper and tower-http bind it.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let (mut head, body) = request.into_parts();
        let request_id = self.0.identify(&mut head);
        let mount = self.0.mounts.of(head.uri.path());
        let body = mount.dialect.read_method(&mut head).map(|()| body);
        let mut watch = RequestWatch::start(&head, request_id.as_ref());
        let span = watch.span();
        let response = span.over(self.0.answer(&head, body, mount, &mut watch)).await;
        watch.answered(response.status());
        response
    }
}

impl fmt::Debug for ScimServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScimServer")
            .field("store", &self.0.engine.store)
            .field("authenticator", &self.0.authenticator)
            .field("mounts", &self.0.mounts)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// The response, whatever comes of the request.
    async fn answer<B>(
        &self,
        head: &Parts,
        body: Result<B, ScimError>,
        mount: &Mount,
        watch: &mut RequestWatch,
    ) -> Response<Body>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let mut client = Client::new(&*mount.dialect, &self.behaviour);
        let reply = match body {
            Ok(body) => self.reply(head, body, mount, &mut client, watch).await,
            Err(error) => Err(error.into()),
        };
        let presentation = &self.engine.hooks.presentation;
        let reply = reply.unwrap_or_else(|error| {
            let body = presentation.error(head, error.error());
            Reply::Error(error.shown_as(body))
        });
        let format = client.format(head);
        let mut response = self.respond(reply, &head.method, &client, format).await;
        let status = response.status();
        self.show_id(head, response.headers_mut());
        presentation.headers(head, client.actor.as_ref(), status, response.headers_mut());
        response
    }

    /// route → authenticate → read → authorize → perform → render.
    async fn reply<B>(
        &self,
        head: &Parts,
        body: B,
        mount: &Mount,
        client: &mut Client<'_>,
        watch: &mut RequestWatch,
    ) -> Result<Reply, ErrorResponse>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let route = route(mount, self.served(mount), &head.method, head.uri.path())?;
        watch.routed(&route.endpoint);
        let locations = Locations::new(self.origin.url(head, &route.base));
        if let Some(reply) = self.public(mount, &route, head, &locations)? {
            client.choose_format(head)?;
            return Ok(reply);
        }
        client.resource_type = route.endpoint.resource_type().cloned();
        let (actor, scope) = self.authenticate(head, &route).await?;
        client.recognise(&actor);
        watch.recognised(&actor, &scope);
        client.choose_format(head)?;
        let visit = Visit { head, mount, base: &route.base, locations: &locations, actor, scope };
        self.engine.hooks.policy.admit(&visit.caller(), head).await?;
        if let Some(reply) = self.discovery(mount, &route.endpoint, head, &locations)? {
            return Ok(reply);
        }
        let endpoint = match self.aliased(&visit, route.endpoint)? {
            Aliased::Endpoint(endpoint) => endpoint,
            Aliased::Reply(reply) => return Ok(reply),
        };
        let body = read_body_of(head, body, &endpoint, &self.engine.limits).await?;
        visit.carry_out(&self.engine, endpoint, &body, client).await
    }

    /// What `/Me` stands for; any other endpoint stands for itself.
    fn aliased(&self, visit: &Visit<'_>, endpoint: Endpoint) -> Result<Aliased, ErrorResponse> {
        if endpoint != Endpoint::Me {
            return Ok(Aliased::Endpoint(endpoint));
        }
        let Visit { head, mount, locations, ref actor, .. } = *visit;
        let aliased = self.alias.resolve(head, actor, &self.engine.registry, locations)?;
        if let Aliased::Endpoint(endpoint) = &aliased {
            endpoint.check(&head.method, self.served(mount))?;
        }
        Ok(aliased)
    }

    /// Makes the response in the format that was chosen.
    async fn respond(
        &self,
        reply: Reply,
        method: &Method,
        client: &Client<'_>,
        format: Format,
    ) -> Response<Body> {
        #[cfg(feature = "xml")]
        if let (Format::Xml, Some(xml)) = (format, client.dialect.xml()) {
            let of_type = client.resource_type.as_deref();
            // Without a body, its length would not be known.
            let shown = if method == Method::HEAD { &Method::GET } else { method };
            let whole = reply.into_response(shown, client.dialect, format);
            let encoded = encoded(whole, method, xml, &self.engine.registry, of_type).await;
            return encoded.unwrap_or_else(|error| {
                Reply::from(error).into_response(method, client.dialect, Format::Json)
            });
        }
        reply.into_response(method, client.dialect, format)
    }

    /// Gives a request its id, where requests have ids.
    fn identify(&self, head: &mut Parts) -> Option<RequestId> {
        let name = self.request_id_header.as_ref()?;
        let request_id = RequestId::of(head.headers.get(name));
        head.extensions.insert(request_id.clone());
        Some(request_id)
    }

    fn show_id(&self, head: &Parts, headers: &mut HeaderMap) {
        let request_id = head.extensions.get::<RequestId>();
        let value = request_id.and_then(|it| HeaderValue::from_str(it.as_str()).ok());
        if let (Some(name), Some(value)) = (&self.request_id_header, value) {
            headers.insert(name, value);
        }
    }

    fn served<'a>(&'a self, mount: &'a Mount) -> Served<'a> {
        Served { registry: &self.engine.registry, methods: &mount.methods }
    }

    async fn authenticate(
        &self,
        head: &Parts,
        route: &Route<'_>,
    ) -> Result<(Actor, Scope), ErrorResponse> {
        let refused = |refusal| ErrorResponse::refused(&refusal, &self.schemes);
        let actor = self.authenticator.authenticate(head).await.map_err(refused)?;
        let tenant = actor.tenant_for(route.tenant.as_ref()).map_err(refused)?;
        Ok((actor, Scope::new(tenant)))
    }

    /// What anyone may read: how to authenticate (D-004).
    fn public(
        &self,
        mount: &Mount,
        route: &Route<'_>,
        head: &Parts,
        locations: &Locations,
    ) -> Result<Option<Reply>, ErrorResponse> {
        match route.endpoint {
            Endpoint::ServiceProviderConfig => {
                self.discovery(mount, &route.endpoint, head, locations)
            }
            _ => Ok(None),
        }
    }
}

impl Inner {
    /// The discovery resources, if one is asked for: the same for all tenants.
    fn discovery(
        &self,
        mount: &Mount,
        endpoint: &Endpoint,
        head: &Parts,
        locations: &Locations,
    ) -> Result<Option<Reply>, ErrorResponse> {
        let dialect = &*mount.dialect;
        let discovery = Discovery { registry: &self.engine.registry, locations };
        let unknown = || ScimError::with_status(StatusCode::NOT_FOUND, "no such resource");
        let reply = match endpoint {
            Endpoint::ServiceProviderConfig => {
                let config = discovery.service_provider_config(&self.features(&mount.methods));
                discovered(&dialect.service_provider_config(config, locations))
            }
            Endpoint::Schemas => discovered_list(dialect, &dialect.schemas(&discovery)),
            Endpoint::Schema(id) => {
                discovered(&dialect.schema_of(&discovery, id).ok_or_else(unknown)?)
            }
            Endpoint::ResourceTypes => discovered_list(dialect, &discovery.resource_types()),
            Endpoint::ResourceType(name) => {
                discovered(&discovery.resource_type_of(name).ok_or_else(unknown)?)
            }
            _ => return Ok(None),
        };
        refuse_filter(head.uri.query())?;
        Ok(Some(reply))
    }

    fn features<'a>(&'a self, methods: &'a MethodSwitches) -> Features<'a> {
        Features {
            limits: &self.engine.limits,
            bulk: self.behaviour.bulk,
            methods,
            change_password: self.engine.hooks.secrets.is_some(),
            documentation_uri: self.documentation_uri.as_deref(),
            schemes: &self.schemes,
        }
    }
}
