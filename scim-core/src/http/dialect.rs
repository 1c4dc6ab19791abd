//! A version of the protocol: everything that differs on the wire between versions. What a method
//! does by itself is what SCIM 2.0 wants.

use std::{borrow::Cow, fmt, sync::Arc};

use http::{StatusCode, request::Parts};
use scim_filter::Filter;
use serde_json::{Value, json};

use super::{
    answer::{LIST_RESPONSE, head_of},
    bulk::{self, Answered},
    discovery::Discovery,
    endpoint::Endpoint,
    error_response::ErrorResponse,
    format::Format,
    json_text::write_json,
    list_parameters::ProjectionParameters,
    location::Locations,
    parameters::Parameter,
};
#[cfg(feature = "xml")]
use crate::xml::XmlFormat;
use crate::{
    config::{Behaviour, ResponseType},
    error::ScimError,
    hooks::Caller,
    ops::List,
    resource::Object,
    schema::{Registry, ResourceType},
    store::Precondition,
};

/// How requests and answers of one version of the protocol differ from those of SCIM 2.0.
pub(crate) trait Dialect: Send + Sync + fmt::Debug {
    /// The formats of answers, the one that is preferred first.
    fn formats(&self) -> &'static [Format] {
        &[Format::Scim, Format::Json]
    }

    /// The formats of bodies that are understood, first the one without a media type.
    fn understood(&self) -> &'static [Format] {
        &[Format::Scim, Format::Json]
    }

    /// The formats of bodies whose schema is known before they are read.
    fn understood_resources(&self) -> &'static [Format] {
        self.understood()
    }

    /// How XML looks, where it is offered.
    #[cfg(feature = "xml")]
    fn xml(&self) -> Option<&XmlFormat> {
        None
    }

    /// The format of an answer: what is known of the client goes before what it says.
    ///
    /// # Errors
    /// 406 when the client accepts none that there is.
    fn answer_format(
        &self,
        head: &Parts,
        pinned: Option<ResponseType>,
    ) -> Result<Format, ScimError> {
        match pinned {
            Some(pinned) => Ok(pinned.into()),
            None => Format::accepted(&head.headers, self.formats()),
        }
    }

    /// The format of an error where the client accepts none that there is.
    fn fallback(&self) -> Format {
        self.formats().first().copied().unwrap_or(Format::Json)
    }

    /// Makes the method what the request means by it.
    ///
    /// # Errors
    /// 400 when it says so where that has no meaning.
    fn read_method(&self, _head: &mut Parts) -> Result<(), ScimError> {
        Ok(())
    }

    /// The path without what says nothing but the format of the answer.
    fn path<'p>(&self, path: &'p str) -> &'p str {
        path
    }

    /// What the segments of a path below the base name.
    fn endpoint(&self, registry: &Registry, segments: &[Cow<'_, str>]) -> Option<Endpoint> {
        Endpoint::find(registry, segments)
    }

    /// How requests are carried out, where the host has the choice in SCIM 2.0; `None` for as it
    /// chose.
    fn behaviour(&self, _chosen: &Behaviour) -> Option<Behaviour> {
        None
    }

    /// The resource that a POST or PUT carries, in the terms of SCIM 2.0.
    ///
    /// # Errors
    /// 400 `invalidSyntax` for a body of another version.
    fn resource(
        &self,
        _caller: &Caller<'_>,
        _resource_type: &ResourceType,
        body: Object,
    ) -> Result<Value, ScimError> {
        Ok(body.into())
    }

    /// The message of RFC 7644 §3.5.2 that does what a PATCH asks for.
    ///
    /// # Errors
    /// As [`resource`](Self::resource).
    fn patch(
        &self,
        _caller: &Caller<'_>,
        _resource_type: &ResourceType,
        body: Object,
    ) -> Result<Value, ScimError> {
        Ok(body.into())
    }

    /// Whether a PATCH carries a part of a resource, and no message.
    fn patches_by_resource(&self) -> bool {
        false
    }

    /// Whether messages name themselves in their `schemas`.
    fn names_messages(&self) -> bool {
        true
    }

    /// Whether a query parameter means anything.
    fn knows(&self, _parameter: Parameter) -> bool {
        true
    }

    /// A name of an attribute in the terms of SCIM 2.0.
    fn name<'n>(&self, _resource_type: &ResourceType, name: &'n str) -> Cow<'n, str> {
        Cow::Borrowed(name)
    }

    /// Which attributes are wanted, in the terms of SCIM 2.0.
    fn projection(
        &self,
        _resource_type: &ResourceType,
        wanted: ProjectionParameters,
    ) -> ProjectionParameters {
        wanted
    }

    /// A filter of resources of these types, in the terms of SCIM 2.0.
    ///
    /// # Errors
    /// 400 `invalidFilter` for an operator that there is not.
    fn filter(
        &self,
        _types: &[Arc<ResourceType>],
        filter: Filter<'static>,
    ) -> Result<Filter<'static>, ScimError> {
        Ok(filter)
    }

    /// The condition of a write that names no version.
    ///
    /// # Errors
    /// 412 where it has to name one.
    fn no_version(&self) -> Result<Precondition, ScimError> {
        Ok(Precondition::Exists)
    }

    /// How resources of a type differ from what SCIM 2.0 shows.
    fn look(&self, _resource_type: &ResourceType) -> Look {
        Look::Same
    }

    /// Makes a resource look as it is shown here.
    fn show(&self, _caller: &Caller<'_>, _resource_type: &ResourceType, _shown: &mut Object) {}

    /// What a list says beside its resources, without the brace at its end.
    fn list_head(&self, list: &List) -> String {
        head_of(list)
    }

    /// All resources of a kind, on one page.
    fn whole_list(&self, resources: &[Value]) -> Value {
        json!({
            "schemas": [LIST_RESPONSE],
            "totalResults": resources.len(),
            "startIndex": 1,
            "itemsPerPage": resources.len(),
            "Resources": resources,
        })
    }

    /// What is told about the service provider.
    fn service_provider_config(&self, config: Value, _locations: &Locations) -> Value {
        config
    }

    /// All schemas.
    fn schemas(&self, discovery: &Discovery<'_>) -> Vec<Value> {
        discovery.schemas()
    }

    /// The schema of this id.
    fn schema_of(&self, discovery: &Discovery<'_>, id: &str) -> Option<Value> {
        discovery.schema_of(id)
    }

    /// The answer to a Bulk request.
    fn bulk(&self, answers: Vec<Answered>) -> Vec<u8> {
        bulk::message(answers)
    }

    /// The body of an error, where the host has none of its own.
    fn error(&self, error: &ErrorResponse) -> Vec<u8> {
        let mut text = Vec::new();
        write_json(&mut text, error);
        text
    }

    /// The status of a removal.
    fn removed(&self) -> StatusCode {
        StatusCode::NO_CONTENT
    }
}

/// How resources differ from what SCIM 2.0 shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// In nothing.
    Same,
    /// In attributes; relations are only without references.
    Attributes,
    /// In anything.
    Whole,
}

/// SCIM 2.0.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Two;

impl Dialect for Two {}
