//! What each SCIM operation does, step by step: the only room that awaits the store.
//!
//! An operation takes canonical input and answers with an [`Outcome`]; it knows nothing of HTTP.

mod create;
mod delete;
mod failure;
mod get;
mod list;
mod patch;
mod relations;
mod replace;
mod residual;
mod secrets;
mod unique;

use std::sync::Arc;

pub(crate) use failure::Failure;
pub(crate) use list::{List, ListRequest};

use crate::{
    config::{Behaviour, Limits},
    hooks::SecretKeeper,
    resource::{ResourceId, Selection, Version},
    schema::{Registry, ResourceType},
    store::{Key, Resource, Scope, Store, StoreError},
    validate::Notes,
};

/// The parts that every operation works with.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) registry: Arc<Registry>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) limits: Limits,
    pub(crate) behaviour: Behaviour,
    pub(crate) secrets: Option<Arc<dyn SecretKeeper>>,
}

/// What an operation needs to know of its request.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) scope: Scope,
    /// The absolute URL of the SCIM endpoint, without a slash at its end.
    pub(crate) base: Arc<str>,
    pub(crate) selection: Selection,
    pub(crate) notes: Notes,
}

/// The client's condition on the version of the resource it changes or deletes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Condition {
    /// None.
    #[default]
    Unconditional,
    /// It must be one of these.
    AnyOf(Vec<Version>),
}

/// What an operation on one resource came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A resource was added.
    Created(Box<Resource>),
    /// A resource was found, or has changed as asked.
    Resource(Box<Resource>),
    /// Done; there is nothing to show.
    Done(Option<Version>),
}

impl Engine {
    pub(crate) async fn read(
        &self,
        context: &Context,
        key: &Key,
    ) -> Result<Option<Resource>, StoreError> {
        let projection = relations::projection(
            &key.resource_type,
            &context.selection,
            self.limits.edges,
        );
        self.store.get(&context.scope, key, &projection).await
    }

    pub(crate) fn key(&self, resource_type: &Arc<ResourceType>, id: &str) -> Key {
        Key::new(resource_type, ResourceId::from(id))
    }
}
