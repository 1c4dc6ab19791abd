//! An embeddable SCIM 2.0 service provider.

mod error;
pub mod patch;
pub mod query;
mod resource;
pub mod schema;
pub mod store;
mod tolerance;
mod validate;

pub use error::{ScimError, ScimType};
pub use resource::{
    Document, DocumentError, Meta, Object, ResourceId, Revision, Selection, Timestamp, Version,
};
pub use tolerance::{Switch, Tolerance};
pub use validate::{
    CanonicalValues, MissingSchemas, Note, NoteRule, Notes, Rules, UnknownAttributes,
};
