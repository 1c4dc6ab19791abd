//! What the client gets to see of a write: what was written, not what others made of it since.

use super::{Context, Engine, Failure, Outcome, write::Settled};
use crate::{
    hooks::{Proposal, ProposedDocument, Reading},
    resource::Document,
    store::{Documents, Key, Related, Resource, Written},
};

impl Engine {
    /// What was written is never answered as a failure: the client would write it again.
    pub(super) async fn answer(&self, context: &Context, settled: Settled) -> Outcome {
        let Settled { proposal, written, modification } = settled;
        if modification.as_ref().is_some_and(|it| it.deletes()) {
            return Outcome::Done(None);
        }
        let is_brief = modification.is_some_and(|it| it.is_brief(&context.behaviour));
        if is_brief && !context.selection.is_explicit() {
            return Outcome::Done(Some(written.meta.version));
        }
        let is_new = is_new(&proposal);
        let key = Key::new(proposal.resource_type(), written.id.clone());
        let version = written.meta.version.clone();
        match self.shown(context, &proposal, written).await {
            Ok(Some(resource)) if is_new => Outcome::Created(Box::new(resource)),
            Ok(Some(resource)) => Outcome::Resource(Box::new(resource)),
            // C-004: whatever became of it since, it was added.
            Ok(None) if is_new => Outcome::Added(key, version),
            Ok(None) => Outcome::Done(None),
            Err(failure) => {
                failure.log_after_write();
                if is_new { Outcome::Added(key, version) } else { Outcome::Done(Some(version)) }
            }
        }
    }

    /// The resource after a write; `None` if the caller may not see it. One that it added, the
    /// caller may see in any case.
    async fn shown(
        &self,
        context: &Context,
        proposal: &Proposal,
        written: Written,
    ) -> Result<Option<Resource>, Failure> {
        let resource_type = proposal.resource_type();
        let key = Key::new(resource_type, written.id.clone());
        let Some(document) = proposal.after().map(|it| it.composed(resource_type)) else {
            return self.read(context, &key).await;
        };
        let is_seen =
            is_new(proposal) || self.visible(context, resource_type, Reading::One)?.is_none();
        if !is_seen || self.capabilities.documents == Documents::Derived {
            let read = self.read(context, &key).await?;
            if read.is_some() || !is_seen {
                return Ok(read);
            }
        }
        self.as_written(context, &key, proposal, document, written).await
    }

    /// The resource as it was written, with the edges that it has by now; `None` if it is gone.
    async fn as_written(
        &self,
        context: &Context,
        key: &Key,
        proposal: &Proposal,
        document: Document,
        written: Written,
    ) -> Result<Option<Resource>, Failure> {
        let mut resource = Resource::new(&key.resource_type, written.id, written.meta, document);
        let projection = self.projections.of(&key.resource_type, &context.selection);
        let may_have_edges = !is_new(proposal) || !proposal.relations.is_empty();
        resource.relations = match may_have_edges && !projection.relations.is_empty() {
            true => match self.store.get(&context.scope, key, &projection).await? {
                Some(read) => read.relations,
                None => return Ok(None),
            },
            false => vec![Related::default(); projection.relations.len()],
        };
        Ok(Some(resource))
    }
}

fn is_new(proposal: &Proposal) -> bool {
    matches!(proposal.document, ProposedDocument::New(_))
}
