//! SCIM 1.1 (the drafts `draft-scim-core-schema-01` and `draft-scim-api-01` of July 2012): another
//! face of the same resources.
//!
//! [`Scim11`] says where it is offered and how. What a client of 1.1 sends is translated to what
//! one of 2.0 would send, and answers back; nothing of 1.1 is stored. `docs/scim11.md` lists the
//! rules with their tests.
//!
//! [`partial_to_patch`] is of use without it: it understands the PATCH of 1.1.

mod bulk;
mod discovery;
mod error;
mod filter;
mod locale;
mod names;
mod patch;
mod render;
mod resource;
mod schemas;
mod settings;
mod urns;

pub(crate) use bulk::{Answered, BulkResponse};
pub(crate) use discovery::service_provider_config;
pub(crate) use error::Errors;
pub(crate) use names::Names;
pub use patch::partial_to_patch;
pub(crate) use schemas::{schema_of, schemas};
pub use settings::{MissingVersions, Operators, Scim11, Suffixes, Unversioned};
pub use urns::{CORE, ENTERPRISE};
