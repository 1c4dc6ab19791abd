//! SCIM 1.1 on the wire (the draft `draft-scim-api-01`).

use std::{borrow::Cow, sync::Arc};

use http::{Method, StatusCode, request::Parts};
use scim_filter::Filter;
use serde_json::{Value, json};

use super::{
    bulk::Answered,
    dialect::{Dialect, Look},
    discovery::Discovery,
    endpoint::{Endpoint, resource_type},
    error_response::ErrorResponse,
    format::Format,
    json_text::write_json,
    list_parameters::ProjectionParameters,
    location::Locations,
    parameters::Parameter,
};
use crate::{
    config::{Behaviour, ResponseType},
    error::ScimError,
    hooks::{Caller, Mapping},
    ops::{EffectKind, List},
    patch::{EmptyAdd, ListedValues, Matching, PatchOptions, RequiredCheck},
    resource::{Object, ResourceId},
    schema::{Registry, ResourceType},
    scim11::{self, BulkResponse, CORE, Errors, MissingVersions, Names, Scim11, Suffixes},
    store::Precondition,
};

/// The header that says what a POST is meant to be (API §3.12).
const METHOD_OVERRIDE: &str = "x-http-method-override";

impl Dialect for Scim11 {
    fn formats(&self) -> &'static [Format] {
        #[cfg(feature = "xml")]
        if self.xml.is_some() {
            return &[Format::Json, Format::Xml];
        }
        &[Format::Json]
    }

    fn understood(&self) -> &'static [Format] {
        &[Format::Json, Format::Scim]
    }

    fn understood_resources(&self) -> &'static [Format] {
        #[cfg(feature = "xml")]
        if self.xml.is_some() {
            return &[Format::Json, Format::Scim, Format::Xml];
        }
        self.understood()
    }

    #[cfg(feature = "xml")]
    fn xml(&self) -> Option<&crate::xml::XmlFormat> {
        self.xml.as_ref()
    }

    fn answer_format(&self, head: &Parts, _: Option<ResponseType>) -> Result<Format, ScimError> {
        let Some((_, suffix)) = self.suffix(head.uri.path()) else {
            return Format::accepted(&head.headers, self.formats());
        };
        let of_suffix = |format: &&Format| format.suffix() == Some(suffix);
        self.formats().iter().find(of_suffix).copied().ok_or_else(|| {
            let detail = format!("there are no responses of the format `{suffix}`");
            ScimError::with_status(StatusCode::NOT_ACCEPTABLE, detail)
        })
    }

    /// Authorization and logs see the method that is meant.
    fn read_method(&self, head: &mut Parts) -> Result<(), ScimError> {
        let Some(named) = head.headers.get(METHOD_OVERRIDE) else { return Ok(()) };
        let known = [Method::PUT, Method::PATCH, Method::DELETE];
        let is_named = |it: &Method| named.as_bytes().eq_ignore_ascii_case(it.as_str().as_bytes());
        match known.into_iter().find(is_named) {
            Some(method) if head.method == Method::POST => {
                head.method = method;
                Ok(())
            }
            _ => {
                let detail = "`X-HTTP-Method-Override` makes PUT, PATCH or DELETE of a POST only";
                Err(ScimError::with_status(StatusCode::BAD_REQUEST, detail))
            }
        }
    }

    fn path<'p>(&self, path: &'p str) -> &'p str {
        self.suffix(path).map_or(path, |(rest, _)| rest)
    }

    fn endpoint(&self, registry: &Registry, segments: &[Cow<'_, str>]) -> Option<Endpoint> {
        let is = |segment: &str, name: &str| segment.eq_ignore_ascii_case(name);
        match segments {
            [first] if is(first, "ServiceProviderConfigs") => Some(Endpoint::ServiceProviderConfig),
            [first] if is(first, "Schemas") => Some(Endpoint::Schemas),
            [first, id] if is(first, "Schemas") => Some(Endpoint::Schema(id.to_string())),
            [first] if is(first, "Bulk") => Some(Endpoint::Bulk),
            [first] => resource_type(registry, first).map(Endpoint::Resources),
            [first, id] => resource_type(registry, first)
                .map(|it| Endpoint::Resource(it, ResourceId::new(&**id))),
            _ => None,
        }
    }

    /// What PATCH means is not the host's to choose (API §3.3.2).
    fn behaviour(&self, chosen: &Behaviour) -> Option<Behaviour> {
        let patch = PatchOptions {
            matching: Matching::ByValue,
            listed_values: ListedValues::Removed,
            required_check: RequiredCheck::AtEnd,
            empty_add: EmptyAdd::Ignore,
            ..chosen.patch.clone()
        };
        Some(Behaviour { patch, ..chosen.clone() })
    }

    fn resource(
        &self,
        caller: &Caller<'_>,
        resource_type: &ResourceType,
        body: Object,
    ) -> Result<Value, ScimError> {
        let mut body = Value::Object(body);
        if let Some(mapping) = &self.mapping {
            mapping.incoming(caller, resource_type, &mut body)?;
        }
        match body {
            Value::Object(body) => Ok(self.names(resource_type).resource(body)?.into()),
            other => Ok(other),
        }
    }

    fn patch(
        &self,
        caller: &Caller<'_>,
        resource_type: &ResourceType,
        body: Object,
    ) -> Result<Value, ScimError> {
        let mut body = Value::Object(body);
        if let Some(mapping) = &self.mapping {
            mapping.incoming_patch(caller, resource_type, &mut body)?;
        }
        match body {
            Value::Object(body) => self.names(resource_type).patch(body),
            other => Ok(other),
        }
    }

    fn patches_by_resource(&self) -> bool {
        true
    }

    fn names_messages(&self) -> bool {
        false
    }

    fn knows(&self, parameter: Parameter) -> bool {
        !matches!(parameter, Parameter::Cursor | Parameter::ExcludedAttributes)
    }

    fn name<'n>(&self, resource_type: &ResourceType, name: &'n str) -> Cow<'n, str> {
        self.names(resource_type).text(name).into()
    }

    /// `id` and `meta` are always there (API §3.2).
    fn projection(
        &self,
        resource_type: &ResourceType,
        wanted: ProjectionParameters,
    ) -> ProjectionParameters {
        let ProjectionParameters::Only(names) = wanted else { return wanted };
        let own = self.names(resource_type);
        let names = names.iter().map(|name| own.text(name));
        ProjectionParameters::Only(names.chain(["meta".to_owned()]).collect())
    }

    fn filter(
        &self,
        types: &[Arc<ResourceType>],
        filter: Filter<'static>,
    ) -> Result<Filter<'static>, ScimError> {
        let operators = self.operators;
        types.iter().try_fold(filter, |filter, it| self.names(it).filter(filter, operators))
    }

    fn no_version(&self) -> Result<Precondition, ScimError> {
        match self.missing_versions {
            MissingVersions::Accept => Ok(Precondition::Exists),
            MissingVersions::Refuse => {
                let detail = "the version that is changed must be named";
                Err(ScimError::with_status(StatusCode::PRECONDITION_FAILED, detail))
            }
        }
    }

    fn look(&self, resource_type: &ResourceType) -> Look {
        let is_mapped = |it: &Arc<dyn Mapping>| it.rewrites_answers(resource_type);
        match self.mapping.as_ref().is_some_and(is_mapped) {
            true => Look::Whole,
            false => Look::Attributes,
        }
    }

    fn show(&self, caller: &Caller<'_>, resource_type: &ResourceType, shown: &mut Object) {
        self.names(resource_type).show(shown);
        if let Some(mapping) = &self.mapping {
            mapping.outgoing(caller, resource_type, shown);
        }
    }

    fn list_head(&self, list: &List) -> String {
        let (total, start) = (list.total.unwrap_or_default(), list.start_index.unwrap_or(1));
        let count = list.resources.len();
        format!(
            "{{\"totalResults\":{total},\"itemsPerPage\":{count},\"startIndex\":{start},\
             \"schemas\":[\"{CORE}\"]"
        )
    }

    fn whole_list(&self, resources: &[Value]) -> Value {
        json!({
            "totalResults": resources.len(),
            "itemsPerPage": resources.len(),
            "startIndex": 1,
            "schemas": [CORE],
            "Resources": resources,
        })
    }

    fn service_provider_config(&self, config: Value, locations: &Locations) -> Value {
        let offers_xml = self.formats().iter().any(|it| it.suffix() == Some("xml"));
        let location = locations.endpoint("/ServiceProviderConfigs");
        scim11::service_provider_config(config, &location, offers_xml)
    }

    fn schemas(&self, discovery: &Discovery<'_>) -> Vec<Value> {
        scim11::schemas(discovery.registry, self)
    }

    fn schema_of(&self, discovery: &Discovery<'_>, id: &str) -> Option<Value> {
        scim11::schema_of(discovery.registry, self, id)
    }

    fn bulk(&self, answers: Vec<Answered>) -> Vec<u8> {
        let operation = |answer: Answered| scim11::Answered {
            location: answer.location,
            method: answer.method,
            bulk_id: answer.bulk_id,
            version: answer.version,
            status: match &answer.result {
                Err(error) => error.error().into(),
                Ok(EffectKind::Deleted) => self.removed().into(),
                Ok(kind) => kind.status().into(),
            },
        };
        let mut text = Vec::new();
        write_json(&mut text, &BulkResponse::new(answers.into_iter().map(operation).collect()));
        text
    }

    fn error(&self, error: &ErrorResponse) -> Vec<u8> {
        let mut text = Vec::new();
        match error.shown() {
            Some(shown) => write_json(&mut text, shown),
            None => write_json(&mut text, &Errors::from(error.error())),
        }
        text
    }

    /// API §3.4.
    fn removed(&self) -> StatusCode {
        StatusCode::OK
    }
}

impl Scim11 {
    fn names<'a>(&'a self, resource_type: &'a ResourceType) -> Names<'a> {
        Names { urns: &self.urns, resource_type }
    }

    /// The path before its suffix, and the suffix (API §3.6).
    fn suffix<'p>(&self, path: &'p str) -> Option<(&'p str, &'p str)> {
        let (rest, suffix) = path.rsplit_once('.')?;
        let is_suffix = self.suffixes == Suffixes::Read
            && ["json", "xml"].contains(&suffix)
            && !rest.ends_with('/');
        is_suffix.then_some((rest, suffix))
    }
}
