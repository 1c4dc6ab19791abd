//! PATCH: vectors, properties and a model (RFC 7644 §3.5.2).

mod members;
mod model;
mod properties;
mod registry;
mod request;
mod vectors;
