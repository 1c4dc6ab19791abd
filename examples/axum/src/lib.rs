//! Mounts a [`ScimServer`] in axum.

mod serve;

pub use self::serve::serve;

use std::time::Instant;

use axum::{
    Router,
    extract::Request,
    middleware::{self, Next},
    response::Response,
};
use scim_core::ScimServer;

/// The program in the README has to compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The whole application: every request goes to the server, which knows its base path and answers
/// 404 elsewhere. An application with routes of its own adds them with `Router::route`; they
/// come first.
pub fn app(server: ScimServer) -> Router {
    Router::new().fallback_service(server).layer(middleware::from_fn(log))
}

/// Logs each request. Queries stay out: filters name people.
async fn log(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    tracing::info!(%method, path, status, elapsed = ?start.elapsed());
    response
}
