//! What a host decides: who calls, who may do what, what becomes of secrets, how things look.

mod actor;
mod audit;
mod authentication_scheme;
mod authenticator;
mod bearer_tokens;
mod dangerous;
#[cfg(feature = "jwt")]
mod jwt;
mod mapping;
mod observer;
mod policy;
mod presentation;
mod proposal;
mod rehearsal;
mod request_id;
mod secret_keeper;

pub use actor::{Access, Actor};
pub use audit::{AttributeChange, AuditAction, AuditRecord, RelationRecord};
pub use authentication_scheme::{AuthenticationKind, AuthenticationScheme};
pub use authenticator::{AuthenticationError, Authenticator};
pub use bearer_tokens::{BearerTokens, BearerTokensBuilder, InvalidBearerTokens};
pub use dangerous::DangerouslyUnauthenticated;
#[cfg(feature = "jwt")]
pub use jwt::{
    InvalidJwtBearer, JwtAlgorithm, JwtBearer, JwtBearerBuilder, KeySource, KeySourceError,
    StaticKeys,
};
pub use mapping::Mapping;
pub use observer::{Committed, Observer};
pub use policy::{
    AskedList, AttributeRules, AttributeUse, BeforeImage, Caller, Policy, Reading, Resolution,
};
pub use presentation::Presentation;
pub use proposal::{Proposal, ProposedDocument};
pub use request_id::RequestId;
pub use secret_keeper::SecretKeeper;

/// All hooks of a host but the authenticator, each with its default.
#[derive(Debug)]
pub(crate) struct Hooks {
    pub(crate) policy: Box<dyn Policy>,
    pub(crate) mapping: Box<dyn Mapping>,
    pub(crate) observer: Box<dyn Observer>,
    pub(crate) presentation: Box<dyn Presentation>,
    pub(crate) secrets: Option<Box<dyn SecretKeeper>>,
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            policy: Box::new(policy::Unrestricted),
            mapping: Box::new(mapping::Identity),
            observer: Box::new(observer::Unobserved),
            presentation: Box::new(presentation::Plain),
            secrets: None,
        }
    }
}
