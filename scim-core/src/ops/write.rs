//! Steps that changing operations share.

use super::{Context, Engine, Failure, Outcome, relations, unique};
use crate::{
    patch,
    resource::{Document, Object},
    schema::ResourceType,
    store::{Batch, DocumentChange, Hidden, Key, Projection, Resource, StoreError, Write, Written},
    validate::NoteRule,
};

impl Engine {
    /// Reads a resource as the request wants it shown.
    pub(super) async fn read(
        &self,
        context: &Context,
        key: &Key,
    ) -> Result<Option<Resource>, StoreError> {
        let (selection, limit) = (&context.selection, self.limits.edges);
        let projection = relations::projection(&key.resource_type, selection, limit);
        self.store.get(&context.scope, key, &projection).await
    }

    /// Reads what a change of the document starts from.
    pub(super) async fn read_document(
        &self,
        context: &Context,
        key: &Key,
    ) -> Result<Resource, Failure> {
        let projection = Projection { hidden: Hidden::Load, relations: Vec::new() };
        let found = self.store.get(&context.scope, key, &projection).await?;
        found.ok_or_else(Failure::not_found)
    }

    /// Writes a batch of one entry.
    pub(super) async fn write_one(
        &self,
        context: &mut Context,
        write: Write,
    ) -> Result<Written, StoreError> {
        let written = self.store.write(&context.scope, Batch::from(write)).await?;
        let written = written.into_iter().next();
        let written = written.ok_or_else(|| StoreError::internal("the store lost an entry"))?;
        for skipped in &written.skipped {
            context.notes.add(skipped.as_str(), NoteRule::UnknownTargetSkipped);
        }
        Ok(written)
    }

    /// The resource after a change; nothing to show if it was deleted right after.
    pub(super) async fn changed(&self, context: &Context, key: &Key) -> Result<Outcome, Failure> {
        Ok(match self.read(context, key).await? {
            Some(resource) => Outcome::Resource(Box::new(resource)),
            None => Outcome::Done(None),
        })
    }
}

/// The change from one document to another; `None` if nothing differs.
pub(super) fn document_change(
    resource_type: &ResourceType,
    before: &Object,
    after: Object,
) -> Option<DocumentChange> {
    let changed = patch::changed(before, &after, resource_type);
    if changed.is_empty() {
        return None;
    }
    let label = unique::label(&after);
    let releases = unique::difference(resource_type, before, &after);
    let claims = unique::difference(resource_type, &after, before);
    let mut change = DocumentChange::new(Document::new(resource_type, after), changed);
    (change.label, change.releases, change.claims) = (label, releases, claims);
    Some(change)
}
