//! One request, from its arrival to its response.

#[cfg(feature = "metrics")]
use std::time::Instant;

use http::{StatusCode, request::Parts};

use crate::{
    hooks::{Actor, RequestId},
    http::Endpoint,
    store::Scope,
};

/// Watches one request.
pub(crate) struct RequestWatch {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
    #[cfg(feature = "metrics")]
    figures: Figures,
}

#[cfg(feature = "metrics")]
struct Figures {
    arrived: Instant,
    method: &'static str,
    /// What the path names, once that is known.
    endpoint: &'static str,
    resource_type: String,
}

#[cfg_attr(
    not(feature = "tracing"),
    expect(unused_variables, clippy::unused_self, reason = "nobody watches")
)]
impl RequestWatch {
    pub(crate) fn start(head: &Parts, request_id: Option<&RequestId>) -> Self {
        Self {
            // At the level of what goes wrong, so that no filter takes the fields away from it.
            #[cfg(feature = "tracing")]
            span: tracing::error_span!(
                "scim.request",
                request_id = request_id.map(RequestId::as_str),
                method = %head.method,
                path = head.uri.path(),
                endpoint = tracing::field::Empty,
                resource_type = tracing::field::Empty,
                tenant = tracing::field::Empty,
                subject = tracing::field::Empty,
                status = tracing::field::Empty,
            ),
            #[cfg(feature = "metrics")]
            figures: Figures {
                arrived: Instant::now(),
                method: method_of(head),
                endpoint: "none",
                resource_type: String::new(),
            },
        }
    }

    /// The path was understood.
    pub(crate) fn routed(&mut self, endpoint: &Endpoint) {
        let (name, resource_type) = (endpoint.name(), endpoint.resource_type().map(|it| it.name()));
        #[cfg(feature = "tracing")]
        {
            self.span.record("endpoint", name);
            self.span.record("resource_type", resource_type);
        }
        #[cfg(feature = "metrics")]
        {
            self.figures.endpoint = name;
            self.figures.resource_type = resource_type.unwrap_or_default().to_owned();
        }
    }

    /// The caller is known.
    pub(crate) fn recognised(&self, actor: &Actor, scope: &Scope) {
        #[cfg(feature = "tracing")]
        {
            self.span.record("tenant", scope.tenant.as_str());
            self.span.record("subject", actor.subject());
        }
    }

    /// The span of the request.
    pub(crate) fn span(&self) -> RequestSpan {
        RequestSpan {
            #[cfg(feature = "tracing")]
            span: self.span.clone(),
        }
    }

    /// The response is there; its body may still be read from the store.
    pub(crate) fn answered(self, status: StatusCode) {
        #[cfg(feature = "tracing")]
        {
            self.span.record("status", status.as_u16());
            self.span.in_scope(|| tracing::debug!(status = status.as_u16(), "answered"));
        }
        #[cfg(feature = "metrics")]
        self.figures.count(status);
    }
}

/// What all that happens while the request is answered stands under.
pub(crate) struct RequestSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

impl RequestSpan {
    #[cfg(feature = "tracing")]
    pub(crate) fn over<F: Future>(self, answering: F) -> tracing::instrument::Instrumented<F> {
        tracing::Instrument::instrument(answering, self.span)
    }

    #[cfg(not(feature = "tracing"))]
    pub(crate) fn over<F: Future>(self, answering: F) -> F {
        answering
    }
}

#[cfg(feature = "metrics")]
impl Figures {
    fn count(self, status: StatusCode) {
        let Self { arrived, method, endpoint, resource_type } = self;
        let labels = [
            metrics::Label::from_static_parts("method", method),
            metrics::Label::from_static_parts("endpoint", endpoint),
            metrics::Label::new("resource_type", resource_type),
        ];
        metrics::histogram!("scim_request_seconds", labels.iter()).record(arrived.elapsed());
        let mut labels = labels.to_vec();
        labels.push(metrics::Label::new("status", status.as_str().to_owned()));
        metrics::counter!("scim_requests_total", labels).increment(1);
    }
}

/// Clients can invent any number of methods; metrics would have a label for each.
#[cfg(feature = "metrics")]
fn method_of(head: &Parts) -> &'static str {
    const KNOWN: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
    KNOWN.into_iter().find(|known| head.method == **known).unwrap_or("other")
}
