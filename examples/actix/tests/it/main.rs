//! The actix-web example, in this process and in one of its own.

use actix_web::{
    App,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    test::{TestRequest, call_service, init_service, read_body},
};
use scim_core::{Actor, BearerTokens, ScimServer};
use scim_example_actix::mount;
use scim_store_memory::MemoryStore;
use serde_json::{Value, json};

type Tested = Result<(), Box<dyn std::error::Error>>;

fn server() -> Result<ScimServer, Box<dyn std::error::Error>> {
    let tokens = BearerTokens::builder().token("secret", Actor::new("client")).build()?;
    Ok(ScimServer::builder(MemoryStore::new(), tokens).build()?)
}

#[actix_web::test]
async fn requests_reach_the_server_and_its_responses_come_back_whole() -> Tested {
    let app = init_service(App::new().configure(mount(server()?))).await;
    let user =
        json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "bjensen" });
    let request = TestRequest::post()
        .uri("/scim/v2/Users")
        .insert_header(("host", "localhost"))
        .insert_header(("authorization", "Bearer secret"))
        .insert_header(("content-type", "application/scim+json"))
        .set_payload(user.to_string());
    let response = call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let media_type = response.headers().get(header::CONTENT_TYPE);
    assert_eq!(media_type.map(HeaderValue::as_bytes), Some(&b"application/scim+json"[..]));
    let location = response.headers().get(header::LOCATION).ok_or("no location")?.to_str()?;
    assert!(location.starts_with("http://localhost/scim/v2/Users/"), "{location}");
    let created: Value = serde_json::from_slice(&read_body(response).await)?;
    assert_eq!(created["userName"], "bjensen");

    // A query travels too.
    let request = TestRequest::get()
        .uri("/scim/v2/Users?filter=userName%20eq%20%22bjensen%22&count=0")
        .insert_header(("authorization", "Bearer secret"));
    let response = call_service(&app, request.to_request()).await;
    let list: Value = serde_json::from_slice(&read_body(response).await)?;
    assert_eq!(list["totalResults"], 1);
    Ok(())
}

/// RFC 7644 §2: no valid token, no answer; §3.12: outside of the base path there is nothing.
#[actix_web::test]
async fn the_rest_is_refused() -> Tested {
    let app = init_service(App::new().configure(mount(server()?))).await;
    for (path, status) in
        [("/scim/v2/Users", StatusCode::UNAUTHORIZED), ("/", StatusCode::NOT_FOUND)]
    {
        let response = call_service(&app, TestRequest::get().uri(path).to_request()).await;
        assert_eq!(response.status(), status, "{path}");
    }
    Ok(())
}

#[cfg(unix)]
#[test]
fn what_it_acknowledged_survives_a_restart() -> Tested {
    scim_example_options::process::survives_a_restart(env!("CARGO_BIN_EXE_scim-example-actix"))
}
