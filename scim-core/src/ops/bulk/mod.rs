//! Several writes in one request (RFC 7644 §3.7).
//!
//! `graph` puts operations after those they refer to; `independent` carries them out one by one or
//! side by side, as far as nobody can tell the difference; `atomic` makes one batch of them all.

mod atomic;
mod fold;
mod footprint;
mod graph;
mod independent;
mod join;
mod references;
mod step;
mod uniqueness;
mod work;

use std::sync::Arc;

use serde_json::Value;

use self::{atomic::Atomic, independent::Independent, work::Work};
use super::{
    Context, Engine, Failure,
    write::{Modification, Settled},
};
use crate::{
    config::{Behaviour, Bulk},
    error::ScimError,
    hooks::ProposedDocument,
    resource::Version,
    schema::ResourceType,
    store::{Key, Precondition},
};

/// The operations of a Bulk request.
#[derive(Debug)]
pub(crate) struct BulkRequest {
    pub(crate) items: Vec<BulkItem>,
    /// After how many failed operations to stop, at least 1.
    pub(crate) fail_on_errors: Option<usize>,
}

/// One operation, as far as it could be read.
#[derive(Debug)]
pub(crate) struct BulkItem {
    pub(crate) verb: Option<BulkVerb>,
    /// What others call the resource that it adds; unique among those that add one.
    pub(crate) bulk_id: Option<Box<str>>,
    /// The resource that it changes or removes, perhaps by reference.
    pub(crate) key: Option<Key>,
    pub(crate) operation: Result<BulkOperation, ScimError>,
}

/// What is to be done with a resource. Closed by RFC 7644 §3.7.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BulkVerb {
    Create,
    Replace,
    Patch,
    Delete,
}

/// What one operation asks for. Ids and bodies may refer to what other operations add.
#[derive(Debug)]
pub(crate) enum BulkOperation {
    Create(Arc<ResourceType>, Value),
    Replace(Key, Value, Precondition),
    Patch(Key, Value, Precondition),
    Delete(Key, Precondition),
}

/// What became of an operation that was carried out.
#[derive(Debug)]
pub(crate) struct BulkAnswer {
    pub(crate) verb: Option<BulkVerb>,
    pub(crate) bulk_id: Option<Box<str>>,
    /// The resource; there is none where one could not be added.
    pub(crate) key: Option<Key>,
    pub(crate) result: Result<BulkEffect, Failure>,
}

/// What an operation did, and the version that the resource has now.
#[derive(Debug)]
pub(crate) struct BulkEffect {
    pub(crate) kind: EffectKind,
    pub(crate) version: Option<Version>,
}

/// The ways in which an operation succeeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EffectKind {
    /// A resource was added.
    Created,
    /// A resource is as asked.
    Changed,
    /// A resource is as asked, which is answered briefly.
    Brief,
    /// A resource is gone.
    Deleted,
}

impl BulkOperation {
    /// The type of the resource that it is about.
    pub(crate) fn resource_type(&self) -> &Arc<ResourceType> {
        match self {
            Self::Create(resource_type, _) => resource_type,
            Self::Replace(key, ..) | Self::Patch(key, ..) | Self::Delete(key, _) => {
                &key.resource_type
            }
        }
    }

    /// The resource that it changes or removes, perhaps by reference.
    fn key(&self) -> Option<&Key> {
        match self {
            Self::Create(..) => None,
            Self::Replace(key, ..) | Self::Patch(key, ..) | Self::Delete(key, _) => Some(key),
        }
    }

    fn data_mut(&mut self) -> Option<&mut Value> {
        match self {
            Self::Create(_, data) | Self::Replace(_, data, _) | Self::Patch(_, data, _) => {
                Some(data)
            }
            Self::Delete(..) => None,
        }
    }

    fn data(&self) -> Option<&Value> {
        match self {
            Self::Create(_, data) | Self::Replace(_, data, _) | Self::Patch(_, data, _) => {
                Some(data)
            }
            Self::Delete(..) => None,
        }
    }
}

impl EffectKind {
    fn of(
        document: &ProposedDocument,
        modification: Option<&Modification>,
        behaviour: &Behaviour,
    ) -> Self {
        match (document, modification) {
            (ProposedDocument::New(_), _) => Self::Created,
            (_, Some(it)) if it.deletes() => Self::Deleted,
            (_, Some(it)) if it.is_brief(behaviour) => Self::Brief,
            _ => Self::Changed,
        }
    }
}

impl BulkEffect {
    /// What is gone has no version.
    fn new(kind: EffectKind, version: Option<Version>) -> Self {
        Self { kind, version: version.filter(|_| kind != EffectKind::Deleted) }
    }

    fn of(settled: &Settled, behaviour: &Behaviour) -> Self {
        let Settled { proposal, modification, .. } = settled;
        let kind = EffectKind::of(&proposal.document, modification.as_ref(), behaviour);
        Self::new(kind, Some(settled.written.meta.version.clone()))
    }
}

impl Engine {
    /// Carries out the operations and answers in their order. Those that `failOnErrors` leaves out
    /// have no answer.
    pub(super) async fn bulk(
        &self,
        context: &mut Context,
        request: BulkRequest,
    ) -> Vec<BulkAnswer> {
        let fail_on_errors = request.fail_on_errors;
        let work = Work::new(request.items);
        context.added = Some(Arc::new(work.added().cloned().collect()));
        match context.behaviour.bulk {
            Bulk::Atomic => Atomic { engine: self, work }.run(context).await,
            Bulk::Independent | Bulk::Off => {
                Independent::new(self, context, work, fail_on_errors).run().await
            }
        }
    }
}
