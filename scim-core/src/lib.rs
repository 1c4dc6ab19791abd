//! An embeddable SCIM 2.0 service provider.

mod error;
pub mod query;
mod resource;
pub mod schema;
pub mod store;

pub use error::{ScimError, ScimType};
pub use resource::{
    Document, DocumentError, Meta, Object, ResourceId, Revision, Timestamp, Version,
};
