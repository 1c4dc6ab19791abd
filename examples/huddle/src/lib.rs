//! The provisioning API that Huddle documents, on the public API alone.
//!
//! Users are added to companies, in JSON or XML; nothing else is offered.

mod companies;
mod rules;
mod shape;

use std::error::Error;

use scim_core::{
    AuthenticationKind, AuthenticationScheme, BearerTokens, Behaviour, Bulk, ScimServer,
    schema::{Registry, ResourceTypeDefinition, builtin},
    xml::XmlFormat,
};
use scim_example_options::Options;

use self::{companies::Companies, rules::Provisioning, shape::Shape};

/// The path of a company on the host; its users are at `/users` below it.
pub const BASE: &str = "/people/companies/{tenant}";

/// The API over the companies of `companies.json`.
///
/// # Errors
/// When the options are unusable.
pub fn server(options: &Options) -> Result<ScimServer, Box<dyn Error>> {
    let companies: Companies = serde_json::from_str(include_str!("../companies.json"))?;
    // Access tokens of the client credentials flow, which Huddle sends under this name.
    let scheme = AuthenticationScheme::new(AuthenticationKind::OAuth2).in_headers("OAuth2");
    let client = options.client().in_any_tenant();
    let tokens = BearerTokens::builder().scheme(scheme).token(&options.token, client).build()?;
    let mut behaviour = Behaviour::default();
    behaviour.bulk = Bulk::Off;
    let mut user = builtin::user();
    user.attributes.retain(|attribute| attribute.name != "groups");
    let registry = Registry::builder()
        .schema(user)
        .resource_type(ResourceTypeDefinition::new("User", builtin::USER).at("/users"))
        .build()?;
    let xml = XmlFormat::plain()
        .root("User", "scimUser")
        .declares("xsd", "http://www.w3.org/2001/XMLSchema")
        .declares("xsi", "http://www.w3.org/2001/XMLSchema-instance");
    let shape = Shape::below(&options.base);
    let server = ScimServer::builder(options.open_store()?, tokens)
        .base_path(&options.base)
        .registry(registry)
        .behaviour(behaviour)
        .xml(xml)
        .policy(Provisioning { companies, shape })
        .mapping(shape)
        .presentation(shape)
        .build()?;
    Ok(server)
}
