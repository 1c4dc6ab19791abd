//! Limits and switches of a service provider.

mod limits;

use std::time::Duration;

pub use limits::Limits;

use crate::{
    patch::PatchOptions, schema::ResourceType, store::UnknownTargets, tolerance::FilterTolerance,
    validate::Rules,
};

/// How an endpoint behaves where the RFCs leave a choice, or where clients disagree with them. A
/// [`ClientProfile`](crate::ClientProfile) changes it by names.
///
/// ```
/// use scim_core::{Behaviour, Bulk, Rules, UnknownAttributes};
///
/// let behaviour = Behaviour::default()
///     .rules(Rules::default().unknown_attributes(UnknownAttributes::Refuse))
///     .bulk(Bulk::Off);
/// assert_ne!(behaviour, Behaviour::strict());
/// ```
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
        Self::default().without_tolerance()
    }

    /// The same without any tolerance. What the host has chosen besides, such as [`Bulk::Off`],
    /// is none.
    pub(crate) fn without_tolerance(&self) -> Self {
        Self {
            rules: Rules::strict(),
            patch: PatchOptions::strict(),
            filters: FilterTolerance::none(),
            unknown_targets: UnknownTargets::Refuse,
            ..self.clone()
        }
    }
}

impl Behaviour {
    /// Sets [`rules`](Self#structfield.rules).
    #[must_use]
    pub fn rules(mut self, rules: Rules) -> Self {
        self.rules = rules;
        self
    }

    /// Sets [`patch`](Self#structfield.patch).
    #[must_use]
    pub fn patch(mut self, patch: PatchOptions) -> Self {
        self.patch = patch;
        self
    }

    /// Sets [`filters`](Self#structfield.filters).
    #[must_use]
    pub fn filters(mut self, filters: FilterTolerance) -> Self {
        self.filters = filters;
        self
    }

    /// Sets [`unknown_targets`](Self#structfield.unknown_targets).
    #[must_use]
    pub fn unknown_targets(mut self, unknown_targets: UnknownTargets) -> Self {
        self.unknown_targets = unknown_targets;
        self
    }

    /// Sets [`references`](Self#structfield.references).
    #[must_use]
    pub fn references(mut self, references: References) -> Self {
        self.references = references;
        self
    }

    /// Sets [`unique_names`](Self#structfield.unique_names).
    #[must_use]
    pub fn unique_names(mut self, unique_names: UniqueNames) -> Self {
        self.unique_names = unique_names;
        self
    }

    /// Sets [`patch_answers`](Self#structfield.patch_answers).
    #[must_use]
    pub fn patch_answers(mut self, patch_answers: PatchAnswers) -> Self {
        self.patch_answers = patch_answers;
        self
    }

    /// Sets [`response_type`](Self#structfield.response_type).
    #[must_use]
    pub fn response_type(mut self, response_type: Option<ResponseType>) -> Self {
        self.response_type = response_type;
        self
    }

    /// Sets [`bulk`](Self#structfield.bulk).
    #[must_use]
    pub fn bulk(mut self, bulk: Bulk) -> Self {
        self.bulk = bulk;
        self
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
    /// None, not even those that change relations alone.
    InFull,
}

impl PatchAnswers {
    pub(crate) fn are_brief(&self, resource_type: &ResourceType) -> bool {
        match self {
            Self::RelationsBriefly | Self::InFull => false,
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
    /// together, and [`Policy::conflict`](crate::Policy::conflict) is not asked about them. An
    /// operation that refers to one that failed is 409; to one that is not there, 400
    /// `invalidValue`.
    #[default]
    Independent,
    /// All operations succeed or none does anything, against the RFC, which wants partial
    /// failures disregarded.
    ///
    /// All of them are one batch of the store, with one change for each resource; the `version`
    /// of an operation is that before the request. The operation that failed is answered with
    /// its error and all others with 424; `failOnErrors` means nothing. Two resources cannot swap
    /// a unique value, and [`Policy::conflict`](crate::Policy::conflict) is not asked.
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
