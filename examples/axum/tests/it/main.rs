//! The axum example, in this process and in one of its own.

mod clients;
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#[path = "../../../../scim-core/tests/it/conversation.rs"]
mod conversation;
mod hostile;
#[allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#[path = "../../../../scim-core/tests/it/one_group.rs"]
mod one_group;

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes, HttpBody},
    http::{Request, Response, StatusCode},
    middleware,
};
use http_body_util::BodyExt;
use scim_core::{Actor, BearerTokens, Origin, ScimServer};
use scim_example_axum::{app, within};
use scim_store_memory::MemoryStore;
use tower_service::Service;

type Tested = Result<(), Box<dyn std::error::Error>>;

async fn answer(
    request: Request<Body>,
) -> Result<Response<axum::body::Body>, Box<dyn std::error::Error>> {
    let tokens = BearerTokens::builder().token("secret", Actor::new("client")).build()?;
    let server = ScimServer::builder(MemoryStore::new(), tokens).build()?;
    Ok(app(server).call(request).await?)
}

#[tokio::test]
async fn requests_reach_the_server_and_its_responses_come_back_whole() -> Tested {
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bjensen"}"#;
    let request = Request::post("http://localhost/scim/v2/Users")
        .header("authorization", "Bearer secret")
        .header("content-type", "application/scim+json")
        .body(body.into())?;
    let response = answer(request).await?;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers()["content-type"], "application/scim+json");
    let location = response.headers()["location"].to_str()?.to_owned();
    assert!(location.starts_with("http://localhost/scim/v2/Users/"), "{location}");
    let text = response.into_body().collect().await?.to_bytes();
    assert!(text.windows(9).any(|part| part == b"\"bjensen\""));
    Ok(())
}

/// A router that nests takes its prefix away; it belongs to the origin then.
#[tokio::test]
async fn the_server_can_be_nested() -> Tested {
    let tokens = BearerTokens::builder().token("secret", Actor::new("client")).build()?;
    let origin = Origin::Fixed("https://app.example.com/scim/v2".into());
    let server = ScimServer::builder(MemoryStore::new(), tokens).base_path("/").origin(origin);
    let mut app = Router::new().nest_service("/scim/v2", server.build()?);
    let request = Request::post("/scim/v2/Users")
        .header("authorization", "Bearer secret")
        .body(Body::from(r#"{"userName":"bjensen"}"#))?;
    let response = app.call(request).await?;
    assert_eq!(response.status(), StatusCode::CREATED);
    let location = response.headers()["location"].to_str()?;
    assert!(location.starts_with("https://app.example.com/scim/v2/Users/"), "{location}");
    Ok(())
}

/// RFC 7644 §2: no valid token, no answer; §3.12: outside of the base path there is nothing.
#[tokio::test]
async fn the_rest_is_refused() -> Tested {
    let request = Request::get("/scim/v2/Users").body(Body::empty())?;
    let response = answer(request).await?;
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert!(response.headers().contains_key("www-authenticate"));

    let request = Request::get("/").body(Body::empty())?;
    assert_eq!(answer(request).await?.status(), StatusCode::NOT_FOUND);
    Ok(())
}

/// A body of which nothing arrives.
struct Stuck;

impl HttpBody for Stuck {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_body_that_does_not_arrive_ends_the_request() -> Tested {
    let tokens = BearerTokens::builder().token("secret", Actor::new("client")).build()?;
    let server = ScimServer::builder(MemoryStore::new(), tokens).build()?;
    let soon = Duration::from_millis(10);
    let mut app = Router::new()
        .fallback_service(server)
        .layer(middleware::from_fn(move |request, next| within(soon, request, next)));
    let request = Request::post("/scim/v2/Users")
        .header("authorization", "Bearer secret")
        .body(Body::new(Stuck))?;
    assert_eq!(app.call(request).await?.status(), StatusCode::REQUEST_TIMEOUT);
    Ok(())
}

#[cfg(unix)]
#[test]
fn what_it_acknowledged_survives_a_restart() -> Tested {
    scim_example_options::process::survives_a_restart(env!("CARGO_BIN_EXE_scim-example-axum"))
}
