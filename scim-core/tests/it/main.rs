//! The service provider as its clients see it, and the rules of its pure parts.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, in the functions it calls as well"
)]

mod attribute_rules;
mod audit;
mod bulk;
mod clients;
mod conversation;
mod coverage;
mod cursor;
mod cut_off;
mod defaults;
mod endpoint;
mod faulty;
mod filter;
mod filter_laws;
mod hooks;
mod host_shapes;
mod hostile;
mod in_process;
mod isolation;
mod layers;
mod me;
mod methods;
#[cfg(all(feature = "metrics", feature = "scim11", feature = "tracing", feature = "xml"))]
mod observability;
mod observer;
mod older_server;
mod one_group;
mod patch;
mod policy;
mod profiles;
mod references;
mod request_ids;
mod residual;
mod retries;
mod rfc7643;
mod rfc7644;
#[cfg(feature = "scim11")]
mod scim11;
mod search;
mod secrets;
mod spine;
mod tables;
mod threats;
mod watched;
mod wire;
#[cfg(feature = "xml")]
mod xml;
