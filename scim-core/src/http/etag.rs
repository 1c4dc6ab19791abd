//! Entity tags and the conditions that name them (RFC 7644 §3.14).
//!
//! All our tags are weak, since a projection has the same tag as the whole (V-014), and all
//! comparisons are: RFC 7644 §3.14 shows a weak tag in `If-Match`, which the strong comparison of
//! RFC 9110 §13.1.1 would never match (V-009).

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{error::ScimError, resource::Version, store::Precondition};

/// The entity tag of a version: `W/"7"`, in headers and in `meta.version` alike (V-006).
#[derive(Clone, Copy, Debug)]
pub(crate) struct EntityTag<'a>(pub(crate) &'a Version);

impl EntityTag<'_> {
    /// The tag as a header; `None` for a version that no header can show, contrary to what
    /// [`Version`] asks of stores.
    pub(crate) fn to_header(self) -> Option<HeaderValue> {
        let mut text = Vec::new();
        self.write(&mut text);
        if text.is_empty() { None } else { HeaderValue::from_maybe_shared(Bytes::from(text)).ok() }
    }

    /// Appends the tag as a header shows it; nothing for a version that none can show.
    pub(super) fn write(self, text: &mut Vec<u8>) {
        let version = self.0.as_str().as_bytes();
        if version.iter().copied().all(is_tag_character) {
            [b"W/\"", version, b"\""].into_iter().for_each(|part| text.extend_from_slice(part));
        }
    }
}

impl fmt::Display for EntityTag<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "W/\"{}\"", self.0)
    }
}

/// The condition of a write (RFC 9110 §13.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    /// `*`: the resource exists.
    Any,
    /// It has one of these versions.
    OneOf(Vec<Version>),
}

/// The condition of a read (RFC 9110 §13.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfNoneMatch {
    /// `*`: the resource does not exist.
    Any,
    /// It has none of these versions.
    NoneOf(Vec<Version>),
}

impl IfMatch {
    /// The condition of a write, if it has one. `If-None-Match: *` is one that no version of a
    /// resource meets (RFC 9110 §13.1.2).
    ///
    /// # Errors
    /// 400 when `If-Match` is malformed.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Option<Self>, ScimError> {
        let mut unwanted = headers.get_all(header::IF_NONE_MATCH).iter();
        if unwanted.any(|value| value.as_bytes().trim_ascii() == b"*") {
            return Ok(Some(Self::OneOf(Vec::new())));
        }
        Ok(read(headers, &header::IF_MATCH)?.map(|tags| tags.map_or(Self::Any, Self::OneOf)))
    }

    /// The condition of an operation in a Bulk request: its `version` (B-015); `None` when it is
    /// malformed.
    pub(crate) fn of_version(version: &str) -> Option<Self> {
        Some(parse(version.as_bytes())?.map_or(Self::Any, Self::OneOf))
    }

    /// The condition as the store decides it, in one step with the write (V-011).
    pub(crate) fn into_precondition(self) -> Precondition {
        match self {
            Self::Any => Precondition::Exists,
            Self::OneOf(versions) => Precondition::Version(versions),
        }
    }
}

impl IfNoneMatch {
    /// The condition of a request, if it has one.
    ///
    /// # Errors
    /// 400 when the header is malformed.
    pub(crate) fn read(headers: &HeaderMap) -> Result<Option<Self>, ScimError> {
        Ok(read(headers, &header::IF_NONE_MATCH)?.map(|tags| tags.map_or(Self::Any, Self::NoneOf)))
    }

    /// Whether the client already has this version, so that 304 is the answer (V-007).
    pub(crate) fn is_met_by(&self, version: &Version) -> bool {
        match self {
            Self::Any => true,
            Self::NoneOf(versions) => versions.contains(version),
        }
    }
}

/// The tags of all headers of this name: `None` without any, `Some(None)` for `*`.
fn read(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Option<Vec<Version>>>, ScimError> {
    let values: Vec<&[u8]> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
    if values.is_empty() {
        return Ok(None);
    }
    let malformed = || {
        let detail = format!("the header `{name}` is neither `*` nor a list of entity tags");
        ScimError::with_status(StatusCode::BAD_REQUEST, detail)
    };
    parse(&values.join(&b',')).ok_or_else(malformed).map(Some)
}

/// The tags of a condition; `Some(None)` for `*`, `None` when it is malformed.
fn parse(list: &[u8]) -> Option<Option<Vec<Version>>> {
    if list.trim_ascii() == b"*" { Some(None) } else { tags(list).map(Some) }
}

/// A list of at least one tag; empty elements are passed over (RFC 9110 §5.6.1.2, §8.8.3).
fn tags(list: &[u8]) -> Option<Vec<Version>> {
    let mut tags = Vec::new();
    let mut rest = list.trim_ascii_start();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b",") {
            rest = after.trim_ascii_start();
            continue;
        }
        let opaque = rest.strip_prefix(b"W/").unwrap_or(rest).strip_prefix(b"\"")?;
        let (tag, after) = opaque.split_at_checked(opaque.iter().position(|b| *b == b'"')?)?;
        if !tag.iter().copied().all(is_tag_character) {
            return None;
        }
        tags.push(Version::new(str::from_utf8(tag).ok()?));
        rest = after.strip_prefix(b"\"")?.trim_ascii_start();
        if !rest.is_empty() && !rest.starts_with(b",") {
            return None;
        }
    }
    (!tags.is_empty()).then_some(tags)
}

/// `etagc` of RFC 9110 §8.8.3 without `obs-text`, which no version of ours has.
fn is_tag_character(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    fn versions(versions: &[&str]) -> Vec<Version> {
        versions.iter().map(|version| Version::new(*version)).collect()
    }

    #[test]
    fn conditions_are_lists_of_tags() {
        // V-009, V-010
        type Case<'a> = (&'a [&'a str], Result<Option<IfMatch>, ()>);
        let cases: [Case<'_>; 22] = [
            (&[], Ok(None)),
            (&["*"], Ok(Some(IfMatch::Any))),
            (&[" * "], Ok(Some(IfMatch::Any))),
            (&[r#"W/"e180ee84f0671b1""#], Ok(Some(IfMatch::OneOf(versions(&["e180ee84f0671b1"]))))),
            (&[r#""1""#], Ok(Some(IfMatch::OneOf(versions(&["1"]))))),
            (&[r#""a", W/"b""#], Ok(Some(IfMatch::OneOf(versions(&["a", "b"]))))),
            (&[r#""a","b""#], Ok(Some(IfMatch::OneOf(versions(&["a", "b"]))))),
            (&[r#""a""#, r#"W/"b""#], Ok(Some(IfMatch::OneOf(versions(&["a", "b"]))))),
            (&[r#", "a" ,, "b","#], Ok(Some(IfMatch::OneOf(versions(&["a", "b"]))))),
            (&[r#""a,b""#], Ok(Some(IfMatch::OneOf(versions(&["a,b"]))))),
            (&[r#""""#], Ok(Some(IfMatch::OneOf(versions(&[""]))))),
            (&[r#""W/""#], Ok(Some(IfMatch::OneOf(versions(&["W/"]))))),
            (&[""], Err(())),
            (&[","], Err(())),
            (&["1"], Err(())),
            (&[r#"w/"1""#], Err(())),
            (&[r#"W/ "1""#], Err(())),
            (&[r#""1"#], Err(())),
            (&[r#""1" "2""#], Err(())),
            (&[r#"*, "1""#], Err(())),
            (&["*", "*"], Err(())),
            (&[r#""a b""#], Err(())),
        ];
        for (values, expected) in cases {
            let condition = IfMatch::read(&headers(&header::IF_MATCH, values));
            assert_eq!(
                condition.map_err(|error| assert_eq!(error.status(), 400)),
                expected,
                "{values:?}"
            );
        }
    }

    #[test]
    fn a_write_condition_is_left_to_the_store() {
        // V-008, V-011
        assert_eq!(IfMatch::Any.into_precondition(), Precondition::Exists);
        let tags = IfMatch::OneOf(versions(&["1", "2"]));
        assert_eq!(tags.into_precondition(), Precondition::Version(versions(&["1", "2"])));
    }

    #[test]
    fn a_read_condition_compares_weakly() {
        // V-007
        let cases = [
            (r#"W/"7""#, true),
            (r#""7""#, true),
            (r#""6", W/"7""#, true),
            ("*", true),
            (r#"W/"70""#, false),
        ];
        for (value, expected) in cases {
            let condition = IfNoneMatch::read(&headers(&header::IF_NONE_MATCH, &[value]));
            let is_met = condition.unwrap().unwrap().is_met_by(&Version::from(7));
            assert_eq!(is_met, expected, "{value}");
        }
    }

    #[test]
    fn tags_come_back_as_the_versions_they_show() {
        for text in ["7", "", "a-b_c", "!#$%&'()*+,/:;<=>?@[\\]^`{|}~"] {
            let version = Version::new(text);
            let tag = EntityTag(&version).to_header().unwrap();
            assert_eq!(tag.to_str().unwrap(), EntityTag(&version).to_string());
            let headers = HeaderMap::from_iter([(header::IF_MATCH, tag)]);
            let condition = IfMatch::read(&headers).unwrap().unwrap();
            assert_eq!(condition, IfMatch::OneOf(vec![version]));
        }
        for text in ["a b", "a\"b", "ü", "a\nb"] {
            assert_eq!(EntityTag(&Version::new(text)).to_header(), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_header_does_harm(value in prop::collection::vec(any::<u8>(), 0..4), list in "[*,W/\"a \\t]{0,12}") {
            let value = [list.as_bytes(), &value].concat();
            let Ok(header) = HeaderValue::from_bytes(&value) else { return Ok(()) };
            let headers = HeaderMap::from_iter([(header::IF_MATCH, header)]);
            if let Ok(Some(IfMatch::OneOf(versions))) = IfMatch::read(&headers) {
                let text = String::from_utf8_lossy(&value);
                let is_there = |tag: &Version| text.contains(&format!("\"{tag}\""));
                prop_assert!(versions.iter().all(is_there));
            }
        }
    }
}
