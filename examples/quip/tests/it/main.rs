//! The service as its clients see it, sentence by sentence of its documents.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, in the functions it calls as well"
)]

mod accounts;
mod documents;
mod emails;
mod groups;
mod jumpcloud;
mod limits;
mod lists;
mod merges;
mod names;
mod patches;
mod service;
mod vectors;
mod versions;
