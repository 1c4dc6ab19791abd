//! The service provider for code in the same process: the operations of HTTP without HTTP.

mod resources;
mod search;
mod session;
mod stored;

pub use resources::Resources;
pub use search::{Matches, Search};
pub use session::Session;
pub use stored::{If, Stored};
