//! From a request to the operation it asks for.

use std::{error::Error, sync::Arc};

use bytes::Bytes;
use http::{Method, request::Parts};
use serde_json::Value;

use super::{
    asking::{Asking, selection},
    bulk,
    content::{BodyLimit, read_body},
    dialect::Dialect,
    endpoint::Endpoint,
    error_response::ErrorResponse,
    etag::IfMatch,
    format::Format,
    json::read_object,
    list_parameters::ListParameters,
    me::not_offered,
    query, search_request,
};
use crate::{
    config::{Behaviour, Bulk, Limits},
    error::ScimError,
    hooks::Caller,
    methods::MethodSwitches,
    ops::{BulkRequest, Edit, Engine, FilterPlace, Operation},
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
    pub(crate) dialect: &'a dyn Dialect,
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
                let parameters = query::read_list(self.head.uri.query(), self.dialect)?;
                Ok(self.list(&[resource_type], &parameters, notes)?)
            }
            Endpoint::Root => {
                let parameters = query::read_list(self.head.uri.query(), self.dialect)?;
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
        let precondition = || self.precondition();
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
        let body = self.resource_object(resource_type, body)?;
        let body = self.dialect.resource(&self.caller, resource_type, body)?;
        Ok(self.engine.resource_body(&self.caller, resource_type, body)?)
    }

    fn patch(
        &self,
        resource_type: &ResourceType,
        body: &Bytes,
    ) -> Result<PatchRequest, ErrorResponse> {
        let body = match self.dialect.patches_by_resource() {
            true => self.resource_object(resource_type, body)?,
            false => self.object(body)?,
        };
        let body = self.dialect.patch(&self.caller, resource_type, body)?;
        Ok(self.engine.patch_body(&self.caller, resource_type, body)?)
    }

    fn bulk(&self, body: &Bytes) -> Result<BulkRequest, ErrorResponse> {
        // Bodies are as deep as alone, below the levels that hold them.
        let depth = self.engine.limits.json_depth.saturating_add(bulk::LEVELS);
        let body = self.object_within(body, depth)?;
        let Self { engine, dialect, caller, .. } = *self;
        let reading = bulk::Reading { registry: &engine.registry, dialect, caller };
        Ok(bulk::read_bulk(&reading, &engine.limits, body)?)
    }

    fn object(&self, body: &Bytes) -> Result<Object, ErrorResponse> {
        self.object_within(body, self.engine.limits.json_depth)
    }

    /// A body whose schema is known.
    fn resource_object(
        &self,
        resource_type: &ResourceType,
        body: &Bytes,
    ) -> Result<Object, ErrorResponse> {
        let depth = self.engine.limits.json_depth;
        let format = Format::of_content(&self.head.headers, self.dialect.understood_resources())?;
        #[cfg(feature = "xml")]
        if let (Format::Xml, Some(xml)) = (format, self.dialect.xml()) {
            return Ok(xml.read(resource_type, body, depth)?);
        }
        let _ = (format, resource_type);
        Ok(read_object(body, depth)?)
    }

    fn object_within(&self, body: &Bytes, depth: usize) -> Result<Object, ErrorResponse> {
        Format::of_content(&self.head.headers, self.dialect.understood())?;
        Ok(read_object(body, depth)?)
    }

    fn selection(&self, resource_type: &ResourceType) -> Result<Selection, ScimError> {
        let wanted = query::read_projection(self.head.uri.query(), self.dialect)?;
        Ok(selection(resource_type, &self.dialect.projection(resource_type, wanted)))
    }

    /// What a query asks for; its filter stands where its method puts it.
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
        let Self { engine, behaviour, dialect, .. } = *self;
        let asking = Asking { engine, behaviour, dialect, filter_place };
        Ok((asking.list(types, parameters, notes)?, Selection::default()))
    }

    /// The client's condition on the version of what it changes or deletes.
    fn precondition(&self) -> Result<Precondition, ScimError> {
        match IfMatch::read(&self.head.headers)? {
            Some(condition) => Ok(condition.into_precondition()),
            None => self.dialect.no_version(),
        }
    }
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
