//! The stored values of a resource that is written without being read otherwise.

use super::{Context, Engine, Failure};
use crate::{
    hooks::{BeforeImage, Reading},
    resource::Object,
    store::{Key, Precondition},
};

impl Engine {
    /// The stored values, if the host's policy needs them, and the precondition under which they
    /// still hold; the caller may not write what it may not see.
    ///
    /// # Errors
    /// 404 when there is no such resource.
    pub(super) async fn before_image(
        &self,
        context: &Context,
        key: &Key,
        precondition: Precondition,
    ) -> Result<(Option<Object>, Precondition), Failure> {
        let policy = &self.hooks.policy;
        let is_blind = policy.before_image(&key.resource_type) == BeforeImage::Unneeded
            && self.visible(context, &key.resource_type, Reading::One)?.is_none();
        if is_blind {
            return Ok((None, precondition));
        }
        let current = self.read_document(context, key).await?;
        let unchanged = precondition.and_document(current.meta.revision.clone());
        Ok((Some(current.document.into_values()?), unchanged))
    }
}
