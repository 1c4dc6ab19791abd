//! From the text of a path to what it names (RFC 7644 §3.5.2, Figure 7; §3.10).

use std::sync::Arc;

use scim_filter::{AttrName, AttrPath, Comparison, Filter, ParseError, Parser, PatchPath};

use super::{
    error::{invalid_path, mutability},
    options::PathGrammar,
    plan::PatchContext,
};
use crate::{
    error::{ScimError, ScimType},
    schema::{Attribute, Extension, Mutability, ResourceType},
};

/// What a path names.
pub(super) enum Target<'a> {
    /// The resource itself.
    Resource,
    /// All data of an extension.
    Extension(&'a Extension),
    /// An attribute as a whole.
    Attribute(&'a Arc<Attribute>),
    /// A part of a complex attribute; of a multi-valued one, that part of all its values.
    Part(Place<'a>),
    /// The values of a multi-valued attribute that match a filter, or one part of each.
    Values(Place<'a>, Filter<'a>),
}

/// An attribute, and a part of it where one is named.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) attribute: &'a Arc<Attribute>,
    pub(super) part: Option<&'a Arc<Attribute>>,
}

/// Finds what the path names in this resource type.
///
/// # Errors
/// 400 `invalidPath` when it is malformed or names nothing, `invalidFilter` when the fault lies
/// inside the brackets.
pub(super) fn locate<'a>(
    context: &PatchContext<'a>,
    path: &'a str,
) -> Result<Target<'a>, ScimError> {
    let resource_type = context.resource_type;
    let text = path.trim_matches(' ');
    if resource_type.schema().eq_ignore_ascii_case(text) {
        return Ok(Target::Resource);
    }
    if let Some(extension) = resource_type.extension(text) {
        return Ok(Target::Extension(extension));
    }
    let (urn, local) = split_urn(resource_type, text);
    let find = |path: &AttrPath<'a>| {
        find(resource_type, urn.or(path.uri.as_deref()), path).filter(|_| {
            // `urn:a:name` after a URN that was already taken off names nothing.
            urn.is_none() || path.uri.is_none()
        })
    };
    match parser(context.options.paths).path(local).map_err(|error| malformed(local, &error))? {
        PatchPath::Attribute(path) => {
            let place = find(&path).ok_or_else(|| unknown(text))?;
            Ok(match place.part {
                None => Target::Attribute(place.attribute),
                Some(_) => Target::Part(place),
            })
        }
        PatchPath::Value { path, sub } => {
            let place = find(&path.path).ok_or_else(|| unknown(text))?;
            values(place, *path.filter, sub.as_ref())
        }
        PatchPath::Element(comparison) => {
            let place = find(&comparison.path).ok_or_else(|| unknown(text))?;
            element(place, comparison)
        }
    }
}

/// Finds what a name or path means inside of the object of an extension.
pub(super) fn locate_in<'a>(extension: &'a Extension, path: &'a str) -> Option<Target<'a>> {
    let PatchPath::Attribute(path) = Parser::tolerant().path(path).ok()? else { return None };
    let attribute = extension.attribute(&path.name).filter(|_| path.uri.is_none())?;
    match &path.sub {
        None => Some(Target::Attribute(attribute)),
        Some(sub) => {
            let part = Some(attribute.sub_attribute(sub)?);
            Some(Target::Part(Place { attribute, part }))
        }
    }
}

impl<'a> Target<'a> {
    /// The attribute that is named or is part of what is named.
    pub(super) fn attribute(&self) -> Option<&'a Arc<Attribute>> {
        match self {
            Self::Resource | Self::Extension(_) => None,
            Self::Attribute(attribute) => Some(attribute),
            Self::Part(place) | Self::Values(place, _) => Some(place.attribute),
        }
    }

    /// Refuses what clients may not write (H-008, A-035, A-045).
    pub(super) fn writable(&self) -> Result<(), ScimError> {
        match self.read_only() {
            Some(attribute) => Err(mutability(attribute, "the attribute is readOnly")),
            None => Ok(()),
        }
    }

    /// The attribute or part that clients may not write, if what is named is such.
    pub(super) fn read_only(&self) -> Option<&'a Arc<Attribute>> {
        let part = match self {
            Self::Part(place) | Self::Values(place, _) => place.part,
            _ => None,
        };
        let named = part.or_else(|| self.attribute())?;
        (named.mutability() == Mutability::ReadOnly).then_some(named)
    }
}

fn parser(grammar: PathGrammar) -> Parser {
    match grammar {
        PathGrammar::Tolerant => Parser::tolerant().accept_bare_words(),
        PathGrammar::Strict => Parser::tolerant(),
    }
}

/// Takes a registered URN off the front, the longest first, together with the colon after it.
fn split_urn<'a>(resource_type: &'a ResourceType, path: &'a str) -> (Option<&'a str>, &'a str) {
    let extensions = resource_type.extensions().iter().map(Extension::urn);
    std::iter::once(resource_type.schema())
        .chain(extensions)
        .filter_map(|urn| {
            let (front, rest) = path.split_at_checked(urn.len())?;
            let local = rest.strip_prefix(':')?;
            front.eq_ignore_ascii_case(urn).then_some((Some(urn), local))
        })
        .min_by_key(|(_, local)| local.len())
        .unwrap_or((None, path))
}

fn find<'a>(
    resource_type: &'a ResourceType,
    urn: Option<&str>,
    path: &AttrPath<'_>,
) -> Option<Place<'a>> {
    let attribute = resource_type.resolve(urn, &path.name, None)?;
    let part = match &path.sub {
        None => None,
        Some(sub) => Some(attribute.sub_attribute(sub)?),
    };
    Some(Place { attribute, part })
}

fn values<'a>(
    place: Place<'a>,
    filter: Filter<'a>,
    sub: Option<&AttrName<'_>>,
) -> Result<Target<'a>, ScimError> {
    let attribute = place.attribute;
    if !attribute.is_multi_valued() {
        return Err(invalid_path("a value filter needs a multi-valued attribute"));
    }
    let is_simple = attribute.sub_attributes().is_empty();
    let part = match sub {
        // The `value` of a simple value is the value itself.
        Some(sub) if is_simple && *sub == "value" => None,
        Some(sub) => Some(attribute.sub_attribute(sub).ok_or_else(|| unknown(sub))?),
        None => None,
    };
    Ok(Target::Values(Place { attribute, part }, filter))
}

/// Erratum 7122: `attribute op value` selects values of a simple multi-valued attribute.
fn element<'a>(place: Place<'a>, comparison: Comparison<'a>) -> Result<Target<'a>, ScimError> {
    if !place.attribute.is_multi_valued() || !place.attribute.sub_attributes().is_empty() {
        return Err(invalid_path("a comparison needs a simple multi-valued attribute"));
    }
    let value = AttrName::new("value").map_err(|error| malformed("value", &error))?;
    Ok(Target::Values(place, Filter::Compare(Comparison { path: value.into(), ..comparison })))
}

fn malformed(path: &str, error: &ParseError) -> ScimError {
    if has_index(path) {
        return invalid_path("values are selected by a filter, not by position");
    }
    let scim_type = match error.in_value_filter() {
        true => ScimType::InvalidFilter,
        false => ScimType::InvalidPath,
    };
    ScimError::new(scim_type, error.to_string()).at("path")
}

/// H-042: `emails[0]`.
fn has_index(path: &str) -> bool {
    let inside = path.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    inside.is_some_and(|(index, _)| is_number(index))
}

fn unknown(path: &str) -> ScimError {
    let names = path.split(['[', ' ']).next().unwrap_or_default();
    ScimError::new(ScimType::InvalidPath, "no schema of the resource type has this attribute")
        .at(names)
}
