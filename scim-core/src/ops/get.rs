//! Reading one resource (RFC 7644 §3.4.1).

use super::{Context, Engine, Failure, Outcome};
use crate::store::Key;

impl Engine {
    /// # Errors
    /// 404 when there is no such resource.
    pub(super) async fn get(&self, context: &Context, key: &Key) -> Result<Outcome, Failure> {
        let found = self.read(context, key).await?;
        found.map(|resource| Outcome::Resource(Box::new(resource))).ok_or_else(Failure::not_found)
    }
}
