//! The store by the conformance suite, and the service provider over it by HTTP requests.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, in the functions it calls as well"
)]

mod application;
mod conformance;
mod requests;
