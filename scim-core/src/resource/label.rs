//! The text that stands for a resource where others refer to it.

use serde_json::Value;

use super::Object;

/// The attributes that it is taken from, the first that has a text.
pub(super) const SOURCES: [&str; 3] = ["displayName", "userName", "name"];

/// The `display` of a resource: its `displayName`, else its `userName`, else its `name`.
pub(crate) fn label(values: &Object) -> Option<Box<str>> {
    SOURCES.iter().find_map(|name| values.get(*name).and_then(Value::as_str)).map(Into::into)
}
