//! Adding a resource (RFC 7644 §3.3).

use std::sync::Arc;

use serde_json::Value;

use super::{Context, Engine, Failure, Outcome, relations, unique};
use crate::{
    resource::{Document, ResourceId},
    schema::ResourceType,
    store::{Effect, Insert, Key, Related, Resource, Write, Written},
    validate,
};

impl Engine {
    /// # Errors
    /// 400 for a body that does not fit the schema, 409 `uniqueness` for a unique value that is
    /// taken.
    pub(super) async fn create(
        &self,
        context: &mut Context,
        resource_type: &Arc<ResourceType>,
        body: Value,
    ) -> Result<Outcome, Failure> {
        let rules = &self.behaviour.rules;
        let notes = &mut context.notes;
        let mut values = validate::resource(&self.registry, resource_type, body, notes, rules)?;
        validate::required(resource_type, &values)?;
        self.keep_secrets(&context.scope, resource_type, &mut values, None, notes).await?;
        let targets = relations::take_targets(&self.registry, resource_type, &mut values)?;
        let mut insert = Insert::new(
            Key::new(resource_type, ResourceId::fresh()),
            Document::new(resource_type, values.clone()),
        );
        insert.label = unique::label(&values);
        insert.claims = unique::claims(resource_type, &values);
        insert.relations = relations::initial(targets, self.behaviour.unknown_targets);
        let has_edges = !insert.relations.is_empty();
        let document = insert.document.clone();
        let written = self.write_one(context, Write::Insert(insert)).await?;
        context.selection = std::mem::take(&mut context.selection)
            .with(super::replace::assigned(resource_type, &values));
        let key = Key::new(resource_type, written.id.clone());
        let created = match has_edges {
            true => self.read(context, &key).await?,
            false => None,
        };
        // Without edges the answer is known without reading it back.
        let created =
            created.unwrap_or_else(|| self.unrelated(context, resource_type, written, document));
        Ok(Outcome::Created(Box::new(created)))
    }

    fn unrelated(
        &self,
        context: &Context,
        resource_type: &Arc<ResourceType>,
        written: Written,
        document: Document,
    ) -> Resource {
        debug_assert_eq!(written.effect, Effect::Inserted);
        let views = relations::projection(resource_type, &context.selection, 0).relations.len();
        let mut resource = Resource::new(resource_type, written.id, written.meta, document);
        resource.relations = vec![Related::default(); views];
        resource
    }
}
