//! What is visible on the wire: paths, headers, bodies, statuses (RFC 7644 §3).

mod base_path;
mod body;
mod content;
mod error_response;
mod etag;
mod json;
mod list_parameters;
mod media_type;
mod parameters;
mod query;
mod response;
mod route;
mod search_request;

pub use base_path::{BasePath, InvalidBasePath};
pub use body::{Body, BodyError};
