//! The store on a file and in memory.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod conformance;
mod durability;
mod filters;
mod fixture;
mod in_process;
mod open;
mod rebuild;
mod writing;
