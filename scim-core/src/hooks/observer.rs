//! Telling the host what happened.

use std::fmt;

use super::{Actor, Caller, Proposal, RequestId};
use crate::{
    store::{Scope, Written},
    validate::Notes,
};

/// A change that was committed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Committed<'a> {
    /// Who made it.
    pub actor: &'a Actor,
    /// In which tenant.
    pub scope: &'a Scope,
    /// The id of the request that made it, where requests [have ids](super::RequestId).
    pub request_id: Option<&'a RequestId>,
    /// What was written: the values before, where they were read, and after.
    ///
    /// Values of write-only attributes are those that the host's secret keeper returned.
    pub proposal: &'a Proposal,
    /// What became of it.
    pub written: &'a Written,
    /// Position in the order in which this server learned of its commits, from 1. One that is
    /// missing means a request that was given up, as when a client closes its connection,
    /// while it was being written: it may have been committed and was not delivered.
    ///
    /// It begins anew with each server that is built, and is not the order of the commits:
    /// requests are served side by side, so that changes may be delivered out of the order of
    /// their numbers, and of one resource the later change may have the lower number. Versions
    /// tell that order. What was committed just before a process died has no number; versions
    /// that differ from the last ones delivered show it.
    pub sequence: u64,
}

impl<'a> Committed<'a> {
    /// What a test hands to an observer: a change by this caller, the first of the server.
    ///
    /// ```
    /// use scim_core::{Actor, Caller, Committed, Meta, Proposal, Timestamp};
    /// use scim_core::{schema::Registry, store::{Effect, Scope, Written}};
    /// use serde_json::json;
    ///
    /// let (actor, scope) = (Actor::new("okta"), Scope::default());
    /// let proposal = Proposal::create(&Registry::standard(), "User", json!({"userName": "babs"}))?;
    /// let meta = Meta::first(Timestamp::now());
    /// let written = Written::new(proposal.id().clone(), meta, Effect::Inserted);
    /// let change = Committed::new(Caller::new(&actor, &scope), &proposal, &written);
    /// assert_eq!(change.sequence, 1);
    /// # Ok::<_, scim_core::ScimError>(())
    /// ```
    pub fn new(caller: Caller<'a>, proposal: &'a Proposal, written: &'a Written) -> Self {
        let Caller { actor, scope, request_id } = caller;
        Self { actor, scope, request_id, proposal, written, sequence: 1 }
    }
}

/// Is told what happened, at most once each time. All methods have defaults that do nothing.
///
/// Methods are called on the task that serves the request and should return quickly: hand work
/// over to a channel. [`Committed::record`] makes an entry of an audit log of a change.
///
/// ```
/// use std::sync::mpsc;
///
/// use scim_core::{Actor, BearerTokens, Committed, Observer, ScimServer};
/// use scim_core::{store::Effect, typed::User};
/// # use scim_store_memory::MemoryStore;
///
/// /// Lets another thread know who is new.
/// #[derive(Debug)]
/// struct Welcome(mpsc::Sender<String>);
///
/// impl Observer for Welcome {
///     fn committed(&self, change: &Committed<'_>) {
///         let is_user = change.proposal.resource_type().name() == "User";
///         if is_user && change.written.effect == Effect::Inserted {
///             _ = self.0.send(change.proposal.id().to_string());
///         }
///     }
/// }
///
/// let (sender, receiver) = mpsc::channel();
/// # let tokens = BearerTokens::builder().token("secret", Actor::new("okta")).build()?;
/// let server =
///     ScimServer::builder(MemoryStore::new(), tokens).observer(Welcome(sender)).build()?;
/// let users = server.as_actor(Actor::new("hr")).users();
/// let babs = pollster::block_on(users.create(&User::new("babs")))?;
/// assert_eq!(receiver.recv()?, babs.id.as_str());
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub trait Observer: Send + Sync + fmt::Debug {
    /// A change was committed. Writes without any effect are not reported.
    fn committed(&self, _change: &Committed<'_>) {}

    /// A request was read in which something was ignored or rewritten.
    fn noted(&self, _actor: &Actor, _scope: &Scope, _notes: &Notes) {}
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unobserved;

impl Observer for Unobserved {}
