//! The discovery resources: what this service provider is and can do (RFC 7643 §5–7,
//! RFC 7644 §4).

use http::Method;
use serde_json::{Value, json};

use super::location::Locations;
use crate::{
    config::{Bulk, Limits},
    hooks::AuthenticationScheme,
    methods::{MethodSwitches, WRITING},
    resource::Object,
    schema::{Registry, ResourceType, SchemaDefinition, builtin},
};

/// The methods that change a resource.
const CHANGING: [Method; 2] = [Method::PUT, Method::PATCH];

/// What is told about this service provider, computed from what it really does.
#[derive(Debug)]
pub(crate) struct Discovery<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) locations: &'a Locations,
}

/// The features that depend on how a server was built.
#[derive(Debug)]
pub(crate) struct Features<'a> {
    pub(crate) limits: &'a Limits,
    pub(crate) bulk: Bulk,
    pub(crate) methods: &'a MethodSwitches,
    pub(crate) change_password: bool,
    pub(crate) documentation_uri: Option<&'a str>,
    pub(crate) schemes: &'a [AuthenticationScheme],
}

impl Discovery<'_> {
    pub(crate) fn service_provider_config(&self, features: &Features<'_>) -> Value {
        let offers = |methods: &[Method]| features.methods.allow_somewhere(self.registry, methods);
        let reads = offers(&[Method::GET]);
        let mut config = json!({
            "schemas": [builtin::SERVICE_PROVIDER_CONFIG],
            "patch": {"supported": offers(&[Method::PATCH])},
            "bulk": {
                "supported": features.bulk != Bulk::Off && offers(&WRITING),
                "maxOperations": features.limits.bulk_operations,
                "maxPayloadSize": features.limits.bulk_payload,
            },
            "filter": {"supported": reads, "maxResults": features.limits.max_page},
            "changePassword": {"supported": features.change_password && offers(&CHANGING)},
            "sort": {"supported": reads},
            "etag": {"supported": true},
            "pagination": pagination(features.limits),
            "authenticationSchemes": authentication_schemes(features.schemes),
            "meta": {
                "resourceType": "ServiceProviderConfig",
                "location": self.locations.endpoint("/ServiceProviderConfig"),
            },
        });
        if let (Some(uri), Value::Object(config)) = (features.documentation_uri, &mut config) {
            config.insert("documentationUri".to_owned(), uri.into());
        }
        config
    }

    pub(crate) fn schemas(&self) -> Vec<Value> {
        self.registry.schemas().iter().map(|schema| self.schema(schema)).collect()
    }

    pub(crate) fn schema_of(&self, urn: &str) -> Option<Value> {
        self.registry.schema(urn).map(|schema| self.schema(schema))
    }

    pub(crate) fn resource_types(&self) -> Vec<Value> {
        self.registry.resource_types().iter().map(|it| self.resource_type(it)).collect()
    }

    pub(crate) fn resource_type_of(&self, name: &str) -> Option<Value> {
        self.registry.resource_type(name).map(|it| self.resource_type(it))
    }

    fn schema(&self, schema: &SchemaDefinition) -> Value {
        let location = self.locations.endpoint(&format!("/Schemas/{}", schema.id));
        let mut shown = match serde_json::to_value(schema) {
            Ok(Value::Object(shown)) => shown,
            _ => Object::new(),
        };
        shown.insert("schemas".to_owned(), json!([builtin::SCHEMA]));
        shown.insert("meta".to_owned(), json!({"resourceType": "Schema", "location": location}));
        shown.into()
    }

    fn resource_type(&self, resource_type: &ResourceType) -> Value {
        let name = resource_type.name();
        let extensions = resource_type.extensions().iter();
        let extensions =
            extensions.map(|it| json!({"schema": it.urn(), "required": it.is_required()}));
        json!({
            "schemas": [builtin::RESOURCE_TYPE],
            "id": name,
            "name": name,
            "description": resource_type.description(),
            "endpoint": resource_type.endpoint(),
            "schema": resource_type.schema(),
            "schemaExtensions": extensions.collect::<Vec<_>>(),
            "meta": {
                "resourceType": "ResourceType",
                "location": self.locations.endpoint(&format!("/ResourceTypes/{name}")),
            },
        })
    }
}

/// RFC 9865 §4.
fn pagination(limits: &Limits) -> Value {
    json!({
        "cursor": true,
        "index": true,
        "defaultPaginationMethod": "index",
        "defaultPageSize": limits.default_page.min(limits.max_page),
        "maxPageSize": limits.max_page,
        "cursorTimeout": limits.cursor_timeout.as_secs(),
    })
}

/// RFC 7643 §5, `authenticationSchemes`: the first is the preferred one.
fn authentication_schemes(schemes: &[AuthenticationScheme]) -> Vec<Value> {
    let show = |(index, scheme): (usize, &AuthenticationScheme)| {
        let mut shown = json!({
            "type": scheme.kind.as_str(),
            "name": scheme.name,
            "description": scheme.description,
            "primary": index == 0,
        });
        for (name, uri) in
            [("specUri", &scheme.spec_uri), ("documentationUri", &scheme.documentation_uri)]
        {
            if let (Some(uri), Value::Object(shown)) = (uri, &mut shown) {
                shown.insert(name.to_owned(), Value::from(&**uri));
            }
        }
        shown
    };
    schemes.iter().enumerate().map(show).collect()
}
