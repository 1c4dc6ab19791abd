//! References to resources that another operation adds (RFC 7644 §3.7.2).
//!
//! A text refers to one as a whole (`bulkId:x`), in a segment of a path or URL
//! (`/Users/bulkId:x`), or in quotes inside of it (`members[value eq "bulkId:x"]`).

use std::borrow::Cow;

use serde_json::Value;

use crate::{error::ScimError, resource::ResourceId};

const PREFIX: &str = "bulkId:";

/// The bulkIds that the texts of a value refer to; names of members refer to nothing.
pub(super) fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    for_each_text(value, &mut |text| found.extend(references_of(text)));
}

/// The bulkIds that one text refers to.
pub(super) fn references_of(text: &str) -> impl Iterator<Item = &str> {
    let text = text.contains(PREFIX).then_some(text);
    text.into_iter().flat_map(parts).filter_map(Part::reference)
}

/// What may be an id in a text: the whole of it, the segments of a URL, what a filter quotes.
pub(super) fn ids_in(text: &str) -> impl Iterator<Item = &str> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '"' | '[' | ']' | '?' | '#');
    std::iter::once(text).chain(text.split(ends))
}

/// Shows all texts of a value.
pub(super) fn for_each_text<'a>(value: &'a Value, see: &mut impl FnMut(&'a str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(elements) => elements.iter().for_each(|it| for_each_text(it, see)),
        Value::Object(members) => members.values().for_each(|it| for_each_text(it, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The value with ids in place of references.
///
/// # Errors
/// What the look-up of a bulkId fails with.
pub(super) fn resolved(
    value: &Value,
    id_of: &impl Fn(&str) -> Result<ResourceId, ScimError>,
) -> Result<Value, ScimError> {
    Ok(match value {
        Value::String(text) => Value::String(resolved_text(text, id_of)?.into_owned()),
        Value::Array(elements) => {
            elements.iter().map(|it| resolved(it, id_of)).collect::<Result<_, _>>()?
        }
        Value::Object(members) => {
            let member = |(name, value): (&String, _)| Ok((name.clone(), resolved(value, id_of)?));
            Value::Object(members.iter().map(member).collect::<Result<_, ScimError>>()?)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    })
}

/// The text with ids in place of references.
///
/// # Errors
/// As [`resolved`].
pub(super) fn resolved_text<'a>(
    text: &'a str,
    id_of: &impl Fn(&str) -> Result<ResourceId, ScimError>,
) -> Result<Cow<'a, str>, ScimError> {
    if !text.contains(PREFIX) {
        return Ok(Cow::Borrowed(text));
    }
    let mut whole = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Plain(text) => whole.push_str(text),
            Part::Reference(bulk_id) => whole.push_str(&id_of(bulk_id)?),
        }
    }
    Ok(Cow::Owned(whole))
}

enum Part<'a> {
    Plain(&'a str),
    /// A bulkId, without its prefix.
    Reference(&'a str),
}

impl<'a> Part<'a> {
    fn reference(self) -> Option<&'a str> {
        match self {
            Self::Plain(_) => None,
            Self::Reference(bulk_id) => Some(bulk_id),
        }
    }
}

/// The parts of a text, which together are all of it but for the prefixes of references.
fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let (whole, mut rest) = match text.strip_prefix(PREFIX) {
        Some(bulk_id) => (Some(Part::Reference(bulk_id)), ""),
        None => (None, text),
    };
    let embedded = std::iter::from_fn(move || {
        let (plain, reference, after) = split_reference(rest)?;
        rest = after;
        Some([Some(Part::Plain(plain)), reference.map(Part::Reference)])
    });
    whole.into_iter().chain(embedded.flatten().flatten())
}

/// The text before the first embedded reference, the reference, and the text after it.
fn split_reference(text: &str) -> Option<(&str, Option<&str>, &str)> {
    if text.is_empty() {
        return None;
    }
    let embedded = text.match_indices(PREFIX).find_map(|(at, _)| {
        let (plain, found) = text.split_at_checked(at)?;
        let ends: &[char] = match plain.chars().next_back()? {
            '/' => &['/', '?', '#'],
            '"' => &['"'],
            _ => return None,
        };
        let found = found.strip_prefix(PREFIX)?;
        let (bulk_id, after) = found.split_at_checked(found.find(ends).unwrap_or(found.len()))?;
        Some((plain, Some(bulk_id), after))
    });
    Some(embedded.unwrap_or((text, None, "")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::error::ScimType;

    fn id_of(bulk_id: &str) -> Result<ResourceId, ScimError> {
        match bulk_id {
            "unknown" => Err(ScimError::new(ScimType::InvalidValue, "unknown")),
            known => Ok(ResourceId::new(format!("<{known}>"))),
        }
    }

    #[test]
    fn references_become_ids_wherever_they_stand() {
        // B-016, B-017
        let cases = [
            ("bulkId:x", "<x>", vec!["x"]),
            ("bulkId:a/b \"c\"", "<a/b \"c\">", vec!["a/b \"c\""]),
            ("bulkId:", "<>", vec![""]),
            ("/Users/bulkId:x", "/Users/<x>", vec!["x"]),
            ("https://h/v2/Users/bulkId:x?y#z", "https://h/v2/Users/<x>?y#z", vec!["x"]),
            ("/bulkId:a/bulkId:b", "/<a>/<b>", vec!["a", "b"]),
            ("members[value eq \"bulkId:x\"]", "members[value eq \"<x>\"]", vec!["x"]),
            (
                "m[value eq \"bulkId:x\" or value eq \"bulkId:y\"]",
                "m[value eq \"<x>\" or value eq \"<y>\"]",
                vec!["x", "y"],
            ),
            ("the bulkId:x", "the bulkId:x", vec![]),
            ("xbulkId:x", "xbulkId:x", vec![]),
            ("bulkid:x", "bulkid:x", vec![]),
            ("bulkId", "bulkId", vec![]),
            ("", "", vec![]),
        ];
        for (text, expected, bulk_ids) in cases {
            assert_eq!(resolved_text(text, &id_of).unwrap(), expected, "{text}");
            assert_eq!(references_of(text).collect::<Vec<_>>(), bulk_ids, "{text}");
        }
    }

    #[test]
    fn every_text_of_a_value_is_looked_at() {
        let value = json!({"bulkId:n": [{"$ref": "../Users/bulkId:a"}, "bulkId:b", 1, null, true]});
        let expected = json!({"bulkId:n": [{"$ref": "../Users/<a>"}, "<b>", 1, null, true]});
        assert_eq!(resolved(&value, &id_of).unwrap(), expected);
        let mut found = Vec::new();
        references(&value, &mut found);
        assert_eq!(found, ["a", "b"]);
        // B-018
        assert!(resolved(&json!({"manager": {"value": "bulkId:unknown"}}), &id_of).is_err());
    }

    proptest! {
        #[test]
        fn no_text_loses_anything(text in "(bulkId:|/|\"|a|\u{fc}|\\?){0,8}") {
            let same = |bulk_id: &str| Ok(ResourceId::new(format!("bulkId:{bulk_id}")));
            prop_assert_eq!(resolved_text(&text, &same).unwrap(), text.as_str());
        }
    }
}
