//! The text of a document, cut into its members: what nobody looks into is not parsed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::{Value, value::RawValue};

use super::{
    Object,
    json::{write_text, write_value},
    plain::is_readable,
    reader::PRIVATE,
};

/// The members of an object, in the order of its text.
pub(super) struct Members<'t>(Vec<(&'t str, &'t RawValue)>);

impl<'t> Members<'t> {
    /// `None` for what is no text of an object, or has a name twice, a name with escapes or a value
    /// that cannot be read, which no document of ours has.
    pub(super) fn of(text: &'t [u8]) -> Option<Self> {
        match text {
            [] => Some(Self(Vec::new())),
            text => serde_json::from_slice(text).ok(),
        }
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.text_of(name).is_some()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'t str> {
        self.0.iter().map(|(name, _)| *name)
    }

    /// The JSON of a member.
    pub(super) fn text_of(&self, name: &str) -> Option<&'t str> {
        self.0.iter().find(|(other, _)| *other == name).map(|(_, value)| value.get())
    }

    /// The text with other values: where a member is in `before`, the one in `after` takes its
    /// place, if there is one. What is new stands where the order of names has it.
    pub(super) fn exchanged(&self, before: &Object, after: &Object) -> Vec<u8> {
        let mut text = Text::new(self.len());
        let mut added = after.iter().filter(|(name, _)| !self.has(name)).peekable();
        for (name, value) in &self.0 {
            while let Some((name, value)) = added.next_if(|(added, _)| added.as_str() < *name) {
                text.member(name, value);
            }
            match (before.get(*name), after.get(*name)) {
                (None, _) => text.copied(name, value.get()),
                (Some(old), Some(new)) if old == new => text.copied(name, value.get()),
                (Some(_), Some(new)) => _ = text.member(name, new),
                (Some(_), None) => {}
            }
        }
        added.for_each(|(name, value)| _ = text.member(name, value));
        text.finish()
    }

    fn len(&self) -> usize {
        self.0.iter().map(|(name, value)| name.len().saturating_add(value.get().len())).sum()
    }
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Cut)
    }
}

struct Cut;

impl<'de> Visitor<'de> for Cut {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(&'de str, &'de RawValue)> = Vec::with_capacity(MEMBERS);
        let mut are_sorted = true;
        while let Some((name, value)) = map.next_entry::<&str, &RawValue>()? {
            // Otherwise whoever looks at the value later would find nothing in its place.
            if name.starts_with(PRIVATE) || !is_readable(value.get()) {
                return Err(A::Error::custom("a value cannot be read"));
            }
            // They are if nobody else wrote them: then none is there twice.
            are_sorted &= members.last().is_none_or(|(last, _)| *last < name);
            if !are_sorted && members.iter().any(|(other, _)| *other == name) {
                return Err(A::Error::custom("a name is given twice"));
            }
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

/// How many members a document mostly has at the most.
const MEMBERS: usize = 24;

/// The text of an object in the making.
pub(super) struct Text(Vec<u8>);

/// What a few changed values and the signs between members add to a text.
const ROOM: usize = 256;

impl Text {
    /// Room for about this many bytes.
    pub(super) fn new(expected: usize) -> Self {
        Self(Vec::with_capacity(expected.saturating_add(ROOM)))
    }

    /// Adds a member and gives back its JSON.
    pub(super) fn member(&mut self, name: &str, value: &Value) -> &[u8] {
        self.name(name);
        let start = self.0.len();
        write_value(&mut self.0, value);
        self.0.get(start..).unwrap_or_default()
    }

    fn copied(&mut self, name: &str, value: &str) {
        self.name(name);
        self.0.extend_from_slice(value.as_bytes());
    }

    fn name(&mut self, name: &str) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        write_text(&mut self.0, name);
        self.0.push(b':');
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        if !self.0.is_empty() {
            self.0.push(b'}');
        }
        self.0
    }
}
