//! Attribute paths: one function for each rule of the ABNF, under its name.

use crate::error::{Fault, ParseErrorKind};
use crate::lexer::{NAME, PATH, Parsed, SCHEME};
use crate::name::{AttrName, AttrPath, SchemaUri};

const EXPECTED_PATH: &str = "an attribute path";
const EXPECTED_NAME: &str = "an attribute name: a letter, then letters, digits, `-`, `_` or `$`";
const EXPECTED_URI: &str = "the absolute URI of a schema";
const BARE_NAME: &str = "the name of a sub-attribute alone";

/// ```abnf
/// attrPath = [URI ":"] ATTRNAME [subAttr]
/// ```
///
/// A URI holds dots and colons itself, so the last colon of the run is the one after it.
#[inline]
pub(crate) fn attr_path(input: &str) -> Parsed<'_, AttrPath<'_>> {
    plain_path(input).map_or_else(|| any_path(input), Ok)
}

/// ATTRNAME \[subAttr\] at once, which nearly every path is; `None` where it may be another.
#[inline]
fn plain_path(input: &str) -> Option<(&str, AttrPath<'_>)> {
    let (rest, name) = plain_name(input)?;
    if !PATH.is_start_of(rest) {
        return Some((rest, AttrPath { uri: None, name, sub: None }));
    }
    let (rest, sub) = plain_name(rest.strip_prefix('.')?)?;
    (!PATH.is_start_of(rest)).then_some((rest, AttrPath { uri: None, name, sub: Some(sub) }))
}

#[inline]
fn plain_name(input: &str) -> Option<(&str, AttrName<'_>)> {
    let (rest, name) = NAME.run(input);
    starts_as_name(name).then(|| (rest, AttrName::checked(name)))
}

fn any_path(input: &str) -> Parsed<'_, AttrPath<'_>> {
    let (rest, run) = PATH.run(input);
    if run.is_empty() {
        return Err(Fault::at(ParseErrorKind::Name, input, EXPECTED_PATH));
    }
    let (uri, names) = match run.rsplit_once(':') {
        Some((schema, names)) => (Some(uri_of_path(schema)?), names),
        None => (None, run),
    };
    let (name, sub) = match names.split_once('.') {
        Some((name, sub)) => (attr_name(name)?, Some(attr_name(sub)?)),
        None => (attr_name(names)?, None),
    };
    Ok((rest, AttrPath { uri, name, sub }))
}

/// ```abnf
/// ATTRNAME = ["$"] ALPHA *nameChar
/// ```
pub(crate) fn attr_name(text: &str) -> Result<AttrName<'_>, nom::Err<Fault<'_>>> {
    if starts_as_name(text) && NAME.is_all_of(text) {
        return Ok(AttrName::checked(text));
    }
    Err(Fault::new(ParseErrorKind::Name, text, EXPECTED_NAME))
}

/// \["$"\] ALPHA
#[inline]
fn starts_as_name(text: &str) -> bool {
    matches!(text.as_bytes(), [b'$', first, ..] | [first, ..] if first.is_ascii_alphabetic())
}

/// An absolute URI (RFC 3986 §4.3): scheme ":", then anything a path may hold.
pub(crate) fn uri(text: &str) -> Result<SchemaUri<'_>, nom::Err<Fault<'_>>> {
    if !PATH.is_all_of(text) {
        return Err(Fault::new(ParseErrorKind::Uri, text, EXPECTED_URI));
    }
    uri_of_path(text)
}

/// A URI that holds nothing but what a path may hold.
fn uri_of_path(text: &str) -> Result<SchemaUri<'_>, nom::Err<Fault<'_>>> {
    let (rest, scheme) = SCHEME.run(text);
    if scheme.starts_with(|c: char| c.is_ascii_alphabetic()) && rest.starts_with(':') {
        return Ok(SchemaUri::checked(text));
    }
    Err(Fault::new(ParseErrorKind::Uri, text, EXPECTED_URI))
}

/// ```abnf
/// subAttr = "." ATTRNAME
/// ```
pub(crate) fn sub_attr(input: &str) -> Parsed<'_, Option<AttrName<'_>>> {
    let Some(name) = input.strip_prefix('.') else {
        return Ok((input, None));
    };
    let (rest, run) = PATH.run(name);
    Ok((rest, Some(attr_name(run)?)))
}

/// ATTRNAME where an attrPath would stand outside of brackets: an element has no deeper levels.
#[inline]
pub(crate) fn element_name(input: &str) -> Parsed<'_, AttrPath<'_>> {
    match plain_name(input) {
        Some((rest, name)) if !PATH.is_start_of(rest) && !rest.starts_with('[') => {
            Ok((rest, AttrPath::from(name)))
        }
        _ => any_element_name(input),
    }
}

fn any_element_name(input: &str) -> Parsed<'_, AttrPath<'_>> {
    let (rest, run) = PATH.run(input);
    if run.contains(['.', ':']) || (!run.is_empty() && rest.starts_with('[')) {
        return Err(Fault::new(ParseErrorKind::SubAttribute, run, BARE_NAME));
    }
    if run.is_empty() {
        return Err(Fault::at(ParseErrorKind::Name, input, BARE_NAME));
    }
    Ok((rest, AttrPath::from(attr_name(run)?)))
}
