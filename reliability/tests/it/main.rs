//! What holds after kills, power losses, faults of the disk and races: the short form.
#![cfg(target_os = "linux")]
#![expect(
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "tests fail by panicking, and show their seed then"
)]

mod crash;
mod fault;
mod histories;

use scim_reliability::{Server, Violation};

type Tested = Result<(), Violation>;

/// The server under test.
fn server() -> Server {
    Server::new(env!("CARGO_BIN_EXE_scim-reliability"))
}

/// A seed from `SCIM_SEED`, or another one each time; it is shown when a test fails.
fn seed() -> Result<u64, Violation> {
    let seed = match std::env::var("SCIM_SEED") {
        Ok(seed) => seed.parse()?,
        Err(_) => fastrand::u64(..),
    };
    eprintln!("SCIM_SEED={seed}");
    Ok(seed)
}
