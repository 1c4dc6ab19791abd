//! How large a value is, for those who count what is done with it.

use serde_json::Value;

/// What a value takes beside its text.
const EACH: usize = 16;

/// About how many bytes a value takes: its texts and names, and a few for each value in it.
pub(crate) fn size(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(size).sum(),
        Value::Object(parts) => {
            parts.iter().map(|(name, part)| name.len().saturating_add(size(part))).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    inner.saturating_add(EACH)
}
