//! One server for many tenants, each under a path and with a token of its own.
//!
//! What is worth copying:
//!
//! - [`registry`] reads resource types of the application's own from JSON: roles, whose assignees
//!   are a relation to users. The schema of users says that they show it from the other end.
//! - [`Passwords`] hashes what clients send, without holding up other requests.
//! - [`Audit`] logs each change under the id of the request that made it.
//! - [`server`] puts them together.

mod audit;
mod passwords;
mod tenants;

use std::{error::Error, sync::Arc};

use axum::Router;
use http::HeaderName;
use scim_core::{
    Actor, BearerTokens, Behaviour, References, ScimServer,
    schema::{Registry, builtin},
    store::{Store, Tenant},
};

pub use audit::Audit;
pub use passwords::{Passwords, is_password};
pub use tenants::Tenants;

/// Where the endpoints of a tenant are.
pub const BASE_PATH: &str = "/tenants/{tenant}/scim/v2";

/// Where requests and answers have their ids.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Users, groups, and roles with their assignees.
///
/// # Errors
/// None, as the tests show.
pub fn registry() -> Result<Arc<Registry>, Box<dyn Error>> {
    let mut user = builtin::user();
    if let Some(roles) = user.attribute_mut("roles") {
        *roles = serde_json::from_str(include_str!("../resources/User.roles.json"))?;
    }
    let registry = Registry::builder()
        .standard()
        .replace_schema(user)
        .schema_json(include_str!("../resources/Role.schema.json"))?
        .resource_type_json(include_str!("../resources/Role.resource-type.json"))?;
    Ok(registry.build()?)
}

/// The server of these tenants.
///
/// # Errors
/// When a token is given twice or has characters that tokens do not have, or the store fails.
pub fn server(
    store: impl Store + 'static,
    tenants: &Tenants,
) -> Result<ScimServer, Box<dyn Error>> {
    let tokens = tenants.iter().fold(BearerTokens::builder(), |tokens, (tenant, token)| {
        tokens.token(token, Actor::new(tenant).in_tenant(Tenant::new(tenant)))
    });
    let mut behaviour = Behaviour::default();
    behaviour.references = References::Existing;
    let server = ScimServer::builder(store, tokens.build()?)
        .base_path(BASE_PATH)
        .registry(registry()?)
        .behaviour(behaviour)
        .secret_keeper(Passwords::new())
        .observer(Audit)
        .request_id_header(REQUEST_ID);
    Ok(server.build()?)
}

/// The whole application: every request goes to the server.
pub fn app(server: ScimServer) -> Router {
    Router::new().fallback_service(server)
}
