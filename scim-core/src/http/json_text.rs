//! Values as JSON text.

use std::{fmt, io::Write as _};

use super::etag::EntityTag;
use crate::resource::Version;

/// Writes a JSON string; most need no escapes, and are copied.
pub(crate) fn write_text(text: &mut Vec<u8>, value: &str) {
    if !is_plain(value.as_bytes()) {
        return write_json(text, value);
    }
    text.push(b'"');
    text.extend_from_slice(value.as_bytes());
    text.push(b'"');
}

/// Writes as a JSON string what a value of plain characters is shown as.
pub(super) fn write_shown(text: &mut Vec<u8>, value: &dyn fmt::Display) {
    text.push(b'"');
    // Writing into memory cannot fail.
    let _ = write!(text, "{value}");
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

/// Whether a JSON string shows these bytes as they are.
pub(super) fn is_plain(text: &[u8]) -> bool {
    // Eight bytes at a time, the last of which may be looked at twice.
    let Some(last) = text.last_chunk::<8>() else {
        return text.iter().all(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\');
    };
    let (chunks, _) = text.as_chunks::<8>();
    chunks.iter().chain([last]).all(|chunk| !has_special(u64::from_ne_bytes(*chunk)))
}

/// Whether a byte of the eight is a control character, `"` or `\`.
fn has_special(eight: u64) -> bool {
    let all = |byte: u8| u64::from_ne_bytes([byte; 8]);
    // Where a byte is below the bound, the difference borrows into its highest bit.
    let has_below = |eight: u64, bound: u8| eight.wrapping_sub(all(bound)) & !eight;
    let found =
        has_below(eight, 0x20) | has_below(eight ^ all(b'"'), 1) | has_below(eight ^ all(b'\\'), 1);
    found & all(0x80) != 0
}

pub(crate) fn write_json<T: serde::Serialize + ?Sized>(text: &mut Vec<u8>, value: &T) {
    // Writing text and maps with string keys into memory cannot fail.
    let _ = serde_json::to_writer(text, value);
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
}
