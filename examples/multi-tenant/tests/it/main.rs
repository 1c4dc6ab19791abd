//! The server of many tenants, asked by HTTP requests without a socket.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking"
)]

mod discovery;
mod passwords;
mod references;
mod request_ids;
mod roles;
mod tenancy;
mod tenants;
