//! The service provider: from a request to its response.

use std::{error::Error, fmt, sync::Arc};

use ::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, request::Parts};

use crate::{
    builder::ScimServerBuilder,
    config::{Behaviour, ResponseType},
    error::ScimError,
    hooks::{Actor, AuthenticationScheme, Authenticator, Caller, RequestId},
    http::{
        Alias, Aliased, Answer, BasePath, Body, Discovery, Endpoint, ErrorResponse, Features,
        IfNoneMatch, Incoming, Locations, Reply, Route, Served, admit_each, discovered,
        discovered_list, read_body_of, refuse_filter, refuse_switched_off, route,
    },
    methods::MethodSwitches,
    ops::{Context, Engine, Operation},
    origin::Origin,
    store::{Scope, Store},
    validate::Notes,
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
    pub(crate) base_path: BasePath,
    pub(crate) behaviour: Arc<Behaviour>,
    pub(crate) origin: Origin,
    pub(crate) documentation_uri: Option<Box<str>>,
    pub(crate) alias: Alias,
    pub(crate) methods: MethodSwitches,
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
        let mut client = Client { actor: None, behaviour: self.0.behaviour.clone() };
        let reply = self.0.reply(&head, body, &mut client);
        let reply = logged_under(request_id.as_ref(), reply).await;
        let presentation = &self.0.engine.hooks.presentation;
        let reply = reply.unwrap_or_else(|error| {
            let body = presentation.error(&head, error.error());
            Reply::Error(error.shown_as(body))
        });
        let media_type = client.response_type(&head).unwrap_or_default();
        let mut response = reply.into_response(&head.method, media_type);
        let status = response.status();
        self.0.show_id(request_id.as_ref(), response.headers_mut());
        presentation.headers(&head, client.actor.as_ref(), status, response.headers_mut());
        response
    }
}

impl fmt::Debug for ScimServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScimServer")
            .field("store", &self.0.engine.store)
            .field("authenticator", &self.0.authenticator)
            .field("base_path", &self.0.base_path)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// route → authenticate → read → authorize → perform → render.
    async fn reply<B>(
        &self,
        head: &Parts,
        body: B,
        client: &mut Client,
    ) -> Result<Reply, ErrorResponse>
    where
        B: http_body::Body,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        let served = Served { registry: &self.engine.registry, methods: &self.methods };
        let route = route(&self.base_path, served, &head.method, head.uri.path())?;
        let locations = Locations::new(format!("{}{}", self.origin.of(head), route.base));
        if let Some(reply) = self.public(&route, head, &locations)? {
            client.response_type(head)?;
            return Ok(reply);
        }
        let (actor, scope) = self.authenticate(head, &route).await?;
        client.recognise(&actor);
        client.response_type(head)?;
        let hooks = &self.engine.hooks;
        let request_id = head.extensions.get::<RequestId>();
        let caller = Caller { actor: &actor, scope: &scope, request_id };
        hooks.policy.admit(&caller, head).await?;
        if let Some(reply) = self.discovery(&route.endpoint, head, &locations)? {
            return Ok(reply);
        }
        let engine = &self.engine;
        let endpoint = match route.endpoint {
            Endpoint::Me => match self.alias.resolve(head, &actor, &engine.registry, &locations)? {
                Aliased::Endpoint(endpoint) => {
                    endpoint.check(&head.method, served)?;
                    endpoint
                }
                Aliased::Reply(reply) => return Ok(reply),
            },
            endpoint => endpoint,
        };
        let body = read_body_of(head, body, &endpoint, &engine.limits).await?;
        let behaviour = &*client.behaviour;
        let incoming = Incoming { head, engine, behaviour, caller, methods: &self.methods };
        let mut notes = Notes::default();
        let (mut operation, selection) = incoming.operation(endpoint, &body, &mut notes)?;
        authorize(&actor, &operation)?;
        if let Operation::Bulk(request) = &mut operation {
            refuse_switched_off(&self.methods, request);
            admit_each(&*hooks.policy, &caller, head, &route.base, request).await;
        }
        let if_none_match = IfNoneMatch::read(&head.headers)?.filter(|_| !operation.writes());
        let answer = Answer { head, engine, locations: &locations, if_none_match };
        let mut context = Context {
            base: locations.base().into(),
            behaviour: client.behaviour.clone(),
            selection,
            notes,
            request_id: request_id.cloned(),
            added: Arc::default(),
            actor,
            scope,
        };
        let outcome = self.engine.perform(&mut context, operation).await;
        let reply = outcome.and_then(|outcome| answer.outcome(&context, outcome));
        if !context.notes.is_empty() {
            log(&context);
            hooks.observer.noted(&context.actor, &context.scope, &context.notes);
        }
        reply.map_err(ErrorResponse::from)
    }

    /// Gives a request its id, where requests have ids.
    fn identify(&self, head: &mut Parts) -> Option<RequestId> {
        let name = self.request_id_header.as_ref()?;
        let request_id = RequestId::of(head.headers.get(name));
        head.extensions.insert(request_id.clone());
        Some(request_id)
    }

    fn show_id(&self, request_id: Option<&RequestId>, headers: &mut HeaderMap) {
        let value = request_id.and_then(|it| HeaderValue::from_str(it.as_str()).ok());
        if let (Some(name), Some(value)) = (&self.request_id_header, value) {
            headers.insert(name, value);
        }
    }

    async fn authenticate(
        &self,
        head: &Parts,
        route: &Route,
    ) -> Result<(Actor, Scope), ErrorResponse> {
        let refused = |refusal| ErrorResponse::refused(&refusal, &self.schemes);
        let actor = self.authenticator.authenticate(head).await.map_err(refused)?;
        let tenant = actor.tenant_for(route.tenant.as_ref()).map_err(refused)?;
        Ok((actor, Scope::new(tenant)))
    }

    /// What anyone may read: how to authenticate (D-004).
    fn public(
        &self,
        route: &Route,
        head: &Parts,
        locations: &Locations,
    ) -> Result<Option<Reply>, ErrorResponse> {
        match route.endpoint {
            Endpoint::ServiceProviderConfig => self.discovery(&route.endpoint, head, locations),
            _ => Ok(None),
        }
    }
}

impl Inner {
    /// The discovery resources, if one is asked for: the same for all tenants.
    fn discovery(
        &self,
        endpoint: &Endpoint,
        head: &Parts,
        locations: &Locations,
    ) -> Result<Option<Reply>, ErrorResponse> {
        let discovery = Discovery { registry: &self.engine.registry, locations };
        let unknown = || ScimError::with_status(StatusCode::NOT_FOUND, "no such resource");
        let reply = match endpoint {
            Endpoint::ServiceProviderConfig => {
                discovered(&discovery.service_provider_config(&self.features()))
            }
            Endpoint::Schemas => discovered_list(&discovery.schemas()),
            Endpoint::Schema(urn) => discovered(&discovery.schema_of(urn).ok_or_else(unknown)?),
            Endpoint::ResourceTypes => discovered_list(&discovery.resource_types()),
            Endpoint::ResourceType(name) => {
                discovered(&discovery.resource_type_of(name).ok_or_else(unknown)?)
            }
            _ => return Ok(None),
        };
        refuse_filter(head.uri.query())?;
        Ok(Some(reply))
    }

    fn features(&self) -> Features<'_> {
        Features {
            limits: &self.engine.limits,
            bulk: self.behaviour.bulk,
            methods: &self.methods,
            change_password: self.engine.hooks.secrets.is_some(),
            documentation_uri: self.documentation_uri.as_deref(),
            schemes: &self.schemes,
        }
    }
}

/// What is known of the client while its request is answered.
struct Client {
    actor: Option<Actor>,
    behaviour: Arc<Behaviour>,
}

impl Client {
    fn recognise(&mut self, actor: &Actor) {
        if let Some(profile) = actor.profile() {
            self.behaviour = Arc::new(profile.applied_to(&self.behaviour));
        }
        self.actor = Some(actor.clone());
    }

    /// The media type of the answer: what is known of the client goes before what it says.
    fn response_type(&self, head: &Parts) -> Result<ResponseType, ScimError> {
        match self.behaviour.response_type {
            Some(pinned) => Ok(pinned),
            None => ResponseType::negotiate(&head.headers),
        }
    }
}

/// Puts the id of a request beside all that is logged while it is answered.
#[cfg(feature = "tracing")]
fn logged_under<F: Future>(
    request_id: Option<&RequestId>,
    answering: F,
) -> tracing::instrument::Instrumented<F> {
    use tracing::Instrument;

    // At the level of what goes wrong, so that no filter takes the id away from it.
    answering
        .instrument(tracing::error_span!("scim", request_id = request_id.map(RequestId::as_str)))
}

#[cfg(not(feature = "tracing"))]
fn logged_under<F: Future>(_: Option<&RequestId>, answering: F) -> F {
    answering
}

/// Leaves the record of what was ignored or rewritten in the log. It holds no values.
#[cfg(feature = "tracing")]
fn log(context: &Context) {
    for note in context.notes.iter() {
        let (subject, tenant) = (context.actor.subject(), context.scope.tenant.as_str());
        let (path, rule) = (&*note.path, note.rule.as_str());
        tracing::info!(subject, tenant, path, rule, "request taken with tolerance");
    }
}

#[cfg(not(feature = "tracing"))]
fn log(_: &Context) {}

/// A caller that may only read changes nothing.
fn authorize(actor: &Actor, operation: &Operation) -> Result<(), ScimError> {
    if operation.writes() && !actor.access().allows_writing() {
        return Err(ScimError::with_status(StatusCode::FORBIDDEN, "the caller may only read"));
    }
    Ok(())
}
