//! What each SCIM operation does, step by step: the only room that awaits the store.
//!
//! An operation takes canonical input and answers with an [`Outcome`]; it knows nothing of HTTP.

mod attribute_rules;
mod before;
mod commit;
mod create;
mod cursor;
mod cursor_paging;
mod delete;
mod failure;
mod get;
mod list;
mod matching;
mod patch;
mod read;
mod relations;
mod replace;
mod residual;
mod retry;
mod secrets;
mod selected;
mod several;
mod unique;

use std::sync::{Arc, atomic::AtomicU64};

use serde_json::Value;

pub(crate) use cursor::{CursorKey, Cursors};
pub(crate) use failure::Failure;
pub(crate) use list::{FilterPlace, List, ListRequest, Listed, Paging};
pub(crate) use relations::projection;

use crate::{
    config::{Behaviour, Limits},
    hooks::{Actor, Caller, Hooks},
    patch::PatchRequest,
    resource::{Selection, Version},
    schema::{Registry, ResourceType},
    store::{Capabilities, Key, Precondition, Resource, Scope, Store},
    validate::Notes,
};

/// What a request asks of the store, in canonical terms. The set is closed.
#[derive(Debug)]
pub(crate) enum Operation {
    Create(Arc<ResourceType>, Value),
    Get(Key),
    List(Vec<Listed>, ListRequest),
    Replace(Key, Value, Precondition),
    Patch(Key, PatchRequest, Precondition),
    Delete(Key, Precondition),
}

impl Operation {
    pub(crate) fn writes(&self) -> bool {
        !matches!(self, Self::Get(_) | Self::List(..))
    }

    /// The type of the one resource that the answer shows.
    fn resource_type(&self) -> Option<&Arc<ResourceType>> {
        match self {
            Self::Create(resource_type, _) => Some(resource_type),
            Self::List(..) => None,
            Self::Get(key)
            | Self::Replace(key, ..)
            | Self::Patch(key, ..)
            | Self::Delete(key, _) => Some(&key.resource_type),
        }
    }
}

/// What an operation came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A resource was added.
    Created(Box<Resource>),
    /// A resource was found, or is now as asked.
    Resource(Box<Resource>),
    /// One page of resources.
    List(List),
    /// Done; there is nothing to show.
    Done(Option<Version>),
}

/// What an operation needs to know of its request, and where it leaves its notes.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) actor: Actor,
    pub(crate) scope: Scope,
    /// The absolute URL of the SCIM endpoint, without a slash at its end.
    pub(crate) base: Arc<str>,
    pub(crate) behaviour: Arc<Behaviour>,
    /// What the answer shows of one resource; an operation adds what it has set itself.
    pub(crate) selection: Selection,
    pub(crate) notes: Notes,
}

impl Context {
    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller { actor: &self.actor, scope: &self.scope }
    }
}

/// The parts that every operation works with.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) registry: Arc<Registry>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) capabilities: Capabilities,
    pub(crate) limits: Limits,
    pub(crate) hooks: Hooks,
    pub(crate) cursors: Cursors,
    /// How many commits were reported, and how many may have gone unreported.
    pub(crate) commits: AtomicU64,
}

impl Engine {
    /// # Errors
    /// What the operation fails with.
    pub(crate) async fn perform(
        &self,
        context: &mut Context,
        operation: Operation,
    ) -> Result<Outcome, Failure> {
        if let Some(resource_type) = operation.resource_type() {
            self.hide_unreadable(context, resource_type);
        }
        match operation {
            Operation::Create(resource_type, body) => {
                self.create(context, &resource_type, body).await
            }
            Operation::Get(key) => self.get(context, &key).await,
            Operation::List(listed, request) => {
                self.list(context, listed, request).await.map(Outcome::List)
            }
            Operation::Replace(key, body, precondition) => {
                self.replace(context, key, body, precondition).await
            }
            Operation::Patch(key, request, precondition) => {
                self.patch(context, key, request, precondition).await
            }
            Operation::Delete(key, precondition) => self.delete(context, key, precondition).await,
        }
    }
}
