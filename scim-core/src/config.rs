//! Limits and switches of a service provider.

use std::time::Duration;

use crate::{
    patch::PatchOptions, schema::ResourceType, store::UnknownTargets, tolerance::FilterTolerance,
    validate::Rules,
};

/// How much one request may ask for. Every limit has a safe default.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes that a request body may have; 413 beyond. Default 1 MiB.
    pub body: usize,
    /// Levels of nesting that a JSON body may have; 400 `invalidSyntax` beyond. Default 64; more
    /// than 127 is as 127.
    pub json_depth: usize,
    /// Levels of nesting that a filter may have; 400 `invalidFilter` beyond. Default 64, which is
    /// also the most. Paths of PATCH have the limits of [`scim_filter::Parser`].
    pub filter_depth: usize,
    /// Comparisons that a filter may have; 400 `invalidFilter` beyond. Default 1,000.
    pub filter_terms: usize,
    /// Bytes that a filter may have; 400 `invalidFilter` beyond. Default 64 KiB.
    pub filter_length: usize,
    /// Operations that a PATCH may have; 413 beyond. Default 1,000.
    pub operations: usize,
    /// Operations that a Bulk request may have, shown as `bulk.maxOperations`; 413 beyond. Default
    /// 1,000.
    pub bulk_operations: usize,
    /// Bytes that the body of a Bulk request may have, shown as `bulk.maxPayloadSize`; 413 beyond.
    /// Default 1 MiB.
    pub bulk_payload: usize,
    /// Resources on a page when the client names no `count`. Default 100.
    pub default_page: usize,
    /// Resources on a page at the most, shown as `filter.maxResults`. Default 1,000.
    pub max_page: usize,
    /// Candidates that one query may examine where the store left work to the engine; 400
    /// `tooMany` beyond. Default 100,000.
    pub candidates: usize,
    /// Edges that are read with a resource at once; more are streamed. Default 1,000.
    pub edges: usize,
    /// How long a cursor is valid after the page it came with, in whole seconds; 400
    /// `expiredCursor` beyond. Default one hour.
    pub cursor_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 1 << 20,
            json_depth: 64,
            filter_depth: 64,
            filter_terms: 1_000,
            filter_length: 64 << 10,
            operations: 1_000,
            bulk_operations: 1_000,
            bulk_payload: 1 << 20,
            default_page: 100,
            max_page: 1_000,
            candidates: 100_000,
            edges: 1_000,
            cursor_timeout: Duration::from_secs(3600),
        }
    }
}

/// How an endpoint behaves where the RFCs leave a choice, or where clients disagree with them. A
/// [`ClientProfile`](crate::ClientProfile) changes it by names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Behaviour {
    /// How strictly bodies are read.
    pub rules: Rules,
    /// How PATCH reads what is not plain.
    pub patch: PatchOptions,
    /// How filters are read.
    pub filters: FilterTolerance,
    /// What to do with edges to resources that do not exist.
    pub unknown_targets: UnknownTargets,
    /// Whether references, such as a user's manager, must lead to a resource.
    pub references: References,
    /// Which names are unique beyond what schemas say.
    pub unique_names: UniqueNames,
    /// Which PATCH requests are answered without the resource.
    pub patch_answers: PatchAnswers,
    /// The media type of all answers; `None` leaves the choice to `Accept`.
    pub response_type: Option<ResponseType>,
    /// Whether several writes may come in one request, and what their failures mean.
    pub bulk: Bulk,
}

impl Behaviour {
    /// Nothing but what the RFCs say.
    pub fn strict() -> Self {
        Self {
            rules: Rules::strict(),
            patch: PatchOptions::strict(),
            filters: FilterTolerance::none(),
            ..Self::default()
        }
    }
}

/// The media type of responses. Closed: both are the same JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ResponseType {
    /// `application/scim+json` (RFC 7644 §8.1).
    #[default]
    Scim,
    /// `application/json`, for clients that accept nothing else.
    Json,
}

impl ResponseType {
    /// The media type as it stands in `Content-Type`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scim => "application/scim+json",
            Self::Json => "application/json",
        }
    }
}

/// Whether references must lead to a resource: attributes whose `referenceTypes` name resource
/// types, such as the enterprise user's `manager`. Relations, such as the members of groups, always
/// do; [`Behaviour::unknown_targets`] is about those.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum References {
    /// They are kept as they are: identity providers send a manager before they create it, or one
    /// that they never create.
    #[default]
    Any,
    /// A write that newly refers to a resource that does not exist is 400 `invalidValue`.
    ///
    /// It is checked before the write, by one query for each type referred to, and not when the
    /// resource referred to is deleted.
    Existing,
}

/// Which names are unique beyond what schemas say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UniqueNames {
    /// None.
    #[default]
    AsSchema,
    /// The `displayName` of whatever has relations, such as groups: a second one of the same name
    /// is 409 `uniqueness`.
    ///
    /// It holds among the resources that were named under this choice.
    Groups,
}

/// Which PATCH requests are answered with 204 instead of the resource (RFC 7644 §3.5.2 allows
/// both). A request that selects attributes is always answered with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatchAnswers {
    /// Those that change relations alone.
    #[default]
    RelationsBriefly,
    /// All to resources of these types, by name.
    Briefly(Vec<Box<str>>),
    /// All.
    AllBriefly,
}

impl PatchAnswers {
    pub(crate) fn are_brief(&self, resource_type: &ResourceType) -> bool {
        match self {
            Self::RelationsBriefly => false,
            Self::Briefly(names) => {
                names.iter().any(|name| name.eq_ignore_ascii_case(resource_type.name()))
            }
            Self::AllBriefly => true,
        }
    }
}

/// What becomes of Bulk requests (RFC 7644 §3.7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Bulk {
    /// Operations succeed or fail each on its own, as the RFC asks.
    ///
    /// Operations that refer to each other in a circle are one exception: they succeed or fail
    /// together. An operation that refers to one that failed is 409; to one that is not there, 400
    /// `invalidValue`.
    #[default]
    Independent,
    /// All operations succeed or none does anything, against the RFC, which wants partial
    /// failures disregarded.
    ///
    /// All of them are one batch of the store, with one change for each resource; the `version`
    /// of an operation is that before the request. The operation that failed is answered with
    /// its error and all others with 424; `failOnErrors` means nothing. Two resources cannot swap
    /// a unique value.
    Atomic,
    /// Bulk requests are 501, and `/ServiceProviderConfig` says so.
    Off,
}

/// What becomes of requests to `/Me`, the alias of the caller's own resource (RFC 7644 §3.11).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Me {
    /// They are answered with 501.
    #[default]
    Refuse,
    /// They are carried out; answers name the permanent location.
    Serve,
    /// They are sent to the permanent location by 308.
    Redirect,
}

/// How often a write is tried again after losing a race for a document.
pub(crate) const ATTEMPTS: usize = 8;

/// What a client is told to wait after all attempts were lost.
pub(crate) const RETRY_AFTER: Duration = Duration::from_secs(1);
