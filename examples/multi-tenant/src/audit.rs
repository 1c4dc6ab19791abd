//! A record of what was changed, by whom and in which request.

use scim_core::{Committed, Observer, RequestId};

/// Logs changes; values stay out, since logs are kept elsewhere and longer.
///
/// The id of the request is that of its answer and of everything else that is logged for it.
#[derive(Clone, Copy, Debug)]
pub struct Audit;

impl Observer for Audit {
    fn committed(&self, change: &Committed<'_>) {
        tracing::info!(
            target: "audit",
            sequence = change.sequence,
            request = change.request_id.map(RequestId::as_str),
            tenant = change.scope.tenant.as_str(),
            by = change.actor.subject(),
            resource_type = change.proposal.resource_type().name(),
            id = change.written.id.as_str(),
            effect = ?change.written.effect,
        );
    }
}
