//! Tenants by path, each with a token of its own (RFC 7644 §6).

use axum::body::Body;
use http::Request;
use scim_example_multi_tenant::Tenants;
use serde_json::Value;

use crate::tenants::Server;

#[tokio::test]
async fn tenants_have_names_and_ids_of_their_own() {
    let server = Server::start();
    let one = server.user("acme", "bjensen").await;
    let other = server.user("globex", "bjensen").await;
    for (tenant, id, strange) in [("acme", &one, &other), ("globex", &other, &one)] {
        let found = server.ask(tenant, "GET /Users", Value::Null).await.expect(200);
        assert_eq!(found["totalResults"], 1);
        let location = format!("http://scim.test/tenants/{tenant}/scim/v2/Users/{id}");
        assert_eq!(found["Resources"][0]["meta"]["location"], location);
        server.ask(tenant, &format!("GET /Users/{strange}"), Value::Null).await.expect(404);
    }
}

#[tokio::test]
async fn a_token_opens_one_tenant() {
    let server = Server::start();
    let cases = [("acme", "acme", 200), ("globex", "acme", 403), ("acme", "nobody", 401)];
    for (tenant, token, status) in cases {
        let request = Request::get(format!("/tenants/{tenant}/scim/v2/Users"))
            .header("authorization", format!("Bearer token-of-{token}"));
        server.send(request.body(Body::empty()).unwrap()).await.expect(status);
    }
}

#[test]
fn files_of_tenants_are_read_line_by_line() {
    let tenants = Tenants::read("acme one\n\n globex\ttwo \n").unwrap();
    assert_eq!(Vec::from_iter(tenants.iter()), [("acme", "one"), ("globex", "two")]);
    assert_eq!(format!("{tenants:?}"), r#"{"acme", "globex"}"#);
    for (text, line) in [("acme", 1), ("acme one two", 1), ("acme one\nacme two", 2)] {
        let expected = format!("line {line}: expected a new tenant and its token");
        assert_eq!(Tenants::read(text).unwrap_err(), expected);
    }
}
