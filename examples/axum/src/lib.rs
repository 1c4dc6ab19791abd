//! Mounts a [`ScimServer`] in axum.

mod serve;

pub use self::serve::serve;

use std::time::{Duration, Instant};

use axum::{
    Router,
    extract::Request,
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use scim_core::ScimServer;

/// How long a request may take, from its head to the head of the answer: reading its body counts.
const REQUEST: Duration = Duration::from_secs(60);

/// The program in the README has to compile.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

/// The whole application: every request goes to the server, which knows its base path and answers
/// 404 elsewhere. An application with routes of its own adds them with `Router::route`; they
/// come first.
pub fn app(server: ScimServer) -> Router {
    Router::new()
        .fallback_service(server)
        .layer(middleware::from_fn(|request, next| within(REQUEST, request, next)))
        .layer(middleware::from_fn(log))
}

/// Answers 408 to what takes longer. A write that had begun may be made all the same.
pub async fn within(limit: Duration, request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(limit, next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
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
