//! JSON text as values in which every name is a name.

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess};
use serde_json::Value;

use super::{
    Object,
    reader::{MemberName, PRIVATE, Reader, Structure, announced},
};

/// Reads the text of one value.
///
/// # Errors
/// When it is none, or has a name in it that serde_json has for itself.
pub(crate) fn value(text: &[u8]) -> serde_json::Result<Value> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = plain(text).deserialize(&mut deserializer)?;
    deserializer.end().map(|()| value)
}

/// Reads the text of one object.
///
/// # Errors
/// When it is none, or has such a name in it.
pub(crate) fn object(text: &[u8]) -> serde_json::Result<Object> {
    match value(text)? {
        Value::Object(object) => Ok(object),
        _ => Err(serde_json::Error::custom("expected an object")),
    }
}

/// Reads one value of this text.
pub(super) fn plain(text: &[u8]) -> Reader<Plain<'_>> {
    // serde_json itself ends at 127.
    Reader(Plain { text, depth: usize::MAX })
}

/// All that is in a value of this text, as it is.
#[derive(Clone, Copy)]
pub(super) struct Plain<'t> {
    text: &'t [u8],
    /// How many levels may still follow.
    depth: usize,
}

impl Plain<'_> {
    fn below<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1).ok_or_else(|| E::custom("nested too deeply"))?;
        Ok(Self { depth, ..self })
    }
}

impl Structure for Plain<'_> {
    fn array<'de, A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(Reader(below))? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn object<'de, A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let below = self.below()?;
        let mut object = Object::new();
        while let Some(name) = members.next_key::<MemberName<'_>>()? {
            if name.announces_number(self.text)? {
                return announced(&mut members);
            }
            object.insert(name.0.into_owned(), members.next_value_seed(Reader(below))?);
        }
        Ok(object.into())
    }
}

/// Levels that may be in a member of an object that serde_json reads.
const DEPTH: usize = 126;

/// Whether the JSON text of a member can be read. What merely is JSON may not: a number beyond all
/// bounds, half of a surrogate pair, or thousands of levels.
pub(super) fn is_readable(text: &str) -> bool {
    let text = text.as_bytes();
    is_simple(text) || {
        let mut deserializer = serde_json::Deserializer::from_slice(text);
        Reader(Plain { text, depth: DEPTH }).deserialize(&mut deserializer).is_ok()
    }
}

/// Whether JSON text has nothing in it that may not be readable, as most has nothing: no escapes,
/// names of serde_json's own, large numbers, and no more brackets than there may be levels.
fn is_simple(text: &[u8]) -> bool {
    let mut brackets = 0;
    let mut are_few = |text: &[u8]| {
        brackets += text.iter().filter(|byte| matches!(byte, b'[' | b'{')).count();
        brackets <= DEPTH
    };
    // Without escapes a quote begins or ends a string.
    let mut parts = text.split(|byte| *byte == b'"').enumerate();
    !text.contains(&b'\\')
        && parts.all(|(position, part)| match position % 2 {
            0 => !has_large_number(part) && are_few(part),
            _ => !part.starts_with(PRIVATE.as_bytes()),
        })
}

/// Whether there may be a number beyond 10³⁰⁰ in text that has no strings.
fn has_large_number(text: &[u8]) -> bool {
    let is_exponent = |pair: &[u8]| matches!(pair, [b'0'..=b'9', b'e' | b'E']);
    text.len() > 300 || text.windows(2).any(is_exponent)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*, sample::select};
    use serde::de::value::{BorrowedStrDeserializer, MapDeserializer};
    use serde_json::json;

    use super::{super::reader::NUMBER, *};

    #[test]
    fn a_name_of_serde_json_is_no_value() {
        for name in [NUMBER, "$serde_json::private::RawValue", "$serde_json::private::"] {
            for name in [name, &name.replace('$', "\\u0024")] {
                for text in [
                    format!(r#"{{"{name}":"1"}}"#),
                    format!(r#"{{"a":[{{"{name}":"1"}}]}}"#),
                    format!(r#"{{"a":1,"{name}":"1"}}"#),
                ] {
                    assert!(value(text.as_bytes()).is_err() && object(text.as_bytes()).is_err());
                }
            }
        }
        let named = json!({"a": NUMBER, "serde_json::private::Number": "1"});
        assert_eq!(value(named.to_string().as_bytes()).unwrap(), named);
    }

    #[test]
    fn a_number_with_all_of_its_digits_is_read() {
        // As serde_json tells of it with `arbitrary_precision`.
        let name = BorrowedStrDeserializer::<serde_json::Error>::new(NUMBER);
        let number = MapDeserializer::new([(name, "17".to_owned())].into_iter());
        assert_eq!(plain(b"17").deserialize(number).unwrap(), json!(17));
    }

    #[test]
    fn large_numbers_are_looked_at_wherever_they_stand() {
        let digits = "9".repeat(310);
        for (text, is_readable_text) in [
            ("[1e2,\"1e999\"]".to_owned(), true),
            ("{\"a\":[true,1E999]}".to_owned(), false),
            (format!("[{digits}]"), false),
            (format!("[\"{digits}\"]"), true),
            (format!("[{}1]", "1,".repeat(200)), true),
            (format!("{{\"a\":{}{}}}", "[".repeat(126), "]".repeat(126)), false),
            (format!("[{}[]]", "[],".repeat(200)), true),
        ] {
            assert_eq!(is_readable(&text), is_readable_text, "{text}");
            assert_eq!(value(format!("[{text}]").as_bytes()).is_ok(), is_readable_text, "{text}");
        }
    }

    const PARTS: &[&str] = &[
        "1",
        "-0.5",
        "1e2",
        "1E999",
        "true",
        r#""""#,
        r#""1e999""#,
        r#""\u0041""#,
        r#""\ud800""#,
        r#""a\"b""#,
        r#""$serde_json::private::Number""#,
        r#"{"$ref":"7e7"}"#,
        r#"{"$serde_json::private::Number":"1"}"#,
        r#"{"a":{"\u0024serde_json::private::RawValue":"1"}}"#,
        "[[[{}]]]",
    ];

    proptest! {
        /// A quick look finds what a long one finds.
        #[test]
        fn what_looks_readable_can_be_read(parts in vec(select(PARTS), 0..5)) {
            let text = format!("[{}]", parts.join(","));
            prop_assert_eq!(is_readable(&text), value(text.as_bytes()).is_ok(), "{}", text);
        }

        /// All other text is what it is to serde_json.
        #[test]
        fn values_are_read_as_by_serde_json(text in r#"[\[\]{},:"\\a01.\-e]{0,12}|(\{"a":)?[\[]?("\PC{0,6}"|-?[0-9]{1,22}(\.[0-9]{1,9})?(e[0-9])?|null|true)[\]]?\}?"#) {
            let expected = serde_json::from_str::<Value>(&text);
            prop_assert_eq!(value(text.as_bytes()).ok(), expected.ok(), "{}", text);
        }
    }
}
