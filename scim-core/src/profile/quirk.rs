//! The single habits of clients, each with a switch.

use crate::{
    config::{Behaviour, UniqueNames},
    patch::{
        DottedUrns, ListedValues, PathGrammar, UnknownPaths, UnmatchedAdd, UnmatchedReplace,
        WrappedValues,
    },
    store::UnknownTargets,
    tolerance::Switch,
    validate::{MissingSchemas, UnknownAttributes},
};

/// A habit of clients that a [`ClientProfile`](super::ClientProfile) allows or not.
///
/// The first part is off unless a profile says otherwise, since it contradicts a rule of the RFCs
/// or what another client means; the second is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Quirk {
    /// `replace-upserts`: a `replace` whose value filter matches nothing adds the value that the
    /// filter describes (Entra ID), where RFC 7644 §3.5.2.3 demands 400 `noTarget`.
    ReplaceUpserts,
    /// `double-encoded-filter`: filter values that are percent-encoded twice are decoded twice (the
    /// validator of Entra ID). Otherwise `%25` in a value is what it says.
    DoubleEncodedFilter,
    /// `unquoted-rest-of-filter`: in `displayName eq Tour Guides` all that follows the operator is
    /// the value (PingFederate, authentik, WSO2).
    UnquotedRestOfFilter,
    /// `array-for-single`: a list of one value stands for the value (old samples of Entra ID send
    /// the manager so).
    ArrayForSingle,
    /// `members-object-in-remove`: the values of a `remove` may be wrapped in an object with the
    /// name of the attribute (Salesforce).
    MembersObjectInRemove,
    /// `unqualified-extension-attributes`: attributes of an extension may stand outside of its
    /// object in POST and PUT (old samples of Entra ID). Otherwise they are unknown.
    UnqualifiedExtensionAttributes,
    /// `filter-on-complex`: `manager eq "id"` compares the `value` of the manager (the reference
    /// check of Entra ID).
    FilterOnComplex,
    /// `dotted-urn-path`: a dot after the URN of a schema in a PATCH path is a colon (old samples of
    /// Entra ID).
    DottedUrnPath,
    /// `skip-unknown-members`: members that do not exist are left out and noted, for clients that
    /// push groups before their users. Otherwise the request is 400 `invalidValue`.
    SkipUnknownMembers,
    /// `unique-group-names`: a second group of one name is 409 `uniqueness`, for clients that find
    /// groups by name and expect one (authentik, ssosync for AWS).
    UniqueGroupNames,
    /// `ignore-unknown-patch-paths`: an operation whose path names nothing is left out and noted,
    /// for mappings that cannot be changed. Otherwise the request is 400 `invalidPath`.
    IgnoreUnknownPatchPaths,

    /// `string-booleans`: `"True"` and `"False"` are booleans where one is declared (Entra ID
    /// without its feature flag, Keycloak).
    StringBooleans,
    /// `single-for-list`: one value stands for a list of one (OneLogin), `[]` for no value.
    SingleForList,
    /// `scalar-for-object`: a bare value stands for an object with this `value` (the manager of
    /// Entra ID, members as strings), `""` for none.
    ScalarForObject,
    /// `filter-grammar`: superfluous spaces, values without quotes and
    /// `emails[type eq "work"].value eq "x"` in filters and paths.
    FilterGrammar,
    /// `unknown-attributes`: what no schema has is ignored and noted. Otherwise it is 400.
    UnknownAttributes,
    /// `missing-schemas`: a body that names no schemas is taken for what the endpoint expects
    /// (midPoint, old versions of authentik).
    MissingSchemas,
    /// `add-creates`: an `add` whose value filter matches nothing adds the value that the filter
    /// describes (Entra ID).
    AddCreates,
    /// `values-in-remove`: a `remove` with values removes those alone (Entra ID, JumpCloud,
    /// authentik, AWS).
    ValuesInRemove,
}

impl Quirk {
    /// All there are.
    pub const ALL: [Self; 19] = [
        Self::ReplaceUpserts,
        Self::DoubleEncodedFilter,
        Self::UnquotedRestOfFilter,
        Self::ArrayForSingle,
        Self::MembersObjectInRemove,
        Self::UnqualifiedExtensionAttributes,
        Self::FilterOnComplex,
        Self::DottedUrnPath,
        Self::SkipUnknownMembers,
        Self::UniqueGroupNames,
        Self::IgnoreUnknownPatchPaths,
        Self::StringBooleans,
        Self::SingleForList,
        Self::ScalarForObject,
        Self::FilterGrammar,
        Self::UnknownAttributes,
        Self::MissingSchemas,
        Self::AddCreates,
        Self::ValuesInRemove,
    ];

    /// The name in profiles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReplaceUpserts => "replace-upserts",
            Self::DoubleEncodedFilter => "double-encoded-filter",
            Self::UnquotedRestOfFilter => "unquoted-rest-of-filter",
            Self::ArrayForSingle => "array-for-single",
            Self::MembersObjectInRemove => "members-object-in-remove",
            Self::UnqualifiedExtensionAttributes => "unqualified-extension-attributes",
            Self::FilterOnComplex => "filter-on-complex",
            Self::DottedUrnPath => "dotted-urn-path",
            Self::SkipUnknownMembers => "skip-unknown-members",
            Self::UniqueGroupNames => "unique-group-names",
            Self::IgnoreUnknownPatchPaths => "ignore-unknown-patch-paths",
            Self::StringBooleans => "string-booleans",
            Self::SingleForList => "single-for-list",
            Self::ScalarForObject => "scalar-for-object",
            Self::FilterGrammar => "filter-grammar",
            Self::UnknownAttributes => "unknown-attributes",
            Self::MissingSchemas => "missing-schemas",
            Self::AddCreates => "add-creates",
            Self::ValuesInRemove => "values-in-remove",
        }
    }

    /// The quirk of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|quirk| quirk.as_str() == name)
    }

    pub(super) fn turn(self, switch: Switch, behaviour: &mut Behaviour) {
        let Behaviour { rules, patch, filters, unknown_targets, unique_names, .. } = behaviour;
        match self {
            Self::ReplaceUpserts => {
                patch.unmatched_replace =
                    switch.choose(UnmatchedReplace::CreateElement, UnmatchedReplace::NoTarget);
            }
            Self::DoubleEncodedFilter => filters.double_encoding = switch,
            Self::UnquotedRestOfFilter => filters.unquoted_rest = switch,
            Self::ArrayForSingle => rules.tolerance.arrays = switch,
            Self::MembersObjectInRemove => {
                patch.wrapped_values = switch.choose(WrappedValues::Unwrapped, WrappedValues::Kept);
            }
            Self::UnqualifiedExtensionAttributes => rules.tolerance.extensions = switch,
            Self::FilterOnComplex => filters.complex = switch,
            Self::DottedUrnPath => {
                patch.dotted_urns = switch.choose(DottedUrns::AsColon, DottedUrns::Refused);
            }
            Self::SkipUnknownMembers => {
                *unknown_targets = switch.choose(UnknownTargets::Skip, UnknownTargets::Refuse);
            }
            Self::UniqueGroupNames => {
                *unique_names = switch.choose(UniqueNames::Groups, UniqueNames::AsSchema);
            }
            Self::IgnoreUnknownPatchPaths => {
                patch.unknown_paths = switch.choose(UnknownPaths::Ignored, UnknownPaths::Refused);
            }
            Self::StringBooleans => rules.tolerance.booleans = switch,
            Self::SingleForList => rules.tolerance.lists = switch,
            Self::ScalarForObject => rules.tolerance.objects = switch,
            Self::FilterGrammar => {
                filters.grammar = switch;
                patch.paths = switch.choose(PathGrammar::Tolerant, PathGrammar::Strict);
            }
            Self::UnknownAttributes => {
                rules.unknown_attributes =
                    switch.choose(UnknownAttributes::Ignore, UnknownAttributes::Refuse);
            }
            Self::MissingSchemas => {
                rules.missing_schemas =
                    switch.choose(MissingSchemas::Infer, MissingSchemas::Refuse);
            }
            Self::AddCreates => {
                patch.unmatched_add =
                    switch.choose(UnmatchedAdd::CreateElement, UnmatchedAdd::NoTarget);
            }
            Self::ValuesInRemove => {
                patch.listed_values = switch.choose(ListedValues::Removed, ListedValues::Ignored);
            }
        }
    }
}

impl Switch {
    fn choose<T>(self, on: T, off: T) -> T {
        match self {
            Self::On => on,
            Self::Off => off,
        }
    }
}
