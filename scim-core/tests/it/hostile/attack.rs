//! An attack in two sizes, and what each costs.

use std::{fs, thread, time::Duration};

use allocation_counter::{AllocationInfo, measure};
use http::{Method, Request};
use scim_core::ScimServerBuilder;

use crate::endpoint::{Answer, Endpoint};

/// How many times larger the large form of an attack is.
pub(super) const TIMES: usize = 4;

/// Bytes that a request may allocate whatever its size.
const FIXED: u64 = 256 << 10;

/// Bytes that may be held at once for each byte of a request.
const PER_BYTE: u64 = 64;

/// What an attack asks of the server that it meets.
pub(super) type Change = fn(ScimServerBuilder) -> ScimServerBuilder;

/// A request that can be made of any size.
pub(super) struct Attack {
    pub(super) name: &'static str,
    /// The size of its small form, in what it has many of.
    pub(super) size: usize,
    pub(super) request: fn(usize) -> Sent,
    /// Status and `scimType` of the answer to the large form.
    pub(super) answer: (u16, &'static str),
}

pub(super) struct Sent {
    pub(super) method: Method,
    /// Below the base path; `{user}` and `{group}` stand for what there is.
    pub(super) path: String,
    pub(super) body: Vec<u8>,
}

pub(super) fn sent(method: Method, path: &str, body: impl Into<Vec<u8>>) -> Sent {
    Sent { method, path: path.to_owned(), body: body.into() }
}

pub(super) fn post(path: &str, body: impl Into<Vec<u8>>) -> Sent {
    sent(Method::POST, path, body)
}

impl Attack {
    /// Checks the answer and that the cost grows no faster than the request.
    pub(super) fn check(&self, change: Change) {
        let (_, small, _) = self.run(self.size, change);
        let (answer, large, length) = self.run(self.size * TIMES, change);
        let (status, scim_type) = self.answer;
        assert_eq!(answer.status, status, "{}: {}", self.name, answer.text);
        if status >= 400 {
            answer.expect_error(status, scim_type);
        }
        for (what, small, large) in [
            ("bytes", small.bytes_total, large.bytes_total),
            ("bytes at once", small.bytes_max, large.bytes_max),
            ("allocations", small.count_total, large.count_total),
        ] {
            // Buffers double, so that a step may fall between the two sizes.
            let most = small * TIMES as u64 * 3 / 2 + FIXED;
            assert!(large <= most, "{}: {small} {what}, then {large}", self.name);
        }
        let most = length as u64 * PER_BYTE + FIXED;
        assert!(large.bytes_max <= most, "{}: {large:?} for {length} bytes", self.name);
    }

    fn run(&self, size: usize, change: Change) -> (Answer, AllocationInfo, usize) {
        let target = Target::new(change);
        let (request, length) = target.request((self.request)(size));
        let mut answer = None;
        let cost = measure(|| answer = Some(target.scim.send_body(request)));
        target.is_well();
        (answer.unwrap(), cost, length)
    }

    /// Bytes of the request, and what it costs the processor at the least.
    pub(super) fn time(&self, size: usize, change: Change) -> (usize, Duration) {
        let times = [(); 3].map(|()| {
            let target = Target::new(change);
            let (request, length) = target.request((self.request)(size));
            let before = processor_time();
            target.scim.send_body(request);
            (length, processor_time().saturating_sub(before))
        });
        times.into_iter().min().unwrap()
    }
}

/// How long this thread has run so far.
fn processor_time() -> Duration {
    // The system brings its figure up to date when a thread steps back.
    thread::yield_now();
    let figures = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    Duration::from_nanos(figures.split(' ').next().unwrap().parse().unwrap())
}

/// A server with a user and a group.
struct Target {
    scim: Endpoint,
    user: String,
    group: String,
}

impl Target {
    fn new(change: Change) -> Self {
        let scim = Endpoint::with(change);
        let user = scim.user("bjensen");
        let group = scim.group("guides", &[&user]);
        Self { scim, user, group }
    }

    /// The request and its length.
    fn request(&self, sent: Sent) -> (Request<Vec<u8>>, usize) {
        let path = sent.path.replace("{user}", &self.user).replace("{group}", &self.group);
        let length = path.len() + sent.body.len();
        let request = Request::builder()
            .method(sent.method)
            .uri(format!("/scim/v2{path}"))
            .header("host", "scim.test")
            .header("authorization", "Bearer secret");
        (request.body(sent.body).unwrap(), length)
    }

    /// What is left afterwards is as it was.
    fn is_well(&self) {
        self.scim.get(&format!("/Users/{}", self.user)).expect(200);
    }
}
