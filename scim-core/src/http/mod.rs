//! What is visible on the wire: paths, headers, bodies, statuses (RFC 7644 §3).

mod answer;
mod asking;
mod base_path;
mod body;
mod bulk;
mod content;
mod dialect;
mod discovery;
mod document;
mod edges;
mod endpoint;
mod error_response;
mod etag;
mod format;
mod json;
mod json_text;
mod list_parameters;
mod location;
mod me;
mod media_type;
mod message;
mod mount;
#[cfg(feature = "scim11")]
mod one;
mod parameters;
mod query;
mod read;
mod render;
mod response;
mod route;
mod search_request;
mod segments;
#[cfg(feature = "xml")]
mod xml;

pub use base_path::{BasePath, InvalidBasePath};
pub use body::{Body, BodyError};

pub(crate) use answer::{Answer, discovered, discovered_list};
pub(crate) use asking::{Asking, selection};
#[cfg(feature = "scim11")]
pub(crate) use base_path::ProtocolVersion;
pub(crate) use bulk::{admit_each, refuse_switched_off};
pub(crate) use dialect::{Dialect, Two};
pub(crate) use discovery::{Discovery, Features};
pub(crate) use document::document;
pub(crate) use endpoint::{Endpoint, Served};
pub(crate) use error_response::ErrorResponse;
pub(crate) use etag::{EntityTag, IfNoneMatch};
pub(crate) use format::Format;
pub(crate) use list_parameters::{ListParameters, ProjectionParameters};
pub(crate) use location::Locations;
pub(crate) use me::{Alias, Aliased};
pub(crate) use mount::{Mount, Mounts};
pub(crate) use query::refuse_filter;
pub(crate) use read::{Incoming, read_body_of};
pub(crate) use response::Reply;
pub(crate) use route::{Route, route};
#[cfg(feature = "xml")]
pub(crate) use xml::{TwoInXml, encoded};
