//! An embeddable SCIM 2.0 service provider (RFC 7643, RFC 7644).
//!
//! Identity providers such as Entra ID, Okta, JumpCloud and authentik create, change and remove
//! users and groups in the applications they manage over SCIM. This crate is all of the protocol;
//! an application brings its storage, its authentication and its rules.
//!
//! ```
//! use scim_core::{Actor, BearerTokens, ScimServer};
//! use scim_store_memory::MemoryStore;
//!
//! // Who may call, and where resources live: there is no server without both.
//! let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
//! let scim = ScimServer::builder(MemoryStore::new(), tokens).base_path("/scim/v2").build()?;
//!
//! let request = http::Request::post("/scim/v2/Users")
//!     .header("authorization", "Bearer secret")
//!     .header("content-type", "application/scim+json")
//!     .body(r#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "babs"}"#.to_owned())?;
//! let response = pollster::block_on(scim.handle(request));
//! assert_eq!(response.status(), 201);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where to start
//!
//! - [`guide`] has a chapter for each question, from mounting to what errors mean.
//! - [`ScimServer`] turns an `http::Request` into an `http::Response`. With the feature `tower` it
//!   is a `tower_service::Service` that axum and hyper mount as it is.
//! - [`store::Store`] is the contract with storage: five methods and the numbered rules S1 to S21. The
//!   crates `scim-store-memory` and `scim-store-sqlite` keep it, [`store::TableStore`] helps with tables
//!   that you already have, and `conformance` tests yours.
//! - [`Authenticator`] says who calls; [`BearerTokens`] is one that knows a fixed set of tokens.
//! - [`Policy`], [`Mapping`], [`Presentation`], [`Observer`] and [`SecretKeeper`] are where a host
//!   has its own say. All are optional.
//! - [`ScimServer::as_actor`] is the way in for code of your own: typed, and without HTTP.
//! - [`schema::Registry`] holds the resource types; [`schema::Registry::builder`] adds your own.
//! - [`patch`] and [`query`] implement PATCH and filters as pure functions.
//! - [`typed`] has users and groups as Rust types.
//!
//! # What is covered
//!
//! | Standard | Sections | Where |
//! |---|---|---|
//! | RFC 7643 | §2 attributes, §3 resources, §7 schemas | [`schema`], `validate`, `resource` |
//! | RFC 7643 | §4 User, Group, enterprise extension | [`schema::builtin`], [`typed`] |
//! | RFC 7643 | §5 configuration, §6 resource types | `http::discovery` |
//! | RFC 7644 | §3.3 create, §3.4.1 get, §3.5.1 replace, §3.6 delete | `ops` |
//! | RFC 7644 | §3.4.2 filter, sort, page, of one type or all; §3.4.3 `.search` | [`query`], `ops::list` |
//! | RFC 7644 | §3.5.2 PATCH | [`patch`] |
//! | RFC 7644 | §3.7 Bulk | `ops::bulk`, [`Bulk`] |
//! | RFC 7644 | §3.11 `/Me` | [`Actor::with_resource`], [`ScimServerBuilder::me`] |
//! | RFC 7644 | §3.8 media types, §3.12 errors, §3.14 versions | `http` |
//! | RFC 7644 | §3.9 `attributes`, `excludedAttributes` | [`Selection`] |
//! | RFC 7644 | §2 authentication, §6 tenants | [`Authenticator`], [`store::Scope`] |
//! | RFC 7644 | §5, §7.8 prepared comparison | [`query::prepare`] |
//! | RFC 9865 | §2 cursor paging of one type or all, §4 `pagination` | `ops::cursor` |
//!
//! SCIM 1.1 is the module `scim11`, behind the feature of that name. Left out: `previousCursor`,
//! which RFC 9865 §2 makes optional.
//!
//! # Features
//!
//! None is on by default, and none changes what the others do.
//!
//! - `tower`: [`ScimServer`] implements `tower_service::Service`.
//! - `tracing`: a span for each request and each call of the store, and what went wrong inside.
//! - `metrics`: counters and durations of requests and of calls of the store.
//! - `scim11`: SCIM 1.1 beside SCIM 2.0, over the same resources.
//! - `jwt`: `JwtBearer` knows callers by signed tokens of an issuer (RFC 7519).
//! - `xml`: bodies in XML, as SCIM 1.1 defines them or as services use them for SCIM 2.0.
//! - `conformance`: the tests that every store must pass.
//!
//! # Input safety
//!
//! No input panics, overflows the stack or costs more than its size explains: bodies, nesting,
//! filters, operations, pages and the work of a query have [`Limits`]. Values of attributes that
//! are never returned stand in no error, log or `Debug` output.
//!
//! # What is left to the host
//!
//! - TLS 1.2 or later on every connection (RFC 7644 §7.2): this crate sees no connections.
//! - The lifetime of tokens (§7.4), which its [`Authenticator`] ends, and a second factor beside
//!   passwords where it takes those (§2).
//! - Its own logs of URLs (§7.5.2): filters are part of them. This crate logs paths, never queries.
//! - Limits on the rate of requests (§7.7), in [`Policy::admit`] or a layer around the server.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod client;
mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
mod error;
pub mod guide;
mod hooks;
mod http;
mod in_process;
mod methods;
mod ops;
mod origin;
pub mod patch;
mod profile;
pub mod query;
mod resource;
pub mod schema;
#[cfg(feature = "scim11")]
pub mod scim11;
mod server;
pub mod store;
mod telemetry;
mod tolerance;
#[cfg(feature = "tower")]
mod tower;
pub mod typed;
mod validate;
mod visit;
#[cfg(feature = "xml")]
pub mod xml;

/// The grammar of filters and of paths in PATCH.
pub use scim_filter as filter;

/// Makes async methods of hooks and stores object-safe: `#[scim_core::async_trait]`.
pub use async_trait::async_trait;

pub use self::http::{BasePath, Body, BodyError, InvalidBasePath};
pub use builder::{BuildError, ScimServerBuilder};
pub use config::{
    Behaviour, Bulk, Limits, Me, PatchAnswers, References, ResponseType, UniqueNames,
};
pub use error::{ScimError, ScimType};
pub use hooks::{
    Access, Actor, AskedList, AttributeChange, AttributeRules, AttributeUse, AuditAction,
    AuditRecord, AuthenticationError, AuthenticationKind, AuthenticationScheme, Authenticator,
    BearerTokens, BearerTokensBuilder, BeforeImage, Caller, Committed, DangerouslyUnauthenticated,
    InvalidBearerTokens, Mapping, Observer, Policy, Presentation, Proposal, ProposedDocument,
    Reading, RelationRecord, RequestId, Resolution, SecretKeeper,
};
#[cfg(feature = "jwt")]
pub use hooks::{
    InvalidJwtBearer, JwtAlgorithm, JwtBearer, JwtBearerBuilder, KeySource, KeySourceError,
    StaticKeys,
};
pub use in_process::{If, Matches, Resources, Search, Session, Stored};
pub use methods::Methods;
pub use origin::Origin;
pub use profile::{ClientProfile, InvalidProfile, Quirk};
pub use resource::{
    Document, DocumentError, Meta, Object, ResourceId, Revision, Selection, Timestamp, Values,
    Version,
};
pub use server::ScimServer;
pub use tolerance::{FilterTolerance, Switch, Tolerance};
pub use validate::{
    CanonicalValues, MissingSchemas, Note, NoteRule, Notes, Rules, UnknownAttributes, ValueForms,
};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
