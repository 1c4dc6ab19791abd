//! What is visible on the wire: paths, headers, bodies, statuses (RFC 7644 §3).

mod answer;
mod base_path;
mod body;
mod bulk;
mod content;
mod discovery;
mod error_response;
mod etag;
mod json;
mod list_parameters;
mod location;
mod me;
mod media_type;
mod message;
mod parameters;
mod query;
mod read;
mod render;
mod response;
mod route;
mod search_request;
mod segments;

pub use base_path::{BasePath, InvalidBasePath};
pub use body::{Body, BodyError};

pub(crate) use answer::{Answer, discovered, discovered_list};
pub(crate) use bulk::{admit_each, refuse_switched_off};
pub(crate) use discovery::{Discovery, Features};
pub(crate) use error_response::ErrorResponse;
pub(crate) use etag::IfNoneMatch;
pub(crate) use location::Locations;
pub(crate) use me::{Alias, Aliased};
pub(crate) use query::refuse_filter;
pub(crate) use read::{Incoming, read_body_of};
pub(crate) use response::Reply;
pub(crate) use route::{Endpoint, Route, Served, route};
