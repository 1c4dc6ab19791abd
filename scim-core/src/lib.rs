//! An embeddable SCIM 2.0 service provider.

mod builder;
mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
mod hooks;
mod http;
mod ops;
mod origin;
pub mod patch;
pub mod query;
mod resource;
pub mod schema;
mod server;
pub mod store;
mod tolerance;
#[cfg(feature = "tower")]
mod tower;
pub mod typed;
mod validate;

pub use self::http::{BasePath, Body, BodyError, InvalidBasePath};
pub use builder::{BuildError, ScimServerBuilder};
pub use config::{Behaviour, Limits};
pub use error::{ScimError, ScimType};
pub use hooks::{
    Access, Actor, AttributeRules, AttributeUse, AuthenticationError, AuthenticationKind,
    AuthenticationScheme, Authenticator, BearerTokens, BearerTokensBuilder, BeforeImage, Caller,
    Committed, DangerouslyUnauthenticated, InvalidBearerTokens, Mapping, Observer, Policy,
    Presentation, Proposal, ProposedDocument, Reading, Resolution, SecretKeeper,
};
pub use origin::Origin;
pub use resource::{
    Document, DocumentError, Meta, Object, ResourceId, Revision, Selection, Timestamp, Version,
};
pub use server::ScimServer;
pub use tolerance::{Switch, Tolerance};
pub use validate::{
    CanonicalValues, MissingSchemas, Note, NoteRule, Notes, Rules, UnknownAttributes,
};
