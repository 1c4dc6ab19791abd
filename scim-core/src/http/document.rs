//! A resource as whole text, for those who are not sent a response.

use super::{
    location::Locations,
    render::{Draft, References, Renderer},
    segments::Segments,
};
use crate::{
    ops::{Context, Engine, Failure},
    resource::Selection,
    store::Resource,
};

/// The JSON that a client would be sent of a resource, with all of its edges, before any
/// [`Mapping`](crate::Mapping).
///
/// # Errors
/// When a stored document is not what was written, or the store cannot answer.
pub(crate) async fn document(
    engine: &Engine,
    context: &Context,
    selection: &Selection,
    resource: &Resource,
) -> Result<Vec<u8>, Failure> {
    let locations = &Locations::new(context.base.clone());
    let projection = engine.projections.of(&resource.resource_type, selection);
    let (views, mut draft) = (&projection.relations, Draft::default());
    let references = References::Shown;
    Renderer { selection, locations, references }.resource(resource, views, &mut draft)?;
    let mut segments = Segments::new(engine.store.clone(), context.scope.clone(), draft.finish());
    let mut text = Vec::new();
    while let Some(part) = segments.part().await.map_err(Failure::internal)? {
        text.extend_from_slice(&part);
    }
    Ok(text)
}
