//! Adding a resource (RFC 7644 §3.3).

use http::Method;
use serde_json::Value;

use super::{
    Context, Engine, Failure, relations, retry::Attempts, selected::assigned, write::Settled,
};
use crate::{
    hooks::{Proposal, ProposedDocument, Resolution},
    profile::advised,
    store::{Key, Precondition, StoreError, StoreErrorKind},
    validate::{self, Known},
};

impl Engine {
    /// What a body proposes to add.
    ///
    /// # Errors
    /// 400 for a body that does not fit the schema.
    pub(super) async fn propose_new(
        &self,
        context: &mut Context,
        key: Key,
        body: Value,
    ) -> Result<Proposal, Failure> {
        let resource_type = key.resource_type.clone();
        let behaviour = context.behaviour.clone();
        let notes = &mut context.notes;
        let mut values =
            validate::resource(&self.registry, &resource_type, body, notes, &behaviour.rules)
                .map_err(advised)?;
        validate::required(&resource_type, &values, Known::All).map_err(advised)?;
        let assigned = assigned(&resource_type, &values);
        self.keep_secrets(context, &key, &mut values, None).await?;
        context.selection.also_show(assigned);
        let targets = relations::take_targets(&self.registry, &resource_type, &mut values)
            .map_err(advised)?;
        let mut proposal = Proposal::new(key, ProposedDocument::New(values.into()));
        proposal.relations = relations::initial(targets, behaviour.unknown_targets);
        Ok(proposal)
    }

    /// Lets the host decide what becomes of a create whose unique value is taken, and decide
    /// again when the holder changes meanwhile.
    ///
    /// # Errors
    /// What the create failed with, unless the host wants the holder to be changed instead.
    pub(super) async fn resolve_conflict(
        &self,
        context: &mut Context,
        proposal: Proposal,
        failure: StoreError,
    ) -> Result<Settled, Failure> {
        let StoreErrorKind::Conflict { holder, .. } = failure.kind() else {
            return Err(failure.into());
        };
        let key = Key::new(proposal.resource_type(), holder.clone());
        let mut attempts = Attempts::new(context);
        loop {
            let attempt = self.change_holder(context, &proposal, &key).await;
            return match attempts.settle(context, attempt) {
                None => continue,
                Some(Ok(Some(settled))) => Ok(settled),
                Some(Ok(None)) => Err(failure.into()),
                Some(Err(failure)) => Err(failure),
            };
        }
    }

    async fn change_holder(
        &self,
        context: &mut Context,
        proposal: &Proposal,
        key: &Key,
    ) -> Result<Option<Settled>, Failure> {
        let Some(holder) = self.read_for_host(context, key).await? else { return Ok(None) };
        holder.document.values()?;
        let resolution = self.hooks.policy.conflict(&context.caller(), proposal, &holder).await?;
        let Resolution::ChangeHolder(after) = resolution else { return Ok(None) };
        let unchanged = Precondition::Document(holder.meta.revision.clone());
        let (before, after) = (holder.document.into(), after.into());
        let document = ProposedDocument::Changed { before, after };
        let mut proposal = Proposal::new(key.clone(), document).asked_by(Method::POST);
        self.review_by_host(context, &mut proposal).await?;
        let written = self.commit(context, &proposal, unchanged).await?;
        Ok(Some(Settled { proposal, written, modification: None }))
    }
}
