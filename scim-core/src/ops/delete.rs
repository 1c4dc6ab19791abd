//! Removing a resource (RFC 7644 §3.6).

use super::{Context, Engine, Failure, Outcome, retry::Attempts};
use crate::{
    hooks::{Proposal, ProposedDocument},
    store::{Key, Precondition},
};

impl Engine {
    /// # Errors
    /// 404 when there is no such resource, 412 when it has another version.
    pub(super) async fn delete(
        &self,
        context: &mut Context,
        key: Key,
        precondition: Precondition,
    ) -> Result<Outcome, Failure> {
        let mut attempts = Attempts::new(context);
        loop {
            let attempt = self.delete_once(context, &key, precondition.clone()).await;
            if let Some(outcome) = attempts.settle(context, attempt) {
                return outcome.map(|()| Outcome::Done(None));
            }
        }
    }

    async fn delete_once(
        &self,
        context: &mut Context,
        key: &Key,
        precondition: Precondition,
    ) -> Result<(), Failure> {
        let (before, precondition) = self.before_image(context, key, precondition).await?;
        let document = ProposedDocument::Deleted { before };
        let mut proposal = Proposal::new(key.clone(), document);
        self.review(context, &mut proposal).await?;
        self.commit(context, &proposal, precondition).await?;
        Ok(())
    }
}
