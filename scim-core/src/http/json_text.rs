//! Values as JSON text.

use std::{fmt, io::Write as _};

use super::etag::EntityTag;
use crate::resource::Version;
pub(crate) use crate::resource::{is_plain, write_json, write_text};

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
