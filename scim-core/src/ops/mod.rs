//! What each SCIM operation does, step by step.
//!
//! An operation takes canonical input and answers with an [`Outcome`]; it knows nothing of HTTP.

mod attribute_rules;
mod before;
mod body;
mod bulk;
mod commit;
mod create;
mod cursor;
mod cursor_paging;
mod explain;
mod failure;
mod get;
mod list;
mod matching;
mod patch;
mod read;
mod references;
mod relations;
mod replace;
mod required_edges;
mod residual;
mod retry;
mod secrets;
mod selected;
mod several;
mod several_by_cursor;
mod shown;
mod targets;
mod unique;
mod work;
mod writable;
mod write;

use std::{
    collections::HashSet,
    sync::{Arc, atomic::AtomicU64},
};

use http::StatusCode;
use serde_json::Value;

pub(crate) use bulk::{BulkAnswer, BulkItem, BulkOperation, BulkRequest, BulkVerb, EffectKind};
pub(crate) use cursor::{CursorKey, Cursors};
pub(crate) use failure::Failure;
pub(crate) use list::{FilterPlace, List, ListRequest, Listed, Paging};
pub(crate) use relations::Projections;

use crate::{
    config::{Behaviour, Limits},
    error::ScimError,
    hooks::{Actor, Caller, Hooks, RequestId},
    patch::PatchRequest,
    resource::{ResourceId, Selection, Version},
    schema::{Registry, ResourceType},
    store::{Capabilities, Key, Precondition, Resource, Scope, Store},
    validate::Notes,
};

/// What a request asks of the store, in canonical terms. The set is closed.
#[derive(Debug)]
pub(crate) enum Operation {
    Get(Key),
    List(Vec<Listed>, ListRequest),
    Write(Edit),
    Bulk(BulkRequest),
}

/// A write of one resource. The set is closed.
#[derive(Debug)]
pub(crate) enum Edit {
    /// Adds a resource; its id is chosen before it is written.
    Create(Key, Value),
    Replace(Key, Value, Precondition),
    Patch(Key, PatchRequest, Precondition),
    Delete(Key, Precondition),
}

impl Operation {
    pub(crate) fn writes(&self) -> bool {
        !matches!(self, Self::Get(_) | Self::List(..))
    }

    /// # Errors
    /// 403 for a caller that may only read and wants to write.
    pub(crate) fn authorize(&self, actor: &Actor) -> Result<(), ScimError> {
        if self.writes() && !actor.access().allows_writing() {
            return Err(ScimError::with_status(StatusCode::FORBIDDEN, "the caller may only read"));
        }
        Ok(())
    }

    /// The type of the one resource that the answer shows.
    fn resource_type(&self) -> Option<&Arc<ResourceType>> {
        match self {
            Self::Get(key) => Some(&key.resource_type),
            Self::Write(edit) => Some(&edit.key().resource_type),
            Self::List(..) | Self::Bulk(_) => None,
        }
    }
}

impl Edit {
    pub(crate) fn key(&self) -> &Key {
        match self {
            Self::Create(key, _)
            | Self::Replace(key, ..)
            | Self::Patch(key, ..)
            | Self::Delete(key, _) => key,
        }
    }
}

/// What an operation came to.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A resource was added.
    Created(Box<Resource>),
    /// A resource was added, and cannot be shown: it is gone again, or cannot be read for now.
    Added(Key, Version),
    /// A resource was found, or is now as asked.
    Resource(Box<Resource>),
    /// One page of resources.
    List(List),
    /// Done; there is nothing to show.
    Done(Option<Version>),
    /// What each operation of a Bulk request came to, in their order.
    Bulk(Vec<BulkAnswer>),
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
    pub(crate) request_id: Option<RequestId>,
    /// The ids under which a Bulk request is about to add resources.
    pub(crate) added: Option<Arc<HashSet<ResourceId>>>,
}

impl Context {
    /// The same for one operation of several, with notes and an answer of its own.
    fn of_operation(&self) -> Self {
        Self {
            actor: self.actor.clone(),
            scope: self.scope.clone(),
            base: self.base.clone(),
            behaviour: self.behaviour.clone(),
            selection: Selection::default(),
            notes: Notes::default(),
            request_id: self.request_id.clone(),
            added: self.added.clone(),
        }
    }

    pub(crate) fn caller(&self) -> Caller<'_> {
        Caller { actor: &self.actor, scope: &self.scope, request_id: self.request_id.as_ref() }
    }
}

/// The parts that every operation works with.
#[derive(Debug)]
pub(crate) struct Engine {
    pub(crate) registry: Arc<Registry>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) capabilities: Capabilities,
    pub(crate) limits: Limits,
    pub(crate) projections: Projections,
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
        // Boxes keep the future of a mere GET small: it is moved about as a whole.
        match operation {
            Operation::Get(key) => self.get(context, &key).await,
            Operation::List(listed, request) => {
                Box::pin(self.list(context, listed, request)).await.map(Outcome::List)
            }
            Operation::Write(edit) => Box::pin(self.write(context, edit)).await,
            Operation::Bulk(request) => {
                Ok(Outcome::Bulk(Box::pin(self.bulk(context, request)).await))
            }
        }
    }

    /// Tells the host what was ignored or rewritten in a request.
    pub(crate) fn note(&self, context: &Context) {
        if !context.notes.is_empty() {
            log(context);
            self.hooks.observer.noted(&context.actor, &context.scope, &context.notes);
        }
    }
}

/// Leaves the record of what was ignored or rewritten in the log. It holds no values.
#[cfg(feature = "tracing")]
fn log(context: &Context) {
    for note in context.notes.iter() {
        let (subject, tenant) = (context.actor.subject(), context.scope.tenant.as_str());
        let (path, rule) = (&*note.path, note.rule.as_str());
        tracing::info!(subject, tenant, path, rule, "request taken with tolerance");
    }
    if let further @ 1.. = context.notes.further() {
        let (subject, tenant) = (context.actor.subject(), context.scope.tenant.as_str());
        tracing::info!(subject, tenant, further, "request taken with further tolerance");
    }
}

#[cfg(not(feature = "tracing"))]
fn log(_: &Context) {}
