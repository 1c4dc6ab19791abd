//! The store on a file and in memory.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, in the functions it calls as well"
)]

mod cache;
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
mod in_process;
mod interleavings;
#[allow(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    reason = "shared with the tests of the engine; a test fails by panicking"
)]
#[path = "../../../scim-core/tests/it/isolation/mod.rs"]
mod isolation;
mod open;
mod ranks;
mod rebuild;
mod searches;
mod served;
mod statements;
mod sync;
mod tenants;
mod upgrade;
mod writing;
