//! From a request to the operation it asks for.

use std::{error::Error, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Method, request::Parts};
use scim_filter::{Filter, ParseError, ParseErrorKind};
use serde_json::Value;

use super::{
    bulk,
    content::{BodyLimit, read_body},
    error_response::ErrorResponse,
    etag::IfMatch,
    json,
    list_parameters::{ListParameters, ProjectionParameters},
    me::not_offered,
    media_type, query,
    route::Endpoint,
    search_request,
};
use crate::{
    config::{Behaviour, Bulk, Limits},
    error::{ScimError, ScimType},
    hooks::Caller,
    methods::MethodSwitches,
    ops::{BulkRequest, Edit, Engine, FilterPlace, ListRequest, Listed, Operation, Paging},
    patch::PatchRequest,
    resource::{Object, ResourceId, Selection},
    schema::ResourceType,
    store::{Key, Precondition},
    validate::Notes,
};

/// A request on its way to becoming an operation.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) head: &'a Parts,
    pub(crate) engine: &'a Engine,
    pub(crate) behaviour: &'a Behaviour,
    pub(crate) caller: Caller<'a>,
    pub(crate) methods: &'a MethodSwitches,
}

type Asked = (Operation, Selection);

impl Incoming<'_> {
    /// The operation that a request asks for, and what its answer shows.
    ///
    /// # Errors
    /// 400 for a malformed body, filter or parameter, 415 for a body that is no JSON, 501 for what
    /// this service provider does not offer.
    pub(crate) fn operation(
        &self,
        endpoint: Endpoint,
        body: &Bytes,
        notes: &mut Notes,
    ) -> Result<Asked, ErrorResponse> {
        match endpoint {
            Endpoint::Resources(resource_type) if self.head.method == Method::POST => {
                let selection = self.selection(&resource_type)?;
                let body = self.resource(&resource_type, body)?;
                let key = Key::new(&resource_type, ResourceId::fresh());
                Ok((Operation::Write(Edit::Create(key, body)), selection))
            }
            Endpoint::Resources(resource_type) => {
                let parameters = query::read_list(self.head.uri.query())?;
                Ok(self.list(&[resource_type], &parameters, notes)?)
            }
            Endpoint::Root => {
                let parameters = query::read_list(self.head.uri.query())?;
                Ok(self.list(&self.readable_types(), &parameters, notes)?)
            }
            Endpoint::Search(resource_type) => {
                let parameters = search_request::read_search_request(&self.object(body)?)?;
                let types = resource_type.map_or_else(|| self.readable_types(), |it| vec![it]);
                Ok(self.list(&types, &parameters, notes)?)
            }
            Endpoint::Resource(resource_type, id) => {
                let selection = self.selection(&resource_type)?;
                Ok((self.one(Key { resource_type, id }, body)?, selection))
            }
            Endpoint::Me => Err(not_offered("/Me").into()),
            Endpoint::Bulk if self.behaviour.bulk == Bulk::Off => Err(not_offered("/Bulk").into()),
            Endpoint::Bulk => Ok((Operation::Bulk(self.bulk(body)?), Selection::default())),
            Endpoint::ServiceProviderConfig
            | Endpoint::Schemas
            | Endpoint::Schema(_)
            | Endpoint::ResourceTypes
            | Endpoint::ResourceType(_) => Err(not_offered("writing discovery resources").into()),
        }
    }

    /// The types whose resources may be read at all.
    fn readable_types(&self) -> Vec<Arc<ResourceType>> {
        let types = self.engine.registry.resource_types().iter();
        types.filter(|it| self.methods.allow(it, &Method::GET)).cloned().collect()
    }

    /// What a request to one resource asks for.
    fn one(&self, key: Key, body: &Bytes) -> Result<Operation, ErrorResponse> {
        let precondition = || precondition(&self.head.headers);
        Ok(match self.head.method {
            Method::PUT => {
                let body = self.resource(&key.resource_type, body)?;
                Operation::Write(Edit::Replace(key, body, precondition()?))
            }
            Method::PATCH => {
                let request = self.patch(&key.resource_type, body)?;
                Operation::Write(Edit::Patch(key, request, precondition()?))
            }
            Method::DELETE => Operation::Write(Edit::Delete(key, precondition()?)),
            _ => Operation::Get(key),
        })
    }

    fn resource(&self, resource_type: &ResourceType, body: &Bytes) -> Result<Value, ErrorResponse> {
        let body = Value::Object(self.object(body)?);
        Ok(self.engine.resource_body(&self.caller, resource_type, body)?)
    }

    fn patch(
        &self,
        resource_type: &ResourceType,
        body: &Bytes,
    ) -> Result<PatchRequest, ErrorResponse> {
        let body = Value::Object(self.object(body)?);
        Ok(self.engine.patch_body(&self.caller, resource_type, body)?)
    }

    fn bulk(&self, body: &Bytes) -> Result<BulkRequest, ErrorResponse> {
        // Bodies are as deep as alone, below the levels that hold them.
        let depth = self.engine.limits.json_depth.saturating_add(bulk::LEVELS);
        let body = self.object_within(body, depth)?;
        Ok(bulk::read_bulk(&self.engine.registry, &self.engine.limits, body)?)
    }

    fn object(&self, body: &Bytes) -> Result<Object, ErrorResponse> {
        self.object_within(body, self.engine.limits.json_depth)
    }

    fn object_within(&self, body: &Bytes, depth: usize) -> Result<Object, ErrorResponse> {
        media_type::check_content(&self.head.headers)?;
        Ok(json::read_object(body, depth)?)
    }

    fn selection(&self, resource_type: &ResourceType) -> Result<Selection, ScimError> {
        let parameters = query::read_projection(self.head.uri.query())?;
        Ok(selection(resource_type, &parameters))
    }

    fn list(
        &self,
        types: &[Arc<ResourceType>],
        parameters: &ListParameters,
        notes: &mut Notes,
    ) -> Result<Asked, ScimError> {
        let filter_place = match self.head.method {
            Method::POST => FilterPlace::Body,
            _ => FilterPlace::Url,
        };
        let request = ListRequest {
            filter_place,
            filter: match &parameters.filter {
                Some(text) => Some(self.filter(text, types, notes)?),
                None => None,
            },
            sort_by: parameters.sort_by.clone(),
            sort_order: parameters.sort_order,
            paging: paging(parameters)?,
            count: parameters.count,
        };
        let listed = types.iter().map(|resource_type| Listed {
            resource_type: resource_type.clone(),
            selection: selection(resource_type, &parameters.projection),
        });
        Ok((Operation::List(listed.collect(), request), Selection::default()))
    }

    fn filter(
        &self,
        text: &str,
        types: &[Arc<ResourceType>],
        notes: &mut Notes,
    ) -> Result<Filter<'static>, ScimError> {
        let tolerance = &self.behaviour.filters;
        let parser = tolerance
            .parser()
            .max_depth(self.engine.limits.filter_depth)
            .max_terms(self.engine.limits.filter_terms)
            .max_len(self.engine.limits.filter_length);
        tolerance.read(text, parser, types, notes).map_err(|error| invalid_filter(text, &error))
    }
}

/// F-005: an unknown operator is named. Nothing else of the filter is, since it may be a secret.
fn invalid_filter(text: &str, error: &ParseError) -> ScimError {
    let named = text.get(error.span()).filter(|it| it.bytes().all(|b| b.is_ascii_alphabetic()));
    let detail = match (error.kind(), named) {
        (ParseErrorKind::Operator, Some(operator)) if (1..=20).contains(&operator.len()) => {
            format!("`{operator}`: {error}")
        }
        _ => error.to_string(),
    };
    ScimError::new(ScimType::InvalidFilter, detail).at("filter")
}

/// Reads a body while it is no larger than the endpoint takes; that of a method without one is not
/// waited for.
///
/// # Errors
/// 413 naming the limit.
pub(crate) async fn read_body_of<B>(
    head: &Parts,
    body: B,
    endpoint: &Endpoint,
    limits: &Limits,
) -> Result<Bytes, ScimError>
where
    B: http_body::Body,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let limit = match endpoint {
        Endpoint::Bulk => BodyLimit { bytes: limits.bulk_payload, name: Some("maxPayloadSize") },
        _ => BodyLimit { bytes: limits.body, name: None },
    };
    match head.method {
        Method::POST | Method::PUT | Method::PATCH => read_body(body, limit).await,
        _ => Ok(Bytes::new()),
    }
}

/// Index paging unless a cursor is given, as always before there were any (K-012, K-013).
fn paging(parameters: &ListParameters) -> Result<Paging, ScimError> {
    match (&parameters.cursor, parameters.start_index) {
        (Some(_), Some(_)) => {
            let detail = "`cursor` and `startIndex` exclude each other";
            Err(ScimError::new(ScimType::InvalidValue, detail))
        }
        (Some(cursor), None) => Ok(Paging::Cursor(cursor.clone())),
        (None, start_index) => Ok(Paging::Index(start_index.unwrap_or(1))),
    }
}

fn selection(resource_type: &ResourceType, parameters: &ProjectionParameters) -> Selection {
    match parameters {
        ProjectionParameters::Default => Selection::default(),
        ProjectionParameters::Only(names) => {
            Selection::only(resource_type, names.iter().map(String::as_str))
        }
        ProjectionParameters::Without(names) => {
            Selection::except(resource_type, names.iter().map(String::as_str))
        }
    }
}

/// The client's condition on the version of what it changes or deletes.
fn precondition(headers: &HeaderMap) -> Result<Precondition, ScimError> {
    Ok(IfMatch::read(headers)?.map_or(Precondition::Exists, IfMatch::into_precondition))
}
