//! Values as JSON text.

use std::io::Write as _;

use super::etag::EntityTag;
use crate::resource::{Timestamp, Version};
pub(crate) use crate::resource::{is_plain, write_json, write_text};

/// Writes a text without any character to escape as a JSON string.
pub(super) fn quote(text: &mut Vec<u8>, plain: &str) {
    text.push(b'"');
    text.extend_from_slice(plain.as_bytes());
    text.push(b'"');
}

/// Writes a point in time as a JSON string.
pub(super) fn write_instant(text: &mut Vec<u8>, instant: Timestamp) {
    text.push(b'"');
    match instant.text() {
        Some(instant) => text.extend_from_slice(&instant),
        // Writing into memory cannot fail.
        None => drop(write!(text, "{instant}")),
    }
    text.push(b'"');
}

/// Writes an entity tag, of which the quotes are all there is to escape.
pub(super) fn write_tag(text: &mut Vec<u8>, version: &Version) {
    if !is_plain(version.as_str().as_bytes()) {
        return write_json(text, &EntityTag(version).to_string());
    }
    text.extend_from_slice(br#""W/\""#);
    text.extend_from_slice(version.as_str().as_bytes());
    text.extend_from_slice(br#"\"""#);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn strings_are_those_of_json(text in "[a-c \"\\\\\u{1f}\u{20}\u{7f}ü😀]{0,24}") {
            let expected = serde_json::to_string(&text).unwrap();
            let mut written = Vec::new();
            write_text(&mut written, &text);
            prop_assert_eq!(String::from_utf8(written).unwrap(), expected.as_str());
        }
    }

    #[test]
    fn tags_are_json() {
        for version in ["7", "", "a\\b"] {
            let version = Version::new(version);
            let mut text = Vec::new();
            write_tag(&mut text, &version);
            let tag: String = serde_json::from_slice(&text).unwrap();
            assert_eq!(tag, EntityTag(&version).to_string());
        }
    }

    #[test]
    fn instants_are_json() {
        for instant in
            [0, 1_305_261_754_000_001, -1, i64::MIN, i64::MAX].map(Timestamp::from_micros)
        {
            let mut text = Vec::new();
            write_instant(&mut text, instant);
            assert_eq!(String::from_utf8(text).unwrap(), format!("\"{instant}\""));
        }
    }
}
