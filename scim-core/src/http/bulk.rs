//! The messages of Bulk requests (RFC 7644 §3.7).

use std::collections::HashSet;

use http::{Method, StatusCode, request::Parts};
use serde::Serialize;
use serde_json::Value;

use super::{
    dialect::Dialect,
    endpoint::Endpoint,
    error_response::ErrorResponse,
    etag::{EntityTag, IfMatch},
    json_text::write_json,
    location::Locations,
    message::{check_schema, take},
};
use crate::{
    config::Limits,
    error::{ScimError, ScimType},
    hooks::{Caller, Policy, Presentation},
    methods::MethodSwitches,
    ops::{BulkAnswer, BulkItem, BulkOperation, BulkRequest, BulkVerb, EffectKind},
    resource::Object,
    schema::{Registry, ResourceType},
    store::{Key, Precondition},
};

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// How many levels of nesting hold the body of an operation: message, list, operation.
pub(super) const LEVELS: usize = 3;

/// What the bodies of operations are read with.
pub(super) struct Reading<'a> {
    pub(super) registry: &'a Registry,
    pub(super) dialect: &'a dyn Dialect,
    pub(super) caller: Caller<'a>,
}

impl Reading<'_> {
    fn resource(&self, resource_type: &ResourceType, data: Object) -> Result<Value, ScimError> {
        self.dialect.resource(&self.caller, resource_type, data)
    }

    fn patch(&self, resource_type: &ResourceType, data: Object) -> Result<Value, ScimError> {
        self.dialect.patch(&self.caller, resource_type, data)
    }
}

/// Reads the body of a Bulk request. What is wrong with one operation is that operation's failure.
///
/// # Errors
/// 400 `invalidSyntax` for another message, 400 `invalidValue` for a bulkId that is given twice
/// (B-004), 413 for more operations than allowed (B-022).
pub(super) fn read_bulk(
    reading: &Reading<'_>,
    limits: &Limits,
    mut body: Object,
) -> Result<BulkRequest, ScimError> {
    if reading.dialect.names_messages() {
        check_schema(&body, BULK_REQUEST)?;
    }
    let fail_on_errors = take(&mut body, "failOnErrors");
    let fail_on_errors = fail_on_errors.as_ref().map(read_fail_on_errors).transpose()?;
    let Some(Value::Array(operations)) = take(&mut body, "Operations") else {
        return Err(invalid("expected an array of operations", "Operations"));
    };
    let limit = limits.bulk_operations;
    if operations.len() > limit {
        let detail = format!("more than {limit} operations (`maxOperations`)");
        return Err(ScimError::with_status(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    let items: Vec<_> = operations.into_iter().map(|it| read_item(reading, it)).collect();
    check_bulk_ids(&items)?;
    Ok(BulkRequest { items, fail_on_errors })
}

/// Refuses operations whose method is switched off for the type.
pub(crate) fn refuse_switched_off(methods: &MethodSwitches, request: &mut BulkRequest) {
    for item in &mut request.items {
        let (Some(verb), Ok(operation)) = (item.verb, &item.operation) else { continue };
        let method = method_of(verb);
        if !methods.allow(operation.resource_type(), &method) {
            let detail = format!("resources of this type do not answer to {method}");
            item.operation = Err(ScimError::with_status(StatusCode::METHOD_NOT_ALLOWED, detail));
        }
    }
}

/// Asks the host about each operation as if it came alone (B-024); those that it does not admit
/// fail with what it says.
pub(crate) async fn admit_each(
    policy: &dyn Policy,
    caller: &Caller<'_>,
    head: &Parts,
    base: &str,
    request: &mut BulkRequest,
) {
    let mut alone = head.clone();
    let locations = Locations::new(base);
    for item in &mut request.items {
        let (Some(verb), Ok(operation)) = (item.verb, &item.operation) else { continue };
        alone.method = method_of(verb);
        let path = match (operation, &item.key) {
            (BulkOperation::Create(resource_type, _), _) => {
                locations.endpoint(resource_type.endpoint())
            }
            (_, Some(key)) => locations.resource(&key.resource_type, &key.id),
            (_, None) => continue,
        };
        let admitted = match path.parse() {
            Ok(uri) => {
                alone.uri = uri;
                policy.admit(caller, &alone).await
            }
            Err(_) => Err(invalid("too long for a path", "path")),
        };
        if let Err(error) = admitted {
            item.operation = Err(error);
        }
    }
}

/// What is told of the operations (B-007, B-011 to B-014).
pub(super) fn answered(
    answers: Vec<BulkAnswer>,
    locations: &Locations,
    head: &Parts,
    presentation: &dyn Presentation,
) -> Vec<Answered> {
    let answered = |answer: BulkAnswer| {
        let (version, result) = match answer.result {
            Ok(effect) => (effect.version, Ok(effect.kind)),
            Err(failure) => {
                let error = ErrorResponse::from(failure);
                let shown = presentation.error(head, error.error());
                (None, Err(error.shown_as(shown)))
            }
        };
        Answered {
            location: answer.key.map(|key| locations.resource(&key.resource_type, &key.id)),
            method: answer.verb.map(|verb| method_of(verb).to_string()),
            bulk_id: answer.bulk_id,
            version: version.map(|version| EntityTag(&version).to_string()),
            result,
        }
    };
    answers.into_iter().map(answered).collect()
}

/// The message of RFC 7644 §3.7.
pub(super) fn message(answers: Vec<Answered>) -> Vec<u8> {
    let operations = answers.into_iter().map(Written::from).collect();
    let mut text = Vec::new();
    write_json(&mut text, &BulkResponse { schemas: [BULK_RESPONSE], operations });
    text
}

#[derive(Serialize)]
struct BulkResponse {
    schemas: [&'static str; 1],
    #[serde(rename = "Operations")]
    operations: Vec<Written>,
}

/// What is told of an operation.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(super) location: Option<String>,
    pub(super) method: Option<String>,
    pub(super) bulk_id: Option<Box<str>>,
    pub(super) version: Option<String>,
    pub(super) result: Result<EffectKind, ErrorResponse>,
}

impl From<Answered> for Written {
    fn from(answered: Answered) -> Self {
        let Answered { location, method, bulk_id, version, result } = answered;
        let status = match &result {
            Ok(kind) => kind.status(),
            Err(error) => error.error().status(),
        };
        let status = status.as_str().into();
        Self { location, method, bulk_id, version, status, response: result.err() }
    }
}

/// An operation in the response. The order of members is that of the RFC's examples.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bulk_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// A string (B-012).
    status: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<ErrorResponse>,
}

fn read_fail_on_errors(limit: &Value) -> Result<usize, ScimError> {
    let limit = limit.as_u64().filter(|limit| *limit > 0);
    let limit = limit.ok_or_else(|| invalid("expected a positive integer", "failOnErrors"))?;
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

fn check_bulk_ids(items: &[BulkItem]) -> Result<(), ScimError> {
    let creates = items.iter().filter(|item| item.verb == Some(BulkVerb::Create));
    let mut seen = HashSet::new();
    match creates.filter_map(|item| item.bulk_id.as_deref()).find(|it| !seen.insert(*it)) {
        None => Ok(()),
        Some(twice) => {
            let detail = format!("`{twice}` is given to more than one resource");
            Err(ScimError::new(ScimType::InvalidValue, detail).at("bulkId"))
        }
    }
}

fn read_item(reading: &Reading<'_>, item: Value) -> BulkItem {
    let Value::Object(mut item) = item else {
        let operation = Err(invalid("expected a JSON object", "Operations"));
        return BulkItem { verb: None, bulk_id: None, key: None, operation };
    };
    let verb = take(&mut item, "method").as_ref().and_then(Value::as_str).and_then(verb_of);
    let bulk_id: Option<Box<str>> = match take(&mut item, "bulkId") {
        Some(Value::String(bulk_id)) if !bulk_id.is_empty() => Some(bulk_id.into()),
        _ => None,
    };
    let endpoint = read_path(reading.registry, take(&mut item, "path"));
    let key = match (&endpoint, verb) {
        (Ok(Endpoint::Resource(..)), Some(BulkVerb::Create)) => None,
        (Ok(Endpoint::Resource(resource_type, id)), _) => Some(Key::new(resource_type, id.clone())),
        _ => None,
    };
    let operation = match (verb, endpoint) {
        (None, _) => Err(invalid("expected `POST`, `PUT`, `PATCH` or `DELETE`", "method")),
        (_, Err(error)) => Err(error),
        (Some(BulkVerb::Create), Ok(_)) if bulk_id.is_none() => {
            Err(invalid("a POST needs a text that others can refer to", "bulkId"))
        }
        (Some(verb), Ok(endpoint)) => read_operation(reading, verb, endpoint, item),
    };
    BulkItem { verb, bulk_id, key, operation }
}

fn read_operation(
    reading: &Reading<'_>,
    verb: BulkVerb,
    endpoint: Endpoint,
    mut item: Object,
) -> Result<BulkOperation, ScimError> {
    match (verb, endpoint) {
        (BulkVerb::Create, Endpoint::Resources(resource_type)) => {
            let data = reading.resource(&resource_type, read_data(&mut item)?)?;
            Ok(BulkOperation::Create(resource_type, data))
        }
        (BulkVerb::Create, _) => Err(invalid("a POST goes to the endpoint of a type", "path")),
        (verb, Endpoint::Resource(resource_type, id)) => {
            let key = Key { resource_type, id };
            let precondition = read_version(reading.dialect, &mut item)?;
            if verb == BulkVerb::Delete {
                return Ok(BulkOperation::Delete(key, precondition));
            }
            let data = read_data(&mut item)?;
            Ok(match verb {
                BulkVerb::Patch => {
                    let data = reading.patch(&key.resource_type, data)?;
                    BulkOperation::Patch(key, data, precondition)
                }
                _ => {
                    let data = reading.resource(&key.resource_type, data)?;
                    BulkOperation::Replace(key, data, precondition)
                }
            })
        }
        _ => Err(invalid("the operation goes to one resource", "path")),
    }
}

/// The endpoint that a path names (B-006).
fn read_path(registry: &Registry, path: Option<Value>) -> Result<Endpoint, ScimError> {
    let Some(Value::String(path)) = path else { return Err(invalid("expected a path", "path")) };
    let endpoint = Endpoint::of_path(registry, &path)
        .map_err(|_| invalid("expected a path below the base, such as `/Users`", "path"))?;
    endpoint
        .ok_or_else(|| ScimError::with_status(StatusCode::NOT_FOUND, "no such endpoint").at("path"))
}

fn read_data(item: &mut Object) -> Result<Object, ScimError> {
    match take(item, "data") {
        Some(Value::Object(data)) => Ok(data),
        _ => Err(invalid("expected a JSON object", "data")),
    }
}

fn read_version(dialect: &dyn Dialect, item: &mut Object) -> Result<Precondition, ScimError> {
    let Some(version) = take(item, "version") else { return dialect.no_version() };
    let condition = version.as_str().and_then(IfMatch::of_version);
    let malformed = || invalid("expected an entity tag, such as `W/\"7\"`", "version");
    Ok(condition.ok_or_else(malformed)?.into_precondition())
}

fn verb_of(method: &str) -> Option<BulkVerb> {
    use BulkVerb::{Create, Delete, Patch, Replace};

    let verbs = [Create, Replace, Patch, Delete];
    verbs.into_iter().find(|verb| method_of(*verb).as_str().eq_ignore_ascii_case(method))
}

fn method_of(verb: BulkVerb) -> Method {
    match verb {
        BulkVerb::Create => Method::POST,
        BulkVerb::Replace => Method::PUT,
        BulkVerb::Patch => Method::PATCH,
        BulkVerb::Delete => Method::DELETE,
    }
}

impl EffectKind {
    /// The status of the single request (B-012).
    pub(super) fn status(self) -> StatusCode {
        match self {
            Self::Created => StatusCode::CREATED,
            Self::Changed => StatusCode::OK,
            Self::Brief | Self::Deleted => StatusCode::NO_CONTENT,
        }
    }
}

fn invalid(detail: &'static str, member: &'static str) -> ScimError {
    ScimError::new(ScimType::InvalidSyntax, detail).at(member)
}
