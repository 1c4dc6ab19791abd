//! What operators get to see: the names, fields and labels that `docs/observability.md` promises,
//! and no secret among them.

mod page;
mod secrets;
mod watch;

use http::{HeaderName, Method};
use scim_core::{Limits, xml::XmlFormat};
use serde_json::json;

use self::watch::watch;
use crate::endpoint::USER;

#[test]
fn a_request_and_its_calls_of_the_store_have_spans() {
    // Y-009
    let name = HeaderName::from_static("x-request-id");
    let (traced, _) = watch(
        |builder| builder.request_id_header(name),
        |scim| {
            let headers = [("x-request-id", "7f3a")];
            let body = json!({"schemas": [USER], "userName": "bjensen"});
            scim.request(Method::POST, "/Users?x=private", &headers, body).expect(201);
            scim.get("/Users/none").expect_error(404, "");
        },
    );
    let spans: Vec<_> = traced.spans.iter().map(|it| (&*it.name, it.parent)).collect();
    let expected = [
        ("scim.request", None),
        ("scim.store", Some(0)),
        ("scim.request", None),
        ("scim.store", Some(2)),
    ];
    assert_eq!(spans, expected);
    let expected = json!({
        "endpoint": "resources", "method": "POST", "path": "/scim/v2/Users", "request_id": "7f3a",
        "resource_type": "User", "status": "201", "subject": "idp", "tenant": "",
    });
    assert_eq!(json!(traced.spans[0].fields), expected);
    let expected = json!({"call": "write", "outcome": "ok", "resource_type": "User"});
    assert_eq!(json!(traced.spans[1].fields), expected);
    assert_eq!(traced.spans[2].fields["status"], "404");
    assert!(!traced.text.contains("private"), "{}", traced.text);
}

#[test]
fn what_is_read_while_a_body_is_sent_stands_under_its_request() {
    for format in ["application/scim+json", "application/xml"] {
        let (traced, _) = watch(
            |builder| builder.xml(XmlFormat::plain()).limits(Limits::default().edges(2)),
            |scim| {
                let users: Vec<_> = (0..7).map(|number| scim.user(&format!("u{number}"))).collect();
                let group = scim.group("g", &users.iter().map(String::as_str).collect::<Vec<_>>());
                let path = format!("/Groups/{group}");
                let got = scim.request(Method::GET, &path, &[("accept", format)], "").expect(200);
                assert!(users.iter().all(|user| got.text.contains(user)), "{}", got.text);
            },
        );
        let (at, _) = traced.spans.iter().enumerate().rfind(|(_, it)| it.parent.is_none()).unwrap();
        assert_eq!(traced.spans[at].fields["method"], "GET");
        let calls = &traced.spans[at + 1..];
        assert!(calls.iter().all(|it| it.parent == Some(at)), "{format}: {calls:?}");
        let read = calls.iter().filter(|it| it.fields["call"] == "related");
        assert_eq!(read.count(), 3, "{format}: {calls:?}");
    }
}

#[test]
fn requests_calls_and_writes_are_counted() {
    let (_, figures) = watch(
        |builder| builder,
        |scim| {
            let user = scim.user("bjensen");
            scim.user("bjensen-2");
            let again = json!({"schemas": [USER], "userName": "bjensen"});
            scim.post("/Users", again).expect_error(409, "uniqueness");
            scim.get(&format!("/Users/{user}")).expect(200);
            scim.request(Method::from_bytes(b"INVENTED").unwrap(), "/Users", &[], "");
        },
    );
    let expected = [
        "scim_request_seconds{method=GET,endpoint=resource,resource_type=User} 1",
        "scim_request_seconds{method=POST,endpoint=resources,resource_type=User} 3",
        "scim_request_seconds{method=other,endpoint=none,resource_type=} 1",
        "scim_requests_total{method=GET,endpoint=resource,resource_type=User,status=200} 1",
        "scim_requests_total{method=POST,endpoint=resources,resource_type=User,status=201} 2",
        "scim_requests_total{method=POST,endpoint=resources,resource_type=User,status=409} 1",
        "scim_requests_total{method=other,endpoint=none,resource_type=,status=405} 1",
        // One of them for the policy, which is asked about a conflict.
        "scim_store_calls_total{call=get,resource_type=User,outcome=ok} 2",
        "scim_store_calls_total{call=write,resource_type=User,outcome=conflict} 1",
        "scim_store_calls_total{call=write,resource_type=User,outcome=ok} 2",
        "scim_store_seconds{call=get,resource_type=User} 2",
        "scim_store_seconds{call=write,resource_type=User} 3",
        "scim_writes_total{effect=inserted} 2",
    ];
    assert_eq!(figures, expected);
}
