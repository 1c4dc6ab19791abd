//! Who calls, and whether the company has called too often.

use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode},
    middleware::Next,
};
use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::keyed::HashMapStateStore,
};
use scim_core::{Actor, Authenticator, ScimError};

use crate::{Quip, answers::refusal, callers::Identified};

/// The requests that each company may make in a minute.
pub(crate) struct Limits {
    limiter:
        RateLimiter<String, HashMapStateStore<String>, DefaultClock, StateInformationMiddleware>,
    per_minute: NonZeroU32,
}

/// What a company may still do.
struct Allowance {
    limit: u32,
    remaining: u32,
    /// How long to wait, for one that may do nothing now.
    wait: Option<Duration>,
}

impl Limits {
    pub(crate) fn new(per_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::hashmap(Quota::per_minute(per_minute)).with_middleware();
        Self { limiter, per_minute }
    }

    fn count(&self, company: &String) -> Allowance {
        let (remaining, wait) = match self.limiter.check_key(company) {
            Ok(left) => (left.remaining_burst_capacity(), None),
            Err(refused) => (0, Some(refused.wait_time_from(DefaultClock::default().now()))),
        };
        Allowance { limit: self.per_minute.get(), remaining, wait }
    }
}

impl Allowance {
    fn describe(&self, headers: &mut HeaderMap) {
        let used = self.limit.saturating_sub(self.remaining);
        let minute = u64::from(used).saturating_mul(60).div_ceil(u64::from(self.limit));
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let reset = now.as_secs().saturating_add(minute);
        headers.insert("x-scim-ratelimit-limit", HeaderValue::from(self.limit));
        headers.insert("x-scim-ratelimit-remaining", HeaderValue::from(self.remaining));
        headers.insert("x-scim-ratelimit-reset", HeaderValue::from(reset));
        if let Some(wait) = self.wait {
            let seconds = HeaderValue::from(wait.as_secs().saturating_add(1));
            headers.insert("x-scim-retry-after", seconds);
        }
    }
}

/// Finds out who calls and counts the request. Callers that nobody knows share an allowance.
pub(crate) async fn counted(
    State(quip): State<Arc<Quip>>,
    request: Request,
    next: Next,
) -> Response<Body> {
    let (mut head, body) = request.into_parts();
    let caller = quip.tokens.authenticate(&head).await;
    let company = caller.as_ref().map_or("", Actor::subject).to_owned();
    let allowance = quip.limits.count(&company);
    head.extensions.insert(Identified(caller));
    let mut response = match allowance.wait {
        None => next.run(Request::from_parts(head, body)).await,
        Some(_) => {
            let detail = "the company has made too many requests";
            refusal(&ScimError::with_status(StatusCode::TOO_MANY_REQUESTS, detail))
        }
    };
    allowance.describe(response.headers_mut());
    response
}
