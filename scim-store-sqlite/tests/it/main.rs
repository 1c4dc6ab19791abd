//! The store on a file and in memory.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod conformance;
mod durability;
#[allow(
    dead_code,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "shared with the tests of the engine; a test fails by panicking"
)]
#[path = "../../../scim-core/tests/it/endpoint.rs"]
mod endpoint;
mod filters;
mod fixture;
#[allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "shared with the tests of the engine; a test fails by panicking"
)]
#[path = "../../../scim-core/tests/it/isolation/mod.rs"]
mod isolation;
mod open;
mod rebuild;
mod tenants;
mod writing;
