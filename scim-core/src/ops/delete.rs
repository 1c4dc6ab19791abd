//! Removing a resource (RFC 7644 §3.6).

use super::{Condition, Context, Engine, Failure, Outcome};
use crate::store::{Delete, Key, Precondition, Write};

impl Engine {
    /// # Errors
    /// 404 when there is no such resource, 412 when it has another version.
    pub(crate) async fn delete(
        &self,
        context: &Context,
        key: Key,
        condition: Condition,
    ) -> Result<Outcome, Failure> {
        let precondition = match condition {
            Condition::Unconditional => Precondition::Exists,
            Condition::AnyOf(versions) => Precondition::Version(versions),
        };
        let delete = Write::Delete(Delete { key, precondition });
        self.store.write(&context.scope, delete.into()).await?;
        Ok(Outcome::Done(None))
    }
}
