//! Some members of a stored object, without reading the others.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::{DocumentError, Object, plain::plain};

/// The members of these names in the text of an object; no text is an empty one.
///
/// # Errors
/// When the text is no object.
pub(super) fn read(text: &[u8], names: &[&str]) -> Result<Object, DocumentError> {
    if text.is_empty() {
        return Ok(Object::new());
    }
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let found = Members { text, names }.deserialize(&mut deserializer);
    found.and_then(|found| deserializer.end().map(|()| found)).map_err(DocumentError::new)
}

/// Reads the members of these names and passes over the rest.
struct Members<'n> {
    text: &'n [u8],
    names: &'n [&'n str],
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = Object;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Object, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Object, A::Error> {
        let mut found = Object::new();
        while let Some(name) = members.next_key_seed(Wanted(self.names))? {
            match name {
                Some(name) => {
                    let value = members.next_value_seed(plain(self.text))?;
                    found.insert(name.to_owned(), value);
                }
                None => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// Reads a name: which of these it is.
struct Wanted<'n>(&'n [&'n str]);

impl<'de, 'n> DeserializeSeed<'de> for Wanted<'n> {
    type Value = Option<&'n str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'n> Visitor<'_> for Wanted<'n> {
    type Value = Option<&'n str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: Error>(self, found: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().copied().find(|name| *name == found))
    }
}
