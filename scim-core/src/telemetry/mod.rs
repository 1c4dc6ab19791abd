//! What operators get to see of the server at work: spans of `tracing`, counters and durations of `metrics`.
//!
//! Names, fields and labels are promised in `docs/observability.md`. No value of an attribute and
//! no query of a URL is among them. Without the two features nothing is left of this.

mod request;
#[cfg(any(feature = "metrics", feature = "tracing"))]
mod store;

use std::sync::Arc;

pub(crate) use request::RequestWatch;

use crate::store::Store;

/// The store, watched at every call.
#[cfg(any(feature = "metrics", feature = "tracing"))]
pub(crate) fn watched(store: Arc<dyn Store>) -> Arc<dyn Store> {
    Arc::new(store::Watched(store))
}

#[cfg(not(any(feature = "metrics", feature = "tracing")))]
pub(crate) fn watched(store: Arc<dyn Store>) -> Arc<dyn Store> {
    store
}
