//! A write that was validated and is about to be made, as the host gets to see it.

use std::sync::Arc;

use http::{Method, StatusCode};

use crate::{
    error::ScimError,
    resource::{Difference, DocumentError, Object, ResourceId, Values},
    schema::ResourceType,
    store::{Key, RelationChange},
};

/// A write that keeps to the schema and is about to be made. A [`Policy`](super::Policy) may
/// amend or refuse it.
///
/// All values are canonical: names are spelled as the schema spells them, and what is unassigned
/// is absent. `id`, `meta` and relations are not part of them.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Proposal {
    /// What the client asked for, as the method that asks for it: POST, PUT, PATCH or DELETE. A
    /// resource that is [changed instead](super::Resolution::ChangeHolder) of another being added
    /// is changed by a POST.
    pub method: Method,
    /// Which resource; of a new one, the id that it is going to have.
    pub key: Key,
    /// What becomes of its document.
    pub document: ProposedDocument,
    /// What becomes of its edges, in order.
    pub relations: Vec<RelationChange>,
}

/// What a write makes of a document. There are no other ways: matching may be exhaustive.
#[derive(Clone, PartialEq)]
pub enum ProposedDocument {
    /// There is a new one.
    New(Values),
    /// It becomes another one, perhaps the same.
    Changed {
        /// The values that are stored.
        before: Values,
        /// The values that will be.
        after: Values,
    },
    /// It stays as it is and was not read: only edges change.
    Untouched,
    /// The resource is removed.
    Deleted {
        /// The values that are stored, where the policy asked for them.
        before: Option<Values>,
    },
}

impl Proposal {
    pub(crate) fn new(key: Key, document: ProposedDocument) -> Self {
        let method = match document {
            ProposedDocument::New(_) => Method::POST,
            ProposedDocument::Changed { .. } | ProposedDocument::Untouched => Method::PATCH,
            ProposedDocument::Deleted { .. } => Method::DELETE,
        };
        Self { method, key, document, relations: Vec::new() }
    }

    /// The same, asked for by another method than its kind suggests.
    pub(crate) fn asked_by(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// The type of the resource.
    pub fn resource_type(&self) -> &Arc<ResourceType> {
        &self.key.resource_type
    }

    /// The id of the resource.
    pub fn id(&self) -> &ResourceId {
        &self.key.id
    }

    /// The values before the write, where they are known.
    pub fn before(&self) -> Option<&Object> {
        match &self.document {
            ProposedDocument::Changed { before, .. } => Some(before),
            ProposedDocument::Deleted { before } => before.as_deref(),
            ProposedDocument::New(_) | ProposedDocument::Untouched => None,
        }
    }

    /// The values after the write, where they are known.
    pub(crate) fn after(&self) -> Option<&Values> {
        match &self.document {
            ProposedDocument::New(after) | ProposedDocument::Changed { after, .. } => Some(after),
            ProposedDocument::Untouched | ProposedDocument::Deleted { .. } => None,
        }
    }

    /// The values after the write, to be amended; `None` where there are none or they are not
    /// touched.
    pub fn after_mut(&mut self) -> Option<&mut Object> {
        match &mut self.document {
            ProposedDocument::New(after) | ProposedDocument::Changed { after, .. } => {
                Some(after.make_mut())
            }
            ProposedDocument::Untouched | ProposedDocument::Deleted { .. } => None,
        }
    }

    /// In which attributes the values differ from those before; `None` where they are not touched.
    pub(crate) fn difference(&self) -> Option<Difference<'_>> {
        let resource_type = self.resource_type();
        match &self.document {
            ProposedDocument::New(after) => Some(Difference::to_new(resource_type, after)),
            ProposedDocument::Changed { before, after } => {
                Some(Difference::between(resource_type, before, after))
            }
            ProposedDocument::Untouched | ProposedDocument::Deleted { .. } => None,
        }
    }

    /// Makes the document that is going to be written.
    ///
    /// # Errors
    /// When the stored text is not what was written.
    pub(crate) fn compose(&mut self) -> Result<(), DocumentError> {
        let Self { key: Key { resource_type, .. }, document, .. } = self;
        match document {
            ProposedDocument::New(after) => after.compose(resource_type, None),
            ProposedDocument::Changed { before, after } => {
                after.compose(resource_type, Some(before))
            }
            ProposedDocument::Untouched | ProposedDocument::Deleted { .. } => Ok(()),
        }
    }

    /// Turns a deletion into a change: the resource stays, with what the closure makes of its
    /// values. Other proposals stay as they are.
    ///
    /// Clients are answered as if the resource were gone.
    ///
    /// # Errors
    /// 500 when the values are not known because the policy did not ask for them by
    /// [`before_image`](super::Policy::before_image): better no answer than a resource lost.
    pub fn keep_instead_of_deleting(
        &mut self,
        amend: impl FnOnce(&mut Object),
    ) -> Result<(), ScimError> {
        let ProposedDocument::Deleted { before } = &mut self.document else { return Ok(()) };
        let Some(before) = before.take() else {
            let detail = "the policy keeps a resource of which it did not ask for the values";
            return Err(ScimError::with_status(StatusCode::INTERNAL_SERVER_ERROR, detail));
        };
        let mut after = before.clone();
        amend(after.make_mut());
        self.document = ProposedDocument::Changed { before, after };
        Ok(())
    }
}

impl std::fmt::Debug for Proposal {
    /// Shows what is done to which resource and no values, which may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = match self.document {
            ProposedDocument::New(_) => "create",
            ProposedDocument::Changed { .. } => "change",
            ProposedDocument::Untouched => "relate",
            ProposedDocument::Deleted { .. } => "delete",
        };
        write!(f, "{verb} {} {}", self.resource_type().name(), self.id())
    }
}
