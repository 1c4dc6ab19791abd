//! Requests through the whole engine.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Instant,
};

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use pollster::block_on;
use scim_core::{Actor, BearerTokens, Limits, ScimServer, store::Store};
use serde_json::{Value, json};

use crate::clock::{best, cpu_micros};

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub(crate) struct Requests {
    server: ScimServer,
    created: AtomicUsize,
}

impl Requests {
    pub(crate) fn over(store: impl Store + 'static) -> Self {
        let tokens = BearerTokens::builder().token("secret", Actor::new("idp")).build().unwrap();
        let mut limits = Limits::default();
        (limits.body, limits.bulk_payload) = (16 << 20, 16 << 20);
        let server = ScimServer::builder(store, tokens).limits(limits).build().unwrap();
        Self { server, created: AtomicUsize::new(0) }
    }

    fn send(&self, method: &str, path: &str, body: String) -> (u16, Bytes) {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://scim.test/scim/v2{path}"))
            .header("authorization", "Bearer secret")
            .header("content-type", "application/scim+json")
            .body(Full::new(Bytes::from(body)))
            .unwrap();
        let response = block_on(self.server.handle(request));
        let status = response.status().as_u16();
        (status, block_on(response.into_body().collect()).unwrap().to_bytes())
    }

    /// Creates this many users, by Bulk, and answers with their ids.
    pub(crate) fn fill(&self, users: usize) -> Vec<String> {
        let chunks: Vec<_> = (0..users).step_by(400).collect();
        let mut ids = Vec::with_capacity(users);
        for first in chunks {
            let numbers = first..users.min(first + 400);
            let operations: Vec<_> = numbers
                .map(|it| json!({"method": "POST", "path": "/Users", "bulkId": it.to_string(), "data": crate::user(it)}))
                .collect();
            let body = json!({"schemas": [BULK], "Operations": operations});
            let (status, body) = self.send("POST", "/Bulk", body.to_string());
            assert_eq!(status, 200, "{}", String::from_utf8_lossy(&body));
            let answer: Value = serde_json::from_slice(&body).unwrap();
            for done in answer["Operations"].as_array().unwrap() {
                assert_eq!(done["status"], "201", "{done}");
                let location = done["location"].as_str().unwrap();
                ids.push(location.rsplit('/').next().unwrap().to_owned());
            }
        }
        ids
    }

    pub(crate) fn get(&self, path: &str) -> Bytes {
        let (status, body) = self.send("GET", path, String::new());
        assert_eq!(status, 200, "{path}");
        body
    }

    pub(crate) fn total(&self, path: &str) -> u64 {
        let body = self.get(path);
        let text = std::str::from_utf8(&body).unwrap();
        let (_, rest) = text.split_once("\"totalResults\":").unwrap();
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    }

    /// CPU time of pages of 100, the last of a walk.
    pub(crate) fn cursor_page(&self) -> f64 {
        let mut cursor = String::new();
        let mut last = String::new();
        loop {
            let path = format!("/Users?count=1000&cursor={cursor}");
            let body: Value = serde_json::from_slice(&self.get(&path)).unwrap();
            match body["nextCursor"].as_str() {
                Some(next) => last = std::mem::replace(&mut cursor, next.to_owned()),
                None => break,
            }
        }
        let path = format!("/Users?count=1000&cursor={}", if last.is_empty() { "" } else { &last });
        best(10, |_| self.get(&path)) / 10.0
    }

    fn post(&self, path: &str, body: &Value) -> String {
        let (status, body) = self.send("POST", path, body.to_string());
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&body));
        let answer: Value = serde_json::from_slice(&body).unwrap();
        answer["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn create_user(&self, name: &str) -> String {
        let number = self.created.fetch_add(1, Ordering::Relaxed) + 50_000_000;
        let mut body = crate::user(number);
        body["userName"] = format!("{name}-{number}").into();
        self.post("/Users", &body)
    }

    pub(crate) fn group(&self, name: &str, members: &[String]) -> String {
        let schema = "urn:ietf:params:scim:schemas:core:2.0:Group";
        let group = self.post("/Groups", &json!({"schemas": [schema], "displayName": name}));
        for some in members.chunks(10_000) {
            self.patch_members(&format!("/Groups/{group}"), "add", some);
        }
        group
    }

    pub(crate) fn patch_members(&self, path: &str, op: &str, ids: &[String]) {
        let members: Value = ids.iter().map(|id| json!({ "value": id })).collect();
        self.patch(path, &json!([{"op": op, "path": "members", "value": members}]));
    }

    pub(crate) fn patch(&self, path: &str, operations: &Value) {
        let body = json!({"schemas": [PATCH], "Operations": operations});
        let (status, body) = self.send("PATCH", path, body.to_string());
        assert!(status < 300, "{}", String::from_utf8_lossy(&body));
    }

    pub(crate) fn delete(&self, path: &str) {
        assert_eq!(self.send("DELETE", path, String::new()).0, 204);
    }

    /// Reads an answer piece by piece; its length and the most of what is measured meanwhile.
    pub(crate) fn streamed(&self, path: &str, measure: fn() -> f64) -> (usize, f64) {
        let request = Request::get(format!("http://scim.test/scim/v2{path}"))
            .header("authorization", "Bearer secret")
            .body(String::new())
            .unwrap();
        let mut body = block_on(self.server.handle(request)).into_body();
        let (mut octets, mut most) = (0, 0.0_f64);
        while let Some(frame) = block_on(body.frame()) {
            octets += frame.unwrap().into_data().unwrap().len();
            most = most.max(measure());
        }
        (octets, most)
    }

    /// Latencies of creates one after the other.
    pub(crate) fn latencies(&self, times: usize) -> String {
        let mut millis: Vec<f64> = (0..times)
            .map(|_| {
                let began = Instant::now();
                self.create_user("new");
                began.elapsed().as_secs_f64() * 1_000.0
            })
            .collect();
        millis.sort_by(f64::total_cmp);
        format!("p50 {:.2} ms, p99 {:.2} ms", millis[times / 2], millis[times * 99 / 100])
    }

    /// Creates a second from many clients at once, and CPU time of each.
    pub(crate) fn creates_at_once(&self, clients: usize, times: usize) -> (f64, f64) {
        let (began, before) = (Instant::now(), cpu_micros());
        // The CPU time of a thread goes with it: it has to tell before it ends.
        let spent: f64 = thread::scope(|scope| {
            let client = || {
                for _ in 0..times {
                    self.create_user("many");
                }
                crate::clock::thread_micros()
            };
            let clients: Vec<_> = (0..clients).map(|_| scope.spawn(client)).collect();
            clients.into_iter().map(|it| it.join().unwrap()).sum()
        });
        let all = (clients * times) as f64;
        let micros = (cpu_micros() - before + spent) / all;
        (all / began.elapsed().as_secs_f64(), micros)
    }
}

pub(crate) fn encoded(filter: &str) -> String {
    filter
        .bytes()
        .map(|octet| match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' => char::from(octet).to_string(),
            _ => format!("%{octet:02X}"),
        })
        .collect()
}
