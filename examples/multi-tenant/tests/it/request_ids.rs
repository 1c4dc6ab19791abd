//! Answers, logs and the audit of one request have its id.

use std::{
    io,
    sync::{Arc, Mutex},
};

use axum::body::Body;
use http::Request;
use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::tenants::{Server, USER};

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(text);
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn logs_and_audit_are_joined_by_the_id() {
    // For the whole process: other tests log as well, and whether anyone listens is remembered.
    let log = Log::default();
    tracing_subscriber::fmt().with_ansi(false).with_writer(log.clone()).init();
    let server = Server::start();
    // `Active` as a text is taken with tolerance, which is logged.
    let body = json!({"schemas": [USER], "userName": "logged", "active": "True"});
    let request = Request::post("/tenants/acme/scim/v2/Users")
        .header("authorization", "Bearer token-of-acme")
        .header("x-request-id", "7f3a");
    let answer = server.send(request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!(answer.headers["x-request-id"], "7f3a");
    let id = crate::tenants::id(&answer.expect(201));

    let lines: Vec<_> = log.lines().into_iter().filter(|line| line.contains("7f3a")).collect();
    let audit = lines.iter().find(|line| line.contains(" audit: ")).unwrap();
    for part in ["request=\"7f3a\"", "tenant=\"acme\"", "resource_type=\"User\"", &id, "Inserted"] {
        assert!(audit.contains(part), "{part}: {audit}");
    }
    let noted = lines.iter().find(|line| line.contains("taken with tolerance")).unwrap();
    assert!(noted.contains("scim.request{request_id=\"7f3a\""), "{noted}");
    assert!(!lines.iter().any(|line| line.contains("logged\"")), "{lines:#?}");
}

#[tokio::test]
async fn a_request_without_an_id_gets_one() {
    let server = Server::start();
    let answer = server.ask("acme", "GET /Users", Value::Null).await;
    assert_eq!(answer.headers["x-request-id"].len(), 36);
}
