//! The record of what a request said and the engine left out or rewrote.

use crate::error::shortened;

/// How many notes are kept: a request may give reason for as many as it has bytes.
const KEPT: usize = 100;

/// What was ignored or rewritten in a request, in the order in which it was met.
///
/// No note carries the value of an attribute, which may be a secret. What no schema or store knows
/// is named as the client did: keys, URNs, and ids of members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes {
    kept: Vec<Note>,
    further: usize,
}

/// One thing that was ignored or rewritten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Path of the attribute or key: 256 characters at the most.
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
    /// A list of one value arrived where one value is declared.
    SingleFromList,
    /// An attribute of an extension stood outside of the extension's object.
    ExtensionQualified,
    /// A dot stood after the URN of a schema.
    DottedUrn,
    /// An operation was left out because its path names nothing.
    UnknownPathIgnored,
    /// The values of a removal had the attribute's name around them.
    ValuesUnwrapped,
    /// A path or filter departs from the grammar in a way that leaves no doubt.
    FilterGrammar,
    /// A filter was percent-encoded twice.
    FilterDecoded,
    /// The value of a filter was its unquoted rest.
    RestQuoted,
    /// A filter compared a complex attribute as a whole.
    ComplexByValue,
}

impl NoteRule {
    /// The name in logs: that of the [`Quirk`](crate::Quirk) that allows it, where there is one.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownAttribute => "unknown-attributes",
            Self::ReadOnly => "read-only",
            Self::UnknownSchema => "unknown-schema",
            Self::SchemasInferred => "missing-schemas",
            Self::Duplicate => "duplicate",
            Self::BooleanFromText => "string-booleans",
            Self::ListFromSingle => "single-for-list",
            Self::ObjectFromScalar => "scalar-for-object",
            Self::EmptyCleared => "empty-cleared",
            Self::ElementCreated => "element-created",
            Self::ListedValuesRemoved => "values-in-remove",
            Self::SecretDiscarded => "secret-discarded",
            Self::UnknownTargetSkipped => "skip-unknown-members",
            Self::SingleFromList => "array-for-single",
            Self::ExtensionQualified => "unqualified-extension-attributes",
            Self::DottedUrn => "dotted-urn-path",
            Self::UnknownPathIgnored => "ignore-unknown-patch-paths",
            Self::ValuesUnwrapped => "members-object-in-remove",
            Self::FilterGrammar => "filter-grammar",
            Self::FilterDecoded => "double-encoded-filter",
            Self::RestQuoted => "unquoted-rest-of-filter",
            Self::ComplexByValue => "filter-on-complex",
        }
    }
}

impl Notes {
    /// Adds a note. A long path is shortened; after the first 100 notes they are only counted.
    pub fn add(&mut self, path: impl AsRef<str>, rule: NoteRule) {
        match self.kept.len() < KEPT {
            true => self.kept.push(Note { path: shortened(path.as_ref()).into(), rule }),
            false => self.further = self.further.saturating_add(1),
        }
    }

    /// Adds the notes of another record after these.
    pub(crate) fn append(&mut self, mut other: Self) {
        let room = KEPT.saturating_sub(self.kept.len()).min(other.kept.len());
        let beyond = other.kept.split_off(room).len();
        self.kept.append(&mut other.kept);
        self.further = self.further.saturating_add(beyond).saturating_add(other.further);
    }

    /// The first notes in order: 100 at the most.
    pub fn iter(&self) -> impl Iterator<Item = &Note> {
        self.kept.iter()
    }

    /// How many more there were.
    pub fn further(&self) -> usize {
        self.further
    }

    /// Whether nothing was ignored or rewritten.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::Quirk;

    #[test]
    fn many_notes_are_counted_and_long_ones_cut() {
        // Y-016
        let mut notes = Notes::default();
        for index in 0..150 {
            notes.add(index.to_string(), NoteRule::UnknownAttribute);
        }
        assert_eq!((notes.iter().count(), notes.further()), (100, 50));
        let mut both = Notes::default();
        both.add("x".repeat(1 << 20), NoteRule::UnknownAttribute);
        both.append(notes.clone());
        both.append(notes);
        let paths: Vec<_> = both.iter().map(|note| &*note.path).collect();
        assert_eq!((paths.len(), both.further()), (100, 201));
        assert_eq!((paths[0].chars().count(), paths[1], paths[99]), (257, "0", "98"));
    }

    #[test]
    fn what_a_quirk_allows_is_called_as_the_quirk() {
        use NoteRule as Rule;
        let of_quirks = [
            (Rule::UnknownAttribute, Quirk::UnknownAttributes),
            (Rule::SchemasInferred, Quirk::MissingSchemas),
            (Rule::BooleanFromText, Quirk::StringBooleans),
            (Rule::ListFromSingle, Quirk::SingleForList),
            (Rule::ObjectFromScalar, Quirk::ScalarForObject),
            (Rule::ListedValuesRemoved, Quirk::ValuesInRemove),
            (Rule::UnknownTargetSkipped, Quirk::SkipUnknownMembers),
            (Rule::SingleFromList, Quirk::ArrayForSingle),
            (Rule::ExtensionQualified, Quirk::UnqualifiedExtensionAttributes),
            (Rule::DottedUrn, Quirk::DottedUrnPath),
            (Rule::UnknownPathIgnored, Quirk::IgnoreUnknownPatchPaths),
            (Rule::ValuesUnwrapped, Quirk::MembersObjectInRemove),
            (Rule::FilterGrammar, Quirk::FilterGrammar),
            (Rule::FilterDecoded, Quirk::DoubleEncodedFilter),
            (Rule::RestQuoted, Quirk::UnquotedRestOfFilter),
            (Rule::ComplexByValue, Quirk::FilterOnComplex),
        ];
        for (rule, quirk) in of_quirks {
            assert_eq!(rule.as_str(), quirk.as_str());
        }
        let others = [
            (Rule::ReadOnly, "read-only"),
            (Rule::UnknownSchema, "unknown-schema"),
            (Rule::Duplicate, "duplicate"),
            (Rule::EmptyCleared, "empty-cleared"),
            (Rule::ElementCreated, "element-created"),
            (Rule::SecretDiscarded, "secret-discarded"),
        ];
        for (rule, name) in others {
            assert_eq!(rule.as_str(), name);
        }
        let rules = of_quirks.map(|(rule, _)| rule).into_iter().chain(others.map(|(rule, _)| rule));
        let names: HashSet<_> = rules.map(NoteRule::as_str).collect();
        assert_eq!(names.len(), of_quirks.len() + others.len());
    }
}
