//! Values as they are proposed: an object that is read from its text when somebody looks at it.

use std::{
    ops::Deref,
    sync::{Arc, LazyLock},
};

use super::{Document, DocumentError, Object, has_schemas, set_schemas};
use crate::schema::{Attribute, ResourceType};

pub(super) static NOTHING: LazyLock<Object> = LazyLock::new(Object::new);

/// The values of a resource under their canonical names: an [`Object`] that is read from its text
/// when somebody first looks at it.
///
/// ```
/// use scim_core::{Object, Values};
///
/// let mut values = Values::from(Object::from_iter([("userName".to_owned(), "babs".into())]));
/// assert_eq!(values["userName"], "babs");
/// values.make_mut().insert("active".to_owned(), false.into());
/// assert_eq!(values.len(), 2);
/// ```
#[derive(Clone)]
pub struct Values {
    /// Values that have no text yet.
    given: Option<Arc<Object>>,
    /// The document that has the values, where they are not given.
    document: Option<Document>,
    /// How the document was made, if of another one.
    edit: Option<Arc<Edit>>,
}

/// What is different in a document that was made of another.
pub(super) struct Edit {
    /// The other.
    pub(super) source: Document,
    /// Of both documents, at least the values that differ and those that a label is made of.
    pub(super) before: Object,
    pub(super) after: Object,
    pub(super) changed: Vec<Arc<Attribute>>,
}

impl Values {
    pub(super) fn edited(document: Document, edit: Edit) -> Self {
        Self { given: None, document: Some(document), edit: Some(Arc::new(edit)) }
    }

    /// The values, to be changed.
    pub fn make_mut(&mut self) -> &mut Object {
        let values = self.given.take().unwrap_or_else(|| Arc::new(Object::clone(self)));
        (self.document, self.edit) = (None, None);
        Arc::make_mut(self.given.insert(values))
    }

    /// The document that has the values; `None` if they were made or changed since.
    pub(crate) fn document(&self) -> Option<&Document> {
        self.document.as_ref()
    }

    pub(super) fn edit(&self) -> Option<&Edit> {
        self.edit.as_deref()
    }

    /// Reads the values now.
    ///
    /// # Errors
    /// When the stored text is not what was written.
    pub(crate) fn read(&self) -> Result<&Object, DocumentError> {
        match &self.document {
            Some(document) => document.values(),
            None => Ok(self),
        }
    }

    /// Makes the document that is going to be written, where there is none yet: its `schemas`
    /// follow from the values, and what it hides also from what is hidden `before`.
    ///
    /// # Errors
    /// When the stored text is not what was written.
    pub(crate) fn compose(
        &mut self,
        resource_type: &ResourceType,
        before: Option<&Self>,
    ) -> Result<(), DocumentError> {
        if let Some(mut values) = self.given.take() {
            if !has_schemas(resource_type, &values) {
                set_schemas(resource_type, Arc::make_mut(&mut values));
            }
            self.document = Some(match before.and_then(Self::document) {
                Some(before) => {
                    // Text that cannot be read has shown nobody what to keep.
                    before.values()?;
                    before.replaced_by(resource_type, values)?
                }
                None => Document::new(resource_type, values),
            });
        }
        Ok(())
    }

    /// That document; made now if it was not [composed](Self::compose).
    pub(crate) fn composed(&self, resource_type: &ResourceType) -> Document {
        match (&self.document, &self.given) {
            (Some(document), _) => document.clone(),
            (None, given) => Document::new(resource_type, given.clone().unwrap_or_default()),
        }
    }
}

impl Deref for Values {
    type Target = Object;

    /// Text of the store that was not read before was cut into its members, each of which can be
    /// read: an operation fails on any other before somebody looks at its values.
    fn deref(&self) -> &Object {
        match (&self.given, &self.document) {
            (Some(values), _) => values,
            (None, Some(document)) => document.values().unwrap_or(&NOTHING),
            (None, None) => &NOTHING,
        }
    }
}

impl From<Object> for Values {
    fn from(values: Object) -> Self {
        Arc::new(values).into()
    }
}

impl From<Arc<Object>> for Values {
    fn from(values: Arc<Object>) -> Self {
        Self { given: Some(values), document: None, edit: None }
    }
}

impl From<Document> for Values {
    fn from(document: Document) -> Self {
        Self { given: None, document: Some(document), edit: None }
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        let same_text = self.document.is_some() && self.document == other.document;
        same_text || **self == **other
    }
}
