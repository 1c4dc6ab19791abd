//! What must hold whatever becomes of the process, the power and the disk, and however many clients
//! come at once.
//!
//! - [`Campaign`]: clients change users and groups over HTTP, the server is killed at random
//!   moments, or the power goes, and after each restart everything that was acknowledged is there.
//! - [`Disk`]: a disk that loses what was not flushed, and one that is full, read-only or failing.
//! - [`histories`](history): clients at once on few resources, and whether what they were answered
//!   could have been answered to one client after the other.
//!
//! Everything here runs on Linux. Each run prints the seed that repeats its choices.

#![cfg(target_os = "linux")]

mod account;
mod action;
mod audit;
mod broken;
mod campaign;
mod client;
mod disk;
mod endpoint;
mod file;
pub mod history;
pub mod linear;
mod membership;
mod race;
mod serve;

pub use self::{
    broken::{Broken, Promise},
    campaign::{Campaign, Figures, Interruption},
    client::Requests,
    disk::{Disk, Fault},
    endpoint::{Answer, Endpoint},
    race::race,
    serve::{Server, serve},
};

/// What did not hold, or could not be checked.
pub type Violation = Box<dyn std::error::Error + Send + Sync>;
