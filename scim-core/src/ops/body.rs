//! From the body of a write to what it means, whether it came alone or in a Bulk request.

use http::StatusCode;
use serde_json::Value;

use super::Engine;
use crate::{
    error::ScimError,
    hooks::Caller,
    patch::{PatchRequest, no_operations},
    schema::ResourceType,
};

impl Engine {
    /// The resource that a POST or PUT carries, as the host's mapping understands it.
    ///
    /// # Errors
    /// What the mapping refuses with.
    pub(crate) fn resource_body(
        &self,
        caller: &Caller<'_>,
        resource_type: &ResourceType,
        mut body: Value,
    ) -> Result<Value, ScimError> {
        self.hooks.mapping.incoming(caller, resource_type, &mut body)?;
        Ok(body)
    }

    /// The operations that a PATCH carries.
    ///
    /// # Errors
    /// 400 for another message, 413 for too many operations, and what the mapping refuses with.
    pub(crate) fn patch_body(
        &self,
        caller: &Caller<'_>,
        resource_type: &ResourceType,
        mut body: Value,
    ) -> Result<PatchRequest, ScimError> {
        self.hooks.mapping.incoming_patch(caller, resource_type, &mut body)?;
        self.bounded(PatchRequest::read(body)?)
    }

    /// A PATCH that has at least one operation and no more than it may.
    ///
    /// # Errors
    /// 400 `invalidSyntax` for none, 413 for too many operations.
    pub(crate) fn bounded(&self, request: PatchRequest) -> Result<PatchRequest, ScimError> {
        if request.operations.is_empty() {
            return Err(no_operations());
        }
        let limit = self.limits.operations;
        if request.operations.len() > limit {
            let detail = format!("a PATCH may have at most {limit} operations");
            return Err(ScimError::with_status(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        Ok(request)
    }
}
