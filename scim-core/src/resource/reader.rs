//! What all who read JSON text into values have in common: its scalars, and the names in it.
//!
//! To serde_json's own values two names mean something: by them it hands itself numbers with all of
//! their digits and text that is not parsed. Whoever sends such a name would have text that nobody
//! checked taken for a value.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize,
    de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

/// What the names begin with that serde_json has for itself.
pub(super) const PRIVATE: &str = "$serde_json::private::";

/// The only name in what serde_json makes of a number where the host turned on that it keeps all
/// digits (`arbitrary_precision`).
pub(super) const NUMBER: &str = "$serde_json::private::Number";

/// How arrays and objects are read, of which scalars know nothing.
pub(crate) trait Structure: Sized {
    /// Reads the elements of an array.
    ///
    /// # Errors
    /// When one cannot be read.
    fn array<'de, A: SeqAccess<'de>>(self, elements: A) -> Result<Value, A::Error>;

    /// Reads the members of an object. What has a name [`MemberName::announces_number`] is none.
    ///
    /// # Errors
    /// When one cannot be read.
    fn object<'de, A: MapAccess<'de>>(self, members: A) -> Result<Value, A::Error>;
}

/// Reads one value, and what is in it by its structure.
pub(crate) struct Reader<S>(pub(crate) S);

impl<'de, S: Structure> DeserializeSeed<'de> for Reader<S> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Structure> Visitor<'de> for Reader<S> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<Value, A::Error> {
        self.0.array(elements)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Value, A::Error> {
        self.0.object(members)
    }
}

/// The name of a member, which mostly is a part of the text.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct MemberName<'n>(#[serde(borrow)] pub(crate) Cow<'n, str>);

impl MemberName<'_> {
    /// Whether it is no name, but says that the digits of a number follow.
    ///
    /// # Errors
    /// When it is one that serde_json has for itself, and the text that is read has it: then it was
    /// sent.
    pub(crate) fn announces_number<E: Error>(&self, text: &[u8]) -> Result<bool, E> {
        if !self.0.starts_with(PRIVATE) {
            return Ok(false);
        }
        let is_sent = match &self.0 {
            Cow::Borrowed(name) => text.as_ptr_range().contains(&name.as_ptr()),
            // It has escapes.
            Cow::Owned(_) => true,
        };
        match is_sent {
            true => Err(E::custom(format_args!("a name begins with `{PRIVATE}`"))),
            false => Ok(self.0 == NUMBER),
        }
    }
}

/// The number whose digits follow.
///
/// # Errors
/// When something else does.
pub(crate) fn announced<'de, A: MapAccess<'de>>(members: &mut A) -> Result<Value, A::Error> {
    let digits: String = members.next_value()?;
    digits.parse().map(Value::Number).map_err(A::Error::custom)
}
