//! Who calls: found out once for each request, for the limits, the servers and the routes beside.

use async_trait::async_trait;
use axum::{
    body::Body,
    extract::FromRequestParts,
    http::{Response, request::Parts},
};
use scim_core::{Actor, AuthenticationError, AuthenticationScheme, Authenticator, ScimError};

use crate::answers::refusal;

/// What the outermost layer found out, attached to the request.
#[derive(Clone, Debug)]
pub(crate) struct Identified(pub(crate) Result<Actor, AuthenticationError>);

/// Believes the outermost layer.
#[derive(Debug)]
pub(crate) struct Callers;

#[async_trait]
impl Authenticator for Callers {
    async fn authenticate(&self, request: &Parts) -> Result<Actor, AuthenticationError> {
        let caller = request.extensions.get::<Identified>().cloned();
        caller.map_or_else(|| Err(AuthenticationError::missing()), |caller| caller.0)
    }

    fn schemes(&self) -> Vec<AuthenticationScheme> {
        vec![AuthenticationScheme::bearer()]
    }
}

/// The company that calls.
pub(crate) struct Company(pub(crate) String);

impl<S: Sync> FromRequestParts<S> for Company {
    type Rejection = Response<Body>;

    async fn from_request_parts(head: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let caller = Callers.authenticate(head).await;
        let refused = |error: AuthenticationError| {
            let status = axum::http::StatusCode::UNAUTHORIZED;
            refusal(&ScimError::with_status(status, error.to_string()))
        };
        caller.map(|actor| Self(actor.subject().to_owned())).map_err(refused)
    }
}
