//! The record of what a request said and the engine left out or rewrote.

/// What was ignored or rewritten in a request, in the order in which it was met.
///
/// No note carries a value: values may be secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes(Vec<Note>);

/// One thing that was ignored or rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Path of the attribute or key.
    pub path: Box<str>,
    /// By which rule.
    pub rule: NoteRule,
}

/// Why something was ignored or rewritten.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoteRule {
    /// No schema of the resource type has the attribute (C-012).
    UnknownAttribute,
    /// The attribute is readOnly (A-035, U-008).
    ReadOnly,
    /// The schema URI does not belong to the resource type.
    UnknownSchema,
    /// The body named no schemas; the base schema was assumed.
    SchemasInferred,
    /// The same value was there already.
    Duplicate,
    /// A boolean arrived as text.
    BooleanFromText,
    /// A single value arrived where a list is declared.
    ListFromSingle,
    /// A bare value arrived where an object with a `value` is declared.
    ObjectFromScalar,
    /// An empty text cleared an attribute.
    EmptyCleared,
    /// A value filter without a match created the value it describes.
    ElementCreated,
    /// A removal that lists values removed only those.
    ListedValuesRemoved,
    /// A secret was discarded because the host keeps none.
    SecretDiscarded,
    /// A relation target that does not exist was left out.
    UnknownTargetSkipped,
}

impl Notes {
    /// Adds a note.
    pub fn add(&mut self, path: impl Into<Box<str>>, rule: NoteRule) {
        self.0.push(Note { path: path.into(), rule });
    }

    /// Adds the notes of another record after these.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The notes in order.
    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.0.iter()
    }

    /// Whether nothing was ignored or rewritten.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
