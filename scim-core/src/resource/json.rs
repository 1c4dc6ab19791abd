//! Values as JSON text.

use serde_json::Value;

use super::Object;

/// Writes a value as serde_json does, and most of its strings faster.
pub(super) fn write_value(text: &mut Vec<u8>, value: &Value) {
    match value {
        Value::String(value) => write_text(text, value),
        Value::Object(members) => write_object(text, members),
        Value::Array(values) => {
            text.push(b'[');
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    text.push(b',');
                }
                write_value(text, value);
            }
            text.push(b']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => write_json(text, value),
    }
}

pub(super) fn write_object(text: &mut Vec<u8>, members: &Object) {
    text.push(b'{');
    for (index, (name, value)) in members.iter().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        write_text(text, name);
        text.push(b':');
        write_value(text, value);
    }
    text.push(b'}');
}

/// Writes a JSON string; most need no escapes, and are copied.
pub(crate) fn write_text(text: &mut Vec<u8>, value: &str) {
    if !is_plain(value.as_bytes()) {
        return write_json(text, value);
    }
    text.push(b'"');
    text.extend_from_slice(value.as_bytes());
    text.push(b'"');
}

/// Whether a JSON string shows these bytes as they are.
pub(crate) fn is_plain(text: &[u8]) -> bool {
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
    use serde_json::json;

    use super::*;

    proptest! {
        #[test]
        fn values_are_those_of_json(
            text in "[a-c \"\\\\\u{1f}\u{20}\u{7f}ü😀]{0,24}",
            integer: i64,
            decimal: f64,
        ) {
            let value = json!({
                text.clone(): [text, integer, decimal, true, null], "a": {}, "b": [], "c": [{"d": "e"}, 0]
            });
            let mut written = Vec::new();
            write_value(&mut written, &value);
            prop_assert_eq!(String::from_utf8(written).unwrap(), value.to_string());
        }
    }
}
