//! What the crate promises, by topic.

#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in the functions it calls as well"
)]

mod corpus;
mod errors;
mod limits;
mod names;
mod rfc7644;
mod roundtrip;
#[cfg(feature = "serde")]
mod serde;
mod tolerance;
mod visit;
