//! Create, replace, delete, and versions.

use http::Method;
use scim_core::scim11::MissingVersions;
use serde_json::json;

use super::{BASE, CORE, ENTERPRISE, One, expect_error};

#[test]
fn create_answers_with_the_resource_and_its_place() {
    // 4.1
    let scim = One::new();
    let answer = scim.post("/Users", json!({"schemas": [CORE], "userName": "babs"})).expect(201);
    assert_eq!(answer.json()["userName"], "babs");
    assert_eq!(answer.header("location"), format!("{BASE}/Users/{}", answer.id()));
    assert!(!answer.id().starts_with("bulkId:"));
}

#[test]
fn a_duplicate_names_the_attribute() {
    // 4.2
    let scim = One::new();
    scim.user("babs", json!({}));
    let description = expect_error(&scim.post("/Users", json!({"userName": "BABS"})), 409);
    assert!(description.contains("`userName`"), "{description}");
    // A user of 2.0 is in the way as well.
    scim.two.user("carl");
    expect_error(&scim.post("/Users", json!({"userName": "carl"})), 409);
}

#[test]
fn put_replaces_everything_but_the_password() {
    // 4.12, 3.11
    let scim = One::new();
    let further = json!({
        "nickName": "B", "emails": ["b@example.com"], ENTERPRISE: {"department": "Tours"},
        "password": "secret"
    });
    let id = scim.user("babs", further);
    let path = format!("/Users/{id}");
    let body = json!({
        "id": "other", "userName": "babs", "title": "Guide",
        "groups": [{"value": "x"}], "meta": {"version": "x"}
    });
    let answer = scim.put(&path, body).expect(200);
    let shown = answer.json();
    assert_eq!(shown["schemas"], json!([CORE]));
    assert_eq!((shown["id"].as_str(), shown["title"].as_str()), (Some(&*id), Some("Guide")));
    for gone in ["nickName", "emails", "groups", "password", ENTERPRISE] {
        assert!(shown.get(gone).is_none(), "{gone}");
    }
    assert_eq!(answer.header("etag"), shown["meta"]["version"]);
}

#[test]
fn delete_answers_200_without_a_body() {
    // 4.13
    let scim = One::new();
    let id = scim.user("babs", json!({}));
    let path = format!("/Users/{id}");
    let answer = scim.delete(&path).expect(200);
    assert_eq!((&*answer.text, answer.header("content-type")), ("", ""));
    expect_error(&scim.get(&path), 404);
    expect_error(&scim.delete(&path), 404);
    expect_error(&scim.put(&path, json!({"userName": "babs"})), 404);
    expect_error(&scim.patch(&path, json!({"nickName": "b"})), 404);
    assert_eq!(scim.get("/Users").json()["totalResults"], 0);
    // It is in the way of no other.
    scim.user("babs", json!({}));
}

#[test]
fn versions_are_conditions() {
    // 4.14
    let scim = One::new();
    let id = scim.user("babs", json!({}));
    let path = format!("/Users/{id}");
    let first = scim.get(&path).header("etag").to_owned();
    let none_match = [("if-none-match", &*first)];
    assert_eq!(scim.request(Method::GET, &path, &none_match, "").expect(304).text, "");
    let body = json!({"userName": "babs", "title": "Guide"});
    scim.request(Method::PUT, &path, &[("if-match", &first)], &body).expect(200);
    for (method, body) in
        [(Method::PUT, body), (Method::PATCH, json!({"title": "x"})), (Method::DELETE, json!({}))]
    {
        let answer = scim.request(method.clone(), &path, &[("if-match", &first)], &body);
        expect_error(&answer, 412);
    }
    assert_eq!(scim.get(&path).json()["title"], "Guide");
}

#[test]
fn a_missing_version_is_the_host_s_to_judge() {
    // 4.15
    let body = json!({"userName": "babs"});
    for (choice, statuses) in
        [(MissingVersions::Accept, [200, 200]), (MissingVersions::Refuse, [412, 412])]
    {
        let scim = One::at(|it| it.missing_versions(choice));
        let path = format!("/Users/{}", scim.user("babs", json!({})));
        let found =
            [scim.put(&path, body.clone()).status.as_u16(), scim.delete(&path).status.as_u16()];
        assert_eq!(found, statuses, "{choice:?}");
    }
}

#[test]
fn errors_have_a_shape_of_their_own() {
    // 1, 4.23
    let scim = One::new();
    let answer = scim.get("/Users/nobody");
    let description = expect_error(&answer, 404);
    let expected = json!({"Errors": [{"description": description, "code": "404"}]});
    assert_eq!(answer.json(), expected);
    let description = expect_error(&scim.filter("/Users", "userName is \"x\""), 400);
    assert!(description.starts_with("invalidFilter: "), "{description}");
    let refused = scim.two.send(http::Request::get("/scim/v1/Users").body(String::new()).unwrap());
    expect_error(&refused, 401);
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
    expect_error(&scim.request(Method::POST, "/Users", &[], "{"), 400);
    expect_error(&scim.request(Method::POST, "/Users", &[], "[]"), 400);
}
