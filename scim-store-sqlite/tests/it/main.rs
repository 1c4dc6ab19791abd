//! The store on a file and in memory.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod cache;
mod conformance;
mod durability;
mod filters;
mod fixture;
mod open;
mod ranks;
mod rebuild;
mod served;
mod statements;
mod writing;
