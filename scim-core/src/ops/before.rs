//! The stored values that a write starts from.

use super::{Context, Engine, Failure};
use crate::{
    hooks::{BeforeImage, Proposal, Reading},
    resource::Values,
    store::{Key, Precondition, StoreError},
};

/// Values, and the precondition under which they still hold.
type Start<T> = (T, Precondition);

impl Engine {
    /// The values that a change of the document starts from: those that an earlier proposal for
    /// the same batch leaves, else those that are stored.
    ///
    /// # Errors
    /// 404 when there is no such resource, 412 when it has another version than the client asks
    /// for.
    pub(super) async fn load(
        &self,
        context: &Context,
        key: &Key,
        precondition: Precondition,
        earlier: Option<&Proposal>,
    ) -> Result<Start<Values>, Failure> {
        if let Some(values) = earlier.and_then(Proposal::after) {
            return Ok((values.clone(), precondition));
        }
        let current = self.read_document(context, key).await?;
        // V-008: before anyone is asked about content that was made for another version.
        precondition.check(&current.meta).map_err(StoreError::new)?;
        Ok((current.document.into(), precondition.and_document(current.meta.revision)))
    }

    /// The same for a write that does without them: they are read if the host's policy needs
    /// them, and because the caller may not write what it may not see.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub(super) async fn before_image(
        &self,
        context: &Context,
        key: &Key,
        precondition: Precondition,
        earlier: Option<&Proposal>,
    ) -> Result<Start<Option<Values>>, Failure> {
        let policy = &self.hooks.policy;
        let is_blind = policy.before_image(&key.resource_type) == BeforeImage::Unneeded
            && self.visible(context, &key.resource_type, Reading::One)?.is_none();
        if is_blind {
            return Ok((None, precondition));
        }
        let (values, unchanged) = self.load(context, key, precondition, earlier).await?;
        values.read()?;
        Ok((Some(values), unchanged))
    }
}
