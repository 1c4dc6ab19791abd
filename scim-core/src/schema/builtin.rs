//! The schemas and resource types of RFC 7643, with its errata applied.

use super::definition::{RelationDefinition, ResourceTypeDefinition, SchemaDefinition};

/// URN of the User schema (RFC 7643 §4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// URN of the Group schema (RFC 7643 §4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// URN of the enterprise extension of User (RFC 7643 §4.3).
pub const ENTERPRISE_USER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// URN of the schema of the service provider's configuration (RFC 7643 §5).
pub const SERVICE_PROVIDER_CONFIG: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// URN of the schema of resource types (RFC 7643 §6).
pub const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// URN of the schema of schemas (RFC 7643 §7).
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// The User schema.
pub fn user() -> SchemaDefinition {
    parse(include_str!("builtin/User.json"))
}

/// The Group schema.
pub fn group() -> SchemaDefinition {
    parse(include_str!("builtin/Group.json"))
}

/// The enterprise extension of User.
pub fn enterprise_user() -> SchemaDefinition {
    parse(include_str!("builtin/EnterpriseUser.json"))
}

/// The User resource type with the enterprise extension.
pub fn user_type() -> ResourceTypeDefinition {
    ResourceTypeDefinition::new("User", USER).described("User account").extension(ENTERPRISE_USER)
}

/// The Group resource type, whose members are users and groups shown as their `groups`.
pub fn group_type() -> ResourceTypeDefinition {
    ResourceTypeDefinition::new("Group", GROUP)
        .described("Group of users and groups")
        .relation(RelationDefinition::new("members", ["User", "Group"]).inverse("groups"))
}

/// The attributes that every resource has although no schema lists them (RFC 7643 §3.1).
pub(super) fn common() -> SchemaDefinition {
    parse(include_str!("builtin/common.json"))
}

/// The schemas of the discovery resources; served, but never the base of a resource type.
pub(super) fn discovery() -> [SchemaDefinition; 3] {
    [
        parse(include_str!("builtin/ServiceProviderConfig.json")),
        parse(include_str!("builtin/ResourceType.json")),
        parse(include_str!("builtin/Schema.json")),
    ]
}

#[expect(clippy::expect_used, reason = "the text is part of the crate and parsed by its tests")]
fn parse(json: &str) -> SchemaDefinition {
    serde_json::from_str(json).expect("a built-in schema is well-formed")
}
