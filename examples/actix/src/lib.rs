//! Mounts a [`ScimServer`] in actix-web, which has request, response and body types of its own.

mod body;

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::StatusCode,
    web::{self, ServiceConfig},
};
use scim_core::ScimServer;

use crate::body::{RequestBody, ResponseBody};

/// Sends every request that no other service takes to the server, which knows its base path.
pub fn mount(server: ScimServer) -> impl FnOnce(&mut ServiceConfig) {
    move |app| {
        app.app_data(web::Data::new(server)).default_service(web::to(scim));
    }
}

async fn scim(
    server: web::Data<ScimServer>,
    head: HttpRequest,
    payload: web::Payload,
) -> HttpResponse {
    match request(&head, payload) {
        Ok(request) => response(server.handle(request).await),
        Err(_) => HttpResponse::BadRequest().finish(),
    }
}

/// The request in the types of the crate `http` 1.
fn request(
    head: &HttpRequest,
    payload: web::Payload,
) -> Result<http::Request<RequestBody>, http::Error> {
    let mut request =
        http::Request::builder().method(head.method().as_str()).uri(head.uri().to_string());
    for (name, value) in head.headers() {
        request = request.header(name.as_str(), value.as_bytes());
    }
    request.body(RequestBody::new(payload))
}

/// The response in the types of actix-web.
fn response(response: http::Response<scim_core::Body>) -> HttpResponse {
    let (head, body) = response.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16());
    let mut response =
        HttpResponseBuilder::new(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in &head.headers {
        response.append_header((name.as_str(), value.as_bytes()));
    }
    response.body(ResponseBody::new(body))
}
