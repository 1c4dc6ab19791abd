//! From the body of a write to what it means, whether it came alone or in a Bulk request.

use http::StatusCode;
use serde_json::Value;

use super::Engine;
use crate::{error::ScimError, hooks::Caller, patch::PatchRequest, schema::ResourceType};

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
        let request = PatchRequest::read(body)?;
        let limit = self.limits.operations;
        if request.operations.len() > limit {
            let detail = format!("a PATCH may have at most {limit} operations");
            return Err(ScimError::with_status(StatusCode::PAYLOAD_TOO_LARGE, detail));
        }
        Ok(request)
    }
}
