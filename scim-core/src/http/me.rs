//! `/Me`, the alias of the caller's own resource (RFC 7644 §3.11).

use std::sync::Arc;

use http::{Method, StatusCode, request::Parts};

use super::{endpoint::Endpoint, location::Locations, response::Reply};
use crate::{
    config::Me,
    error::{ScimError, ScimType},
    hooks::Actor,
    schema::{Registry, ResourceType},
};

/// What `/Me` does on a server.
#[derive(Debug)]
pub(crate) struct Alias {
    pub(crate) me: Me,
    /// The type as which callers may register themselves.
    pub(crate) registers: Option<Arc<ResourceType>>,
}

/// What a request to `/Me` comes to.
#[derive(Debug)]
pub(crate) enum Aliased {
    /// It is carried out there.
    Endpoint(Endpoint),
    /// It is answered at once.
    Reply(Reply),
}

impl Alias {
    /// # Errors
    /// 501 where `/Me` is not offered, 404 for a caller without a resource, 409 for one with a
    /// resource that wants to register.
    pub(crate) fn resolve(
        &self,
        head: &Parts,
        actor: &Actor,
        registry: &Registry,
        locations: &Locations,
    ) -> Result<Aliased, ScimError> {
        if head.method == Method::POST {
            return self.register(actor).map(Aliased::Endpoint);
        }
        if self.me == Me::Refuse {
            return Err(not_offered("/Me"));
        }
        let (name, id) = actor.resource().ok_or_else(|| {
            ScimError::with_status(StatusCode::NOT_FOUND, "the caller has no resource")
        })?;
        let Some(resource_type) = registry.resource_type(name) else {
            let detail = "the caller's resource is of a type that is not served";
            return Err(ScimError::with_status(StatusCode::INTERNAL_SERVER_ERROR, detail));
        };
        if self.me == Me::Redirect {
            let mut location = locations.resource(resource_type, id);
            if let Some(query) = head.uri.query() {
                location = format!("{location}?{query}");
            }
            return Ok(Aliased::Reply(Reply::Moved(location)));
        }
        Ok(Aliased::Endpoint(Endpoint::Resource(resource_type.clone(), id.clone())))
    }

    fn register(&self, actor: &Actor) -> Result<Endpoint, ScimError> {
        let Some(resource_type) = &self.registers else {
            return Err(not_offered("self-registration"));
        };
        if actor.resource().is_some() {
            let detail = "the caller has a resource already";
            return Err(ScimError::new(ScimType::Uniqueness, detail));
        }
        Ok(Endpoint::Resources(resource_type.clone()))
    }
}

/// 501 for an optional part of the protocol.
pub(super) fn not_offered(what: &str) -> ScimError {
    let detail = format!("this service provider does not offer {what}");
    ScimError::with_status(StatusCode::NOT_IMPLEMENTED, detail)
}
