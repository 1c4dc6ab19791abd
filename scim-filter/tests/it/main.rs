//! What the crate promises, by topic.

mod corpus;
mod errors;
mod limits;
mod names;
mod rfc7644;
mod roundtrip;
#[cfg(feature = "serde")]
mod serde;
mod tolerance;
