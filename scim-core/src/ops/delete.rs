//! Removing a resource (RFC 7644 §3.6).

use super::{Context, Engine, Failure, Outcome};
use crate::store::{Delete, Key, Precondition, Write};

impl Engine {
    /// # Errors
    /// 404 when there is no such resource, 412 when it has another version.
    pub(super) async fn delete(
        &self,
        context: &mut Context,
        key: Key,
        precondition: Precondition,
    ) -> Result<Outcome, Failure> {
        self.write_one(context, Write::Delete(Delete { key, precondition })).await?;
        Ok(Outcome::Done(None))
    }
}
