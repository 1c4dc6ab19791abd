//! Ready-made profiles.

/// What is known of one client.
#[derive(Debug)]
pub(super) struct Set {
    pub(super) name: &'static str,
    /// Names of quirks and of sets above, joined by commas.
    pub(super) settings: &'static str,
    pub(super) reason: &'static str,
}

const fn set(name: &'static str, settings: &'static str, reason: &'static str) -> Set {
    Set { name, settings, reason }
}

pub(super) const SETS: &[Set] = &[
    set(
        "entra",
        "replace-upserts,double-encoded-filter,filter-on-complex,patch-answers-204=Group,\
         media-type=application/scim+json",
        "replaces values that are not there yet; its validator encodes filters twice; checks \
         references with `manager eq`; advises 204 for groups; wants application/scim+json",
    ),
    set(
        "entra-legacy",
        "entra,array-for-single,dotted-urn-path,unqualified-extension-attributes",
        "old samples and inbound configurations write the manager as a list, a dot after URNs, and \
         extension attributes without their URN",
    ),
    set(
        "okta",
        "patch-answers-204=Group",
        "each membership change comes with the name of the group; it accepts 204, so that no member \
         list has to be sent back",
    ),
    set(
        "onelogin",
        "media-type=application/json",
        "needs answers in application/json, whatever it accepts",
    ),
    set("jumpcloud", "", "all it is known to send is understood without a switch"),
    set("google", "", "all it is known to send is understood without a switch"),
    set(
        "ping",
        "unquoted-rest-of-filter",
        "the filters that PingFederate documents have no quotes around values",
    ),
    set("sailpoint", "", "all it is known to send is understood without a switch"),
    set(
        "salesforce",
        "members-object-in-remove",
        "its sample removes members with an object around them",
    ),
    set(
        "authentik",
        "unquoted-rest-of-filter,unique-group-names",
        "looks users up without quotes, and finds an existing group only after a 409",
    ),
    set(
        "aws",
        "unique-group-names",
        "ssosync takes the group that it finds by name only if there is just one",
    ),
    set(
        "keycloak",
        "media-type=application/scim+json",
        "its Java client takes answers for failures unless they are application/scim+json",
    ),
];
