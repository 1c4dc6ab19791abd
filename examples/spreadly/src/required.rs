//! Every user has an import key.

use async_trait::async_trait;
use scim_core::{Caller, Policy, Proposal, ScimError, ScimType};

/// Refuses users without an `externalId`. It is a common attribute, whose characteristics are the
/// same everywhere (RFC 7643 §3.1), so that no schema can require it.
#[derive(Debug)]
pub(crate) struct ImportKey;

#[async_trait]
impl Policy for ImportKey {
    async fn review(&self, _: &Caller<'_>, proposal: &mut Proposal) -> Result<(), ScimError> {
        let Some(after) = proposal.after_mut() else { return Ok(()) };
        let key = after.get("externalId").and_then(|it| it.as_str()).unwrap_or_default();
        if key.trim().is_empty() {
            return Err(
                ScimError::new(ScimType::InvalidValue, "a value is required").at("externalId")
            );
        }
        Ok(())
    }
}
