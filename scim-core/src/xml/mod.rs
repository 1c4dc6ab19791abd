//! XML in place of JSON: the encoding of SCIM 1.1, and a plain one for services that speak
//! SCIM 2.0 in XML.
//!
//! The structure is that of JSON, and the schema says what elements mean: which hold lists, what
//! the elements of a list are called, and what is a number. [`XmlFormat::read`] and
//! [`XmlFormat::write`] are pure functions between bytes and JSON; writing and reading a resource
//! that keeps to its schema gives it back.
//!
//! ```
//! use scim_core::{schema::Registry, xml::XmlFormat};
//! use serde_json::json;
//!
//! let registry = Registry::standard();
//! let user = registry.resource_type("User").unwrap();
//! let format = XmlFormat::plain().root("User", "scimUser");
//!
//! let body = "<scimUser><phoneNumbers><phoneNumber><value>555</value></phoneNumber></phoneNumbers></scimUser>";
//! let read = format.read(user, body.as_bytes(), 64)?;
//! assert_eq!(read["phoneNumbers"], json!([{"value": "555"}]));
//!
//! let written = format.write(&registry, Some(user), &read.into());
//! assert!(written.ends_with(body));
//! # Ok::<_, scim_core::ScimError>(())
//! ```
//!
//! # What is refused
//!
//! Document type declarations and with them all entities but the five of XML itself, text beside
//! elements, characters that XML excludes, other encodings than UTF-8 and UTF-16, and nesting
//! beyond the limit: 400 `invalidSyntax`. Reading needs no more of the stack for deeper input than
//! that limit allows.
//!
//! # What is not told apart
//!
//! Names that are no XML names cannot be shown and are left out, but for `$ref`, which the plain
//! dialect writes as `ref`. Text that XML cannot carry is written in base64 and marked by the
//! attribute `base64Encoded`.

mod format;
mod names;
mod read;
mod text;
mod tree;
mod write;

pub use format::{XmlDialect, XmlFormat};
