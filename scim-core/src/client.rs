//! What is known of the client while its request is answered.

use std::sync::Arc;

use ::http::request::Parts;

use crate::{
    config::Behaviour,
    error::ScimError,
    hooks::Actor,
    http::{Dialect, Format},
    schema::ResourceType,
};

/// What is known of the client while its request is answered.
pub(crate) struct Client<'a> {
    pub(crate) dialect: &'a dyn Dialect,
    pub(crate) actor: Option<Actor>,
    pub(crate) behaviour: Arc<Behaviour>,
    /// The type of the resources that it asks for, as far as the path says it.
    pub(crate) resource_type: Option<Arc<ResourceType>>,
    format: Option<Format>,
}

impl<'a> Client<'a> {
    pub(crate) fn new(dialect: &'a dyn Dialect, behaviour: &Arc<Behaviour>) -> Self {
        let behaviour = behaviour.clone();
        Self { dialect, actor: None, behaviour, resource_type: None, format: None }
    }

    pub(crate) fn recognise(&mut self, actor: &Actor) {
        self.behaviour = behaviour_for(&self.behaviour, actor);
        if let Some(behaviour) = self.dialect.behaviour(&self.behaviour) {
            self.behaviour = Arc::new(behaviour);
        }
        self.actor = Some(actor.clone());
    }

    /// Chooses the format of the answer.
    ///
    /// # Errors
    /// 406 when the client accepts none that there is.
    pub(crate) fn choose_format(&mut self, head: &Parts) -> Result<(), ScimError> {
        self.format = Some(self.dialect.answer_format(head, self.behaviour.response_type)?);
        Ok(())
    }

    /// The format of the answer, whatever came of the request.
    pub(crate) fn format(&mut self, head: &Parts) -> Format {
        if self.format.is_none() {
            // The client then gets what it does not accept, which says so.
            let _ = self.choose_format(head);
        }
        self.format.unwrap_or_else(|| self.dialect.fallback())
    }
}

/// The behaviour of the server towards a client, by what is known of it.
pub(crate) fn behaviour_for(behaviour: &Arc<Behaviour>, actor: &Actor) -> Arc<Behaviour> {
    match actor.profile() {
        Some(profile) => Arc::new(profile.applied_to(behaviour)),
        None => behaviour.clone(),
    }
}
