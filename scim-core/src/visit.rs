//! A request of a caller who was let in, from its body to its reply.

use std::sync::Arc;

use ::http::request::Parts;
use bytes::Bytes;

use crate::{
    client::Client,
    hooks::{Actor, Caller},
    http::{
        Answer, Endpoint, ErrorResponse, IfNoneMatch, Incoming, Locations, Mount, Reply,
        admit_each, refuse_switched_off,
    },
    ops::{Context, Engine, Operation},
    store::Scope,
    validate::Notes,
};

/// A request whose way and caller are known.
pub(crate) struct Visit<'a> {
    pub(crate) head: &'a Parts,
    pub(crate) mount: &'a Mount,
    /// The base path with its parameters filled in.
    pub(crate) base: &'a str,
    pub(crate) locations: &'a Locations,
    pub(crate) actor: Actor,
    pub(crate) scope: Scope,
}

impl Visit<'_> {
    pub(crate) fn caller(&self) -> Caller<'_> {
        let request_id = self.head.extensions.get();
        Caller { actor: &self.actor, scope: &self.scope, request_id }
    }

    /// read → authorize → perform → render.
    ///
    /// # Errors
    /// Whatever is wrong with the body, and what the operation fails with.
    pub(crate) async fn carry_out(
        self,
        engine: &Arc<Engine>,
        endpoint: Endpoint,
        body: &Bytes,
        client: &Client<'_>,
    ) -> Result<Reply, ErrorResponse> {
        let Visit { head, mount, locations, .. } = self;
        let (behaviour, dialect, methods) = (&*client.behaviour, &*mount.dialect, &mount.methods);
        let caller = self.caller();
        let incoming = Incoming { head, engine, behaviour, dialect, caller, methods };
        let mut notes = Notes::default();
        let (mut operation, selection) = incoming.operation(endpoint, body, &mut notes)?;
        operation.authorize(&self.actor)?;
        if let Operation::Bulk(request) = &mut operation {
            refuse_switched_off(methods, request);
            admit_each(&*engine.hooks.policy, &caller, head, self.base, request).await;
        }
        let if_none_match = match operation {
            Operation::Get(_) => IfNoneMatch::read(&head.headers)?,
            _ => None,
        };
        let answer = Answer { head, engine, locations, dialect, if_none_match };
        let mut context = Context {
            base: locations.base().clone(),
            behaviour: client.behaviour.clone(),
            selection,
            notes,
            request_id: caller.request_id.cloned(),
            added: None,
            actor: self.actor,
            scope: self.scope,
        };
        let outcome = engine.perform(&mut context, operation).await;
        let reply = outcome.and_then(|outcome| answer.outcome(&context, outcome));
        engine.note(&context);
        reply.map_err(ErrorResponse::from)
    }
}
