//! HTTP and media types (RFC 7644 §3.1, §3.2, §3.8).

use http::{Method, Request};
use scim_core::{BasePath, Origin};
use serde_json::json;

use crate::endpoint::{Endpoint, user};

#[test]
fn answers_are_of_the_type_that_is_accepted() {
    // T-001, T-002, T-003, T-004
    let scim = Endpoint::new();
    for (accept, content_type) in [
        ("application/scim+json", "application/scim+json"),
        ("application/json", "application/json"),
        ("*/*", "application/scim+json"),
        ("application/*", "application/scim+json"),
    ] {
        let answer = scim.request(Method::GET, "/Users", &[("accept", accept)], "").expect(200);
        assert_eq!(answer.header("content-type"), content_type, "{accept}");
    }
    scim.request(Method::GET, "/Users", &[("accept", "text/html")], "").expect_error(406, "");
}

#[test]
fn requests_are_json() {
    // T-001, T-005, T-016
    let scim = Endpoint::new();
    let send = |number: usize, kind: &str| {
        let body = user(&format!("user{number}"), json!({}));
        scim.request(Method::POST, "/Users", &[("content-type", kind)], body)
    };
    let good =
        ["application/scim+json", "application/json; charset=utf-8", "Application/SCIM+JSON"];
    for (number, kind) in good.iter().enumerate() {
        send(number, kind).expect(201);
    }
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/json-patch+json"] {
        send(9, kind).expect_error(415, "");
    }
    let path = format!("/Users/{}", scim.user("a"));
    let kind = [("content-type", "application/json-patch+json")];
    scim.request(Method::PATCH, &path, &kind, "[]").expect_error(415, "");
}

#[test]
fn a_suffix_is_a_part_of_the_id() {
    // T-006
    let scim = Endpoint::new();
    scim.get(&format!("/Users/{}.scim", scim.user("a"))).expect_error(404, "");
}

#[test]
fn locations_begin_where_the_host_says() {
    // T-010, T-011, T-009
    let scim = Endpoint::with(|builder| {
        builder.origin(Origin::Fixed("https://scim.example.com".into())).base_path("/a/b/scim/v2")
    });
    let body = user("a", json!({})).to_string();
    let request = Request::post("/a/b/scim/v2/Users").header("host", "evil.test");
    let request = request.header("authorization", "Bearer secret").body(body).unwrap();
    let created = scim.send(request).expect(201);
    let expected = format!("https://scim.example.com/a/b/scim/v2/Users/{}", created.id());
    assert_eq!(created.header("location"), expected);
    assert_eq!(created.json()["meta"]["location"], expected);
    assert!("/scim?x=1".parse::<BasePath>().is_err());
}

#[test]
fn spaces_in_a_query_have_two_spellings() {
    // T-012
    let scim = Endpoint::new();
    scim.user("a+b");
    for (name, total) in [("a%2Bb", 1), ("a+b", 0)] {
        for space in ["+", "%20"] {
            let query = format!("/Users?filter=userName{space}eq{space}%22{name}%22");
            assert_eq!(scim.get(&query).expect(200).json()["totalResults"], total, "{query}");
        }
    }
}

#[test]
fn head_is_get_without_the_body() {
    // T-013
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let (get, head) = (scim.get(&path), scim.request(Method::HEAD, &path, &[], ""));
    assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
    for header in ["etag", "content-type", "content-location"] {
        assert_eq!(head.header(header), get.header(header), "{header}");
    }
}

#[test]
fn slashes_lead_nowhere_else() {
    // T-015, T-008
    let scim = Endpoint::new();
    let id = scim.user("a");
    assert_eq!(scim.get("/Users/").expect(200).json()["totalResults"], 1);
    scim.get(&format!("/Users/{id}/")).expect(200);
    scim.get(&format!("/Users//{id}")).expect_error(404, "");
    scim.get(&format!("/Users/{}", id.replace('-', "%2D"))).expect(200);
    scim.get(&format!("/Users/{}", id.replace('-', "%252D"))).expect_error(404, "");
}
