//! An embeddable SCIM 2.0 service provider.

mod error;
mod hooks;
#[allow(dead_code, reason = "the server that uses it is still to come")]
mod http;
pub mod query;
mod resource;
pub mod schema;
pub mod store;
mod tolerance;
mod validate;

pub use error::{ScimError, ScimType};
pub use hooks::{
    Access, Actor, AuthenticationError, AuthenticationKind, AuthenticationScheme, Authenticator,
    BearerTokens, BearerTokensBuilder, DangerouslyUnauthenticated, InvalidBearerTokens,
    SecretKeeper,
};
pub use self::http::{BasePath, Body, BodyError, InvalidBasePath};
pub use resource::{
    Document, DocumentError, Meta, Object, ResourceId, Revision, Selection, Timestamp, Version,
};
pub use tolerance::{Switch, Tolerance};
pub use validate::{
    CanonicalValues, MissingSchemas, Note, NoteRule, Notes, Rules, UnknownAttributes,
};
