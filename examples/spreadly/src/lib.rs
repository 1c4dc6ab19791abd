//! The SCIM service that Spreadly documents, on the public API alone.
//!
//! Users only, with an extension that is declared in a file; `phones` is another name for
//! `phoneNumbers`; names and `externalId` are required.

mod aliases;
mod required;

use std::{error::Error, fs, path::Path, sync::Arc};

use scim_core::{
    BearerTokens, Behaviour, ResponseType, ScimServer,
    schema::{AttributeDefinition, Registry, SchemaDefinition, builtin},
};
use scim_example_options::Options;

use self::{aliases::Aliases, required::ImportKey};

/// The path of the service on its host.
pub const BASE: &str = "/api/v1/scim";

/// The service, with the extension that a file declares (RFC 7643 §7).
///
/// # Errors
/// When the file declares no extension, or the options are unusable.
pub fn server(options: &Options, extension: &Path) -> Result<ScimServer, Box<dyn Error>> {
    let tokens = BearerTokens::builder().token(&options.token, options.client()).build()?;
    let mut behaviour = Behaviour::default();
    behaviour.response_type = Some(ResponseType::Json);
    let server = ScimServer::builder(options.open_store()?, tokens)
        .base_path(&options.base)
        .registry(registry(&fs::read_to_string(extension)?)?)
        .behaviour(behaviour)
        .mapping(Aliases)
        .policy(ImportKey)
        .build()?;
    Ok(server)
}

/// Users with the enterprise extension and the declared one; no groups.
fn registry(extension: &str) -> Result<Arc<Registry>, Box<dyn Error>> {
    let extension: SchemaDefinition = serde_json::from_str(extension)?;
    let user_type = builtin::user_type().extension(&extension.id);
    let registry = Registry::builder()
        .schema(user())
        .schema(builtin::enterprise_user())
        .schema(extension)
        .resource_type(user_type)
        .build()?;
    Ok(registry)
}

/// The User schema with what is required here, and without what groups would fill.
fn user() -> SchemaDefinition {
    let mut user = builtin::user();
    user.attributes.retain(|attribute| attribute.name != "groups");
    if let Some(name) = user.attribute_mut("name") {
        name.required = true;
        for part in &mut name.sub_attributes {
            part.required = matches!(part.name.as_str(), "givenName" | "familyName");
        }
    }
    suggest(user.attribute_mut("phoneNumbers"), &["work", "mobile"]);
    suggest(user.attribute_mut("addresses"), &["work"]);
    user
}

/// Sets the types that the values of an attribute are of.
fn suggest(attribute: Option<&mut AttributeDefinition>, types: &[&str]) {
    let parts = attribute.into_iter().flat_map(|it| &mut it.sub_attributes);
    for part in parts.filter(|part| part.name == "type") {
        part.canonical_values = types.iter().map(|it| (*it).to_owned()).collect();
    }
}
