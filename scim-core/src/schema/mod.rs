//! Schemas, resource types and their registry: what attributes there are and how they behave
//! (RFC 7643 §2, §6, §7).
//!
//! A [`SchemaDefinition`] or [`ResourceTypeDefinition`] is text: it is read from JSON or built in
//! code. A [`Registry`] checks a set of them together and compiles it to [`ResourceType`]s whose
//! [`Attribute`]s know their place; everything else in this crate works on those.

mod attribute;
pub mod builtin;
mod characteristics;
mod check;
mod definition;
#[cfg(any(feature = "scim11", feature = "xml"))]
mod element;
mod error;
mod form;
mod namespace;
mod registry;
mod resource_type;
#[cfg(any(feature = "scim11", feature = "xml"))]
mod singular;
mod urns;

pub use attribute::{Attribute, Preparation};
pub use characteristics::{AttributeType, Mutability, Returned, Uniqueness};
pub use definition::{
    AttributeDefinition, ExtensionDefinition, RelationDefinition, ResourceTypeDefinition,
    SchemaDefinition,
};
#[cfg(any(feature = "scim11", feature = "xml"))]
pub(crate) use element::is_element_name;
pub use error::{SchemaError, SchemaErrorKind};
#[cfg(feature = "scim11")]
pub(crate) use form::Form;
pub use registry::{Registry, RegistryBuilder};
pub use resource_type::{Extension, Inverse, Relation, ResourceType};
#[cfg(any(feature = "scim11", feature = "xml"))]
pub(crate) use singular::singular;
pub(crate) use urns::PATCH_OP;
