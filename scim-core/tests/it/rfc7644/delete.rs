//! Deleting resources (RFC 7644 §3.6).

use http::Method;
use serde_json::json;

use super::hosts::KeepDeleted;
use crate::endpoint::{Endpoint, user};

#[test]
fn what_was_deleted_is_gone() {
    // T-014
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let deleted = scim.delete(&path).expect(204);
    assert_eq!((deleted.text.as_str(), deleted.header("content-type")), ("", ""));
    scim.get(&path).expect_error(404, "");
    scim.put(&path, user("a", json!({}))).expect_error(404, "");
    let change = json!([{"op": "add", "path": "title", "value": "x"}]);
    scim.patch(&path, change).expect_error(404, "");
    scim.delete(&path).expect_error(404, "");
    scim.user("a");
}

#[test]
fn a_condition_is_kept() {
    // X-007, V-008
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let tag = scim.get(&path).header("etag").to_owned();
    let delete = |tag: &str| scim.request(Method::DELETE, &path, &[("if-match", tag)], "");
    delete("W/\"other\"").expect_error(412, "");
    scim.get(&path).expect(200);
    delete(&tag).expect(204);
}

#[test]
fn references_are_cleaned_up() {
    //
    let scim = Endpoint::new();
    let member = scim.user("a");
    let group = format!("/Groups/{}", scim.group("g", &[&member]));
    let before = scim.get(&group);
    scim.delete(&format!("/Users/{member}")).expect(204);
    let after = scim.get(&group);
    assert_eq!(after.json()["members"], json!([]));
    assert_ne!(after.header("etag"), before.header("etag"));
}

#[test]
fn a_host_may_keep_what_clients_have_deleted() {
    //
    let scim = Endpoint::with(|builder| builder.policy(KeepDeleted));
    let path = format!("/Users/{}", scim.user("a"));
    scim.delete(&path).expect(204);
    scim.get(&path).expect_error(404, "");
    scim.delete(&path).expect_error(404, "");
    assert_eq!(scim.get("/Users").json()["totalResults"], 0);
    scim.user("a");
}
