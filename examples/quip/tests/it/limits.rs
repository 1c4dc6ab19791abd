//! How often a company may call, and how it is told.

use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::Request;
use serde_json::{Value, json};

use crate::service::{Answer, BOTH, Service};

fn number(answer: &Answer, header: &str) -> u64 {
    answer.header(header).parse().unwrap_or_else(|_| panic!("{header}: {:?}", answer.headers))
}

fn check(answer: &Answer) -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(number(answer, "x-scim-ratelimit-limit"), 600);
    let reset = number(answer, "x-scim-ratelimit-reset");
    assert!((now..=now + 61).contains(&reset), "{reset} is not soon after {now}");
    number(answer, "x-scim-ratelimit-remaining")
}

/// "Every answer carries `X-Scim-RateLimit-Limit`, `-Remaining`, `-Reset`."
#[tokio::test]
async fn every_answer_says_how_much_is_left() {
    let service = Service::new();
    let user = service.user("a@x.com").await;
    for (method, path, body, status) in [
        ("GET", "/2/Users", Value::Null, 200),
        ("GET", "/1/Users", Value::Null, 200),
        ("GET", &format!("/2/Users/{user}"), Value::Null, 200),
        ("POST", "/2/Users", json!({}), 400),
        ("GET", "/2/Users/nobody", Value::Null, 404),
        ("GET", "/nowhere", Value::Null, 404),
        ("GET", "/", Value::Null, 404),
        ("PUT", "/2/Users", json!({}), 405),
        ("GET", "/2/ServiceProviderConfig", Value::Null, 200),
        ("POST", "/2/MergeUsers", json!({}), 400),
        ("DELETE", &format!("/2/Users/{user}"), Value::Null, 204),
    ] {
        let answer = service.request(method, path, body).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
        assert!(check(&answer) < 600, "{method} {path}");
        assert_eq!(answer.header("x-scim-retry-after"), "");
    }
    for path in ["/1/Users", "/2/Users", "/2/MergeUsers", "/2/TransferContent"] {
        let method = if path.ends_with("Content") { "POST" } else { "GET" };
        for token in ["wrong", ""] {
            let answer = service.request_as(token, method, path, Value::Null).await;
            check(&answer);
            answer.expect_error(401);
        }
        let request = Request::builder().method(method).uri(path).body(String::new().into());
        let answer = service.send(request.unwrap()).await;
        check(&answer);
        answer.expect_error(401);
    }
}

/// "Past 600 requests a minute per company, 429 with `X-Scim-Retry-After`."
#[tokio::test]
async fn a_company_has_600_requests_a_minute() {
    let service = Service::new();
    for count in 0..600 {
        let path = BOTH[count % 2].to_owned() + "/Users?count=0";
        let answer = service.get(&path).await;
        assert_eq!(answer.status, 200);
    }
    // What is regained while so many requests are made, ten a second, is used up in a moment.
    let mut refused = service.get("/2/Users?count=0").await;
    for _ in 0..600 {
        if refused.status == 429 {
            break;
        }
        refused = service.get("/2/Users?count=0").await;
    }
    assert_eq!((check(&refused), number(&refused, "x-scim-retry-after")), (0, 1));
    refused.expect_error(429);
    // Another company is not concerned, nor is the routes' owner exempt on other routes.
    let other = service.request_as("another-secret", "GET", "/2/Users", Value::Null).await;
    assert_eq!((other.status, check(&other)), (200, 599));
    let mut merges = service.get("/2/MergeUsers?source_user_ids=a&target_user_ids=b").await;
    for _ in 0..100 {
        if merges.status == 429 {
            break;
        }
        merges = service.get("/2/MergeUsers?source_user_ids=a&target_user_ids=b").await;
    }
    merges.expect_error(429);
}
