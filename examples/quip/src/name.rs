//! A name is one value: given name, space, family name. Its parts are the two sides of the last
//! space.

use scim_core::Object;
use serde_json::Value;

/// Takes a text for a whole name.
pub(crate) fn read(name: &mut Value) {
    if name.is_string() {
        *name = serde_json::json!({"formatted": name.take()});
    }
}

/// Makes whole and parts agree: those that a request changed decide, parts before the whole.
pub(crate) fn settle(before: Option<&Value>, name: &mut Object) {
    let stored = |part: &str| before.and_then(|name| name.get(part));
    let is_new = |part: &str| name.contains_key(part) && name.get(part) != stored(part);
    let parts = ["givenName", "familyName"].map(|part| text(name, part));
    let has_new_parts = is_new("givenName") || is_new("familyName");
    let whole = match has_new_parts || !is_new("formatted") && parts.iter().any(Option::is_some) {
        true => parts.into_iter().flatten().collect::<Vec<_>>().join(" "),
        false => text(name, "formatted").unwrap_or_default(),
    };
    let (given, family) = whole.rsplit_once(' ').unwrap_or((&whole, ""));
    let parts = [("familyName", family), ("formatted", &whole), ("givenName", given)];
    *name = parts.into_iter().map(|(part, text)| (part.to_owned(), text.trim().into())).collect();
}

fn text(name: &Object, part: &str) -> Option<String> {
    let text = name.get(part)?.as_str()?.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(text).filter(|text| !text.is_empty())
}
