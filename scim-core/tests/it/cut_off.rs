//! What is still being sent when it is taken away.

use std::sync::Arc;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use scim_core::{Limits, store::Tenant};
use scim_store_memory::MemoryStore;
use serde_json::json;

use crate::{endpoint::GROUP, watched::trusting_server};

#[test]
fn a_group_that_is_deleted_while_it_is_sent_is_no_whole_answer() {
    //
    let server = trusting_server(Arc::new(MemoryStore::new()), |builder| {
        builder.limits(Limits::default().edges(2))
    });
    let ask = |method: &str, path: &str, body: String| {
        let request = Request::builder()
            .method(method)
            .uri(format!("/scim/v2{path}"))
            .header("x-tenant", "acme")
            .body(Full::new(Bytes::from(body)));
        pollster::block_on(server.handle(request.unwrap()))
    };
    let session = server.as_actor(scim_core::Actor::new("host").in_tenant(Tenant::new("acme")));
    let users = session.users();
    let members: Vec<_> = ["a", "b", "c", "d", "e"]
        .iter()
        .map(|name| pollster::block_on(users.create(&scim_core::typed::User::new(*name))).unwrap())
        .map(|user| json!({"value": user.id.as_str()}))
        .collect();
    let group = json!({"schemas": [GROUP], "displayName": "Guides", "members": members});
    let created = ask("POST", "/Groups", group.to_string());
    let location = created.headers()["location"].to_str().unwrap();
    let path = location.split("/scim/v2").nth(1).unwrap().to_owned();

    let text = |frame: Option<Result<http_body::Frame<Bytes>, scim_core::BodyError>>| {
        frame.map(|frame| {
            frame.map(|it| String::from_utf8(it.into_data().unwrap().to_vec()).unwrap())
        })
    };
    for is_deleted in [false, true] {
        let mut body = ask("GET", &path, String::new()).into_body();
        let mut next = || text(pollster::block_on(body.frame()));
        let first = next().unwrap().unwrap();
        assert!(!first.ends_with("]}"), "there is more: {first}");
        if is_deleted {
            assert_eq!(ask("DELETE", &path, String::new()).status(), 204);
        }
        let rest: Vec<_> = std::iter::from_fn(next).collect();
        let is_whole = rest.iter().all(Result::is_ok);
        assert_eq!(is_whole, !is_deleted, "{rest:?}");
        assert!(is_deleted || rest.last().unwrap().as_ref().unwrap().ends_with("]}"));
    }
}
