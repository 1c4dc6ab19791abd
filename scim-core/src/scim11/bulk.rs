//! What became of the operations of a Bulk request (API §3.5).

use http::StatusCode;
use serde::Serialize;

use super::{error::description, urns::CORE};
use crate::error::ScimError;

/// The body of the answer.
#[derive(Serialize)]
pub(crate) struct BulkResponse {
    schemas: [&'static str; 1],
    #[serde(rename = "Operations")]
    operations: Vec<Answered>,
}

impl BulkResponse {
    pub(crate) fn new(operations: Vec<Answered>) -> Self {
        Self { schemas: [CORE], operations }
    }
}

/// One operation. The order of members is that of the examples of the draft.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answered {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bulk_id: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<String>,
    pub(crate) status: Status,
}

/// What the status would be had the operation come alone.
#[derive(Serialize)]
pub(crate) struct Status {
    code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

impl From<StatusCode> for Status {
    fn from(status: StatusCode) -> Self {
        // A removal is 200 here (API §3.4).
        let code = status.as_str().to_owned();
        Self { code, description: None }
    }
}

impl From<&ScimError> for Status {
    fn from(error: &ScimError) -> Self {
        Self { description: Some(description(error)), ..Self::from(error.status()) }
    }
}
