//! The resource types: users with few attributes, groups of users, and group folders.

use std::sync::Arc;

use scim_core::schema::{
    AttributeDefinition, AttributeType, Registry, RelationDefinition, ResourceTypeDefinition,
    SchemaDefinition, SchemaError, Uniqueness, builtin,
};

/// The URI of group folders is this example's own: the documents name none.
const GROUP_FOLDER: &str = "urn:example:params:scim:schemas:2.0:GroupFolder";

/// The resource types of both versions.
pub(crate) fn registry() -> Result<Arc<Registry>, SchemaError> {
    Registry::builder()
        .schema(user())
        .schema(builtin::group())
        .schema(group_folder())
        .resource_type(ResourceTypeDefinition::new("User", builtin::USER).at("/Users"))
        .resource_type(
            ResourceTypeDefinition::new("Group", builtin::GROUP)
                .at("/Groups")
                .relation(RelationDefinition::new("members", ["User"]).inverse("groups")),
        )
        .resource_type(
            ResourceTypeDefinition::new("GroupFolder", GROUP_FOLDER)
                .at("/GroupFolders")
                .relation(RelationDefinition::new("members", ["User"])),
        )
        .build()
}

fn user() -> SchemaDefinition {
    let mut user = builtin::user();
    let known = ["userName", "name", "emails", "active", "groups"];
    user.attributes.retain(|it| known.contains(&it.name.as_str()));
    for attribute in &mut user.attributes {
        let parts: &[&str] = match attribute.name.as_str() {
            "name" => &["formatted", "familyName", "givenName"],
            "emails" => &["value", "type", "primary"],
            _ => &["value", "$ref", "display", "type"],
        };
        attribute.required = false;
        attribute.sub_attributes.retain(|it| parts.contains(&it.name.as_str()));
        for part in &mut attribute.sub_attributes {
            if attribute.name == "emails" && part.name == "value" {
                part.uniqueness = Some(Uniqueness::Server);
            }
        }
    }
    user
}

/// Like a group, but never empty.
fn group_folder() -> SchemaDefinition {
    let member = AttributeDefinition::new("value", AttributeType::String).case_exact();
    let members = AttributeDefinition::new("members", AttributeType::Complex)
        .multi_valued()
        .required()
        .sub_attributes([member]);
    let name = AttributeDefinition::new("displayName", AttributeType::String).required();
    SchemaDefinition::new(GROUP_FOLDER, [name, members]).named("GroupFolder")
}
