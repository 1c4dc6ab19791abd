//! The SCIM API of Quip on the public API of `scim-core`: SCIM 1.1 under `/1` and 2.0 under `/2`,
//! over the same accounts, with the rules of the service in hooks and its other routes beside.

mod accounts;
mod answers;
mod backstage;
mod callers;
mod content;
mod emails;
mod limits;
mod merge;
mod name;
mod registry;
mod sessions;
mod shapes;
mod version;

use std::{error::Error, num::NonZeroU32, sync::Arc};

use axum::{
    Router,
    extract::Request,
    http::{Method, Uri},
    middleware::from_fn_with_state,
    routing::{get, post},
};
use scim_core::{
    Actor, BearerTokens, Behaviour, Bulk, Methods, PatchAnswers, ScimServer, Switch,
    patch::{Matching, PatchOptions, RequiredCheck, UnknownPaths},
    scim11::Scim11,
    store::{Store, Tenant},
};

pub use content::Content;
pub use sessions::Sessions;

use self::version::Version;

/// Requests that a company may make in a minute.
pub const PER_MINUTE: NonZeroU32 = NonZeroU32::new(600).unwrap();

/// The service, apart from the network.
pub struct Quip {
    tokens: BearerTokens,
    limits: limits::Limits,
    backstage: backstage::Backstage,
    merges: merge::Merges,
    /// What stands for the sessions of the product.
    pub sessions: Sessions,
    /// What stands for the documents of the product.
    pub content: Content,
    v1: ScimServer,
    v2: ScimServer,
}

impl Quip {
    /// The service over a store, for companies that are known by their tokens.
    ///
    /// # Errors
    /// When a token is unusable or the store cannot serve the resource types.
    pub fn new(
        store: &Arc<dyn Store>,
        companies: &[(&str, &str)],
        per_minute: NonZeroU32,
    ) -> Result<Arc<Self>, Box<dyn Error>> {
        let tokens = companies.iter().fold(BearerTokens::builder(), |tokens, (token, company)| {
            tokens.token(token, Actor::new(*company).in_tenant(Tenant::new(*company)))
        });
        let backstage = backstage::Backstage::over(store.clone())?;
        let sessions = Sessions::default();
        let server = |version| server(version, store.clone(), backstage.clone(), sessions.clone());
        Ok(Arc::new(Self {
            tokens: tokens.build()?,
            limits: limits::Limits::new(per_minute),
            merges: merge::Merges::default(),
            content: Content::default(),
            v1: server(Version::V1)?,
            v2: server(Version::V2)?,
            sessions,
            backstage,
        }))
    }
}

/// A company and one of its users, by id.
type Account = (String, String);

fn account(company: &str, user: &str) -> Account {
    (company.to_owned(), user.to_owned())
}

/// All routes of the service.
pub fn app(quip: Arc<Quip>) -> Router {
    let servers = (quip.v1.clone(), quip.v2.clone());
    let scim = move |mut request: Request| {
        let (v1, v2) = servers.clone();
        // The documents have no other name for it than 2.0 has.
        if request.uri().path() == "/1/ServiceProviderConfig" {
            *request.uri_mut() = Uri::from_static("/1/ServiceProviderConfigs");
        }
        let server = if request.uri().path().starts_with("/1/") { v1 } else { v2 };
        async move { server.handle(request).await }
    };
    Router::new()
        .route("/2/MergeUsers", get(merge::progress).post(merge::enqueue))
        .route("/2/TransferContent", post(content::transfer))
        .method_not_allowed_fallback(async || answers::not_allowed())
        .fallback(scim)
        .with_state(quip.clone())
        .layer(from_fn_with_state(quip, limits::counted))
}

fn server(
    version: Version,
    store: Arc<dyn Store>,
    backstage: backstage::Backstage,
    sessions: Sessions,
) -> Result<ScimServer, Box<dyn Error>> {
    let mut behaviour = Behaviour::default();
    behaviour.bulk = Bulk::Off;
    behaviour.rules.tolerance.booleans = Switch::Off;
    behaviour.filters.unquoted_rest = Switch::On;
    behaviour.patch_answers = PatchAnswers::InFull;
    behaviour.patch = PatchOptions::default()
        .matching(Matching::ByValue)
        .required_check(RequiredCheck::AtEnd)
        .unknown_paths(UnknownPaths::Ignored);
    let server = ScimServer::builder(store, callers::Callers)
        .registry(registry::registry()?)
        .base_path("/2")
        .limits(backstage::limits())
        .behaviour(behaviour)
        .methods("User", version.methods_of_users())
        .methods("GroupFolder", Methods::all().without(&Method::DELETE))
        .policy(accounts::Accounts(backstage))
        .mapping(shapes::Shapes(version))
        .presentation(answers::Answers)
        .observer(sessions);
    let server = match version {
        Version::V1 => server.scim11(Scim11::at("/1").mapping(shapes::GroupChanges)),
        Version::V2 => server,
    };
    Ok(server.build()?)
}
