//! The query string of a URL (RFC 7644 §3.4.2, §3.9).

use std::borrow::Cow;

use http::StatusCode;

use super::{
    dialect::Dialect,
    list_parameters::{ListParameters, ProjectionParameters},
    parameters::{Draft, Parameter, invalid},
};
use crate::error::ScimError;

/// Reads the parameters of a query.
///
/// # Errors
/// 400 `invalidValue` for a parameter given twice, a malformed one, or two that exclude each other.
pub(crate) fn read_list(
    query: Option<&str>,
    dialect: &dyn Dialect,
) -> Result<ListParameters, ScimError> {
    read(query, |parameter| dialect.knows(parameter))
}

/// Reads the parameters that select attributes; all others are ignored, as on requests that show
/// one resource.
///
/// # Errors
/// As [`read_list`].
pub(crate) fn read_projection(
    query: Option<&str>,
    dialect: &dyn Dialect,
) -> Result<ProjectionParameters, ScimError> {
    let is_wanted = |it: Parameter| it.is_projection() && dialect.knows(it);
    read(query, is_wanted).map(|parameters| parameters.projection)
}

/// Discovery ignores query parameters (D-009) but for a filter, which it refuses (D-010).
///
/// # Errors
/// 403 when a filter is given (RFC 7644 §4).
pub(crate) fn refuse_filter(query: Option<&str>) -> Result<(), ScimError> {
    if pairs(query).all(|(parameter, _)| parameter != Parameter::Filter) {
        return Ok(());
    }
    Err(ScimError::with_status(StatusCode::FORBIDDEN, "discovery cannot be filtered"))
}

fn read(
    query: Option<&str>,
    is_wanted: impl Fn(Parameter) -> bool,
) -> Result<ListParameters, ScimError> {
    let Some(query) = query else { return Ok(ListParameters::default()) };
    let mut draft = Draft::default();
    let mut seen = Vec::new();
    for (parameter, value) in pairs(Some(query)).filter(|(parameter, _)| is_wanted(*parameter)) {
        if seen.contains(&parameter) {
            return Err(invalid(parameter, "the parameter is given twice"));
        }
        seen.push(parameter);
        let value = decoded(value).ok_or_else(|| invalid(parameter, "not encoded in UTF-8"))?;
        draft.text(parameter, &value)?;
    }
    draft.finish()
}

/// The parameters that mean something, with their values still encoded (L-006).
fn pairs(query: Option<&str>) -> impl Iterator<Item = (Parameter, &str)> {
    query.unwrap_or_default().split('&').filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((Parameter::named(&decoded(name)?)?, value))
    })
}

/// Both `+` and `%20` are spaces, as in forms (T-012); `%` without two digits is itself. `None`
/// when what comes out is not in UTF-8.
fn decoded(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let mut octets = Vec::with_capacity(text.len());
    for (number, part) in text.split('%').enumerate() {
        let plain = match octet(part) {
            Some((octet, rest)) if number > 0 => {
                octets.push(octet);
                rest
            }
            _ if number > 0 => {
                octets.push(b'%');
                part
            }
            _ => part,
        };
        octets.extend(plain.bytes().map(|byte| if byte == b'+' { b' ' } else { byte }));
    }
    String::from_utf8(octets).ok().map(Cow::Owned)
}

/// The octet of two hexadecimal digits, and what follows them.
fn octet(text: &str) -> Option<(u8, &str)> {
    let ([high, low], _) = text.as_bytes().split_first_chunk()?;
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let octet = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
    Some((octet, text.get(2..)?))
}

#[cfg(test)]
mod tests {
    use super::{super::dialect::Two, *};
    use crate::{error::ScimType, query::SortOrder};

    fn list() -> ListParameters {
        ListParameters::default()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn only(list: &[&str]) -> ProjectionParameters {
        ProjectionParameters::Only(names(list))
    }

    fn without(list: &[&str]) -> ProjectionParameters {
        ProjectionParameters::Without(names(list))
    }

    #[test]
    fn parameters_are_read() {
        let filter = |filter: &str| ListParameters { filter: Some(filter.into()), ..list() };
        let start = |start| ListParameters { start_index: Some(start), ..list() };
        let count = |count| ListParameters { count: Some(count), ..list() };
        let cursor = |cursor: &str| ListParameters { cursor: Some(cursor.into()), ..list() };
        let shown = |projection| ListParameters { projection, ..list() };
        let manager = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
        let cases = [
            ("", list()),
            ("&&", list()),
            // T-012
            ("filter=userName+eq+%22x%22", filter("userName eq \"x\"")),
            ("filter=userName%20eq%20%22x%22", filter("userName eq \"x\"")),
            ("filter=a%2Bb", filter("a+b")),
            ("filter=a=b", filter("a=b")),
            ("filter=a%26b", filter("a&b")),
            ("filter=50%", filter("50%")),
            ("filter=%2", filter("%2")),
            ("filter=%%20%4%31%zz%+1", filter("% %41%zz% 1")),
            ("filter=%c3%BC+ü", filter("ü ü")),
            ("filter=%25", filter("%")),
            ("filter=%C3%BC", filter("ü")),
            // F-024: given, and refused where it is parsed
            ("filter=", filter("")),
            // L-006
            ("foo=1&foo=2&%FF=1&=3", list()),
            ("FILTER=x", filter("x")),
            ("%66ilter=x", filter("x")),
            // P-001, P-002; Entra sends the first in lower case
            ("startindex=0", start(1)),
            ("startIndex=-5", start(1)),
            ("startIndex=7", start(7)),
            ("startIndex=+7", start(7)),
            ("startIndex=%2B7", start(7)),
            ("count=0", count(0)),
            ("count=-1", count(0)),
            ("count=007", count(7)),
            ("count=99999999999999999999999", count(i64::MAX as u64)),
            ("count=-99999999999999999999999", count(0)),
            // K-001
            ("cursor", cursor("")),
            ("cursor=", cursor("")),
            ("cursor=a%3D", cursor("a=")),
            // O-003
            (
                "sortBy=name.familyName",
                ListParameters { sort_by: Some("name.familyName".into()), ..list() },
            ),
            (
                "sortOrder=Descending",
                ListParameters { sort_order: SortOrder::Descending, ..list() },
            ),
            ("sortOrder=ascending", list()),
            // G-009
            ("attributes=userName", shown(only(&["userName"]))),
            (
                "attributes=userName,+name.familyName,",
                shown(only(&["userName", "name.familyName"])),
            ),
            (&format!("attributes={manager}"), shown(only(&[manager]))),
            ("excludedAttributes=members%2Cgroups", shown(without(&["members", "groups"]))),
            ("attributes=&excludedAttributes=members", shown(without(&["members"]))),
            ("attributes=,%20,", list()),
        ];
        for (query, expected) in cases {
            assert_eq!(read_list(Some(query), &Two), Ok(expected), "{query}");
        }
        assert_eq!(read_list(None, &Two), Ok(list()));
    }

    #[test]
    fn malformed_parameters_are_refused() {
        let many = format!("attributes={}", ["a"; 257].join(","));
        let long = format!("sortBy={}", "a".repeat(5000));
        let long_name = format!("attributes={}", "a".repeat(5000));
        let cases = [
            ("count=1&count=1", "count"),
            ("filter=a&FILTER=b", "filter"),
            // P-008
            ("count=ten", "count"),
            ("count=", "count"),
            ("count=1.5", "count"),
            ("count=-", "count"),
            ("count=1e3", "count"),
            ("startIndex=\u{0661}", "startIndex"),
            // O-003
            ("sortOrder=up", "sortOrder"),
            ("sortOrder=", "sortOrder"),
            ("filter=%FF", "filter"),
            ("filter=%C3+%BC", "filter"),
            (&many, "attributes"),
            (&long, "sortBy"),
            (&long_name, "attributes"),
        ];
        for (query, parameter) in cases {
            let error = read_list(Some(query), &Two).unwrap_err();
            assert_eq!(error.scim_type(), Some(ScimType::InvalidValue), "{query}");
            assert_eq!(error.attribute(), Some(parameter), "{query}");
        }
        // G-008
        let both = read_list(Some("attributes=a&excludedAttributes=b"), &Two).unwrap_err();
        assert_eq!(both.scim_type(), Some(ScimType::InvalidValue));
    }

    #[test]
    fn a_request_for_one_resource_heeds_its_projection_only() {
        let read = |query| read_projection(Some(query), &Two);
        assert_eq!(read("attributes=id&count=ten&count=2"), Ok(only(&["id"])));
        assert_eq!(read("filter=x"), Ok(ProjectionParameters::Default));
        assert!(read("attributes=a&excludedAttributes=b").is_err());
    }

    #[test]
    fn discovery_refuses_filters_and_ignores_the_rest() {
        // D-009, D-010
        for query in ["filter=x", "Filter=", "filter", "count=1&filter=x", "%66ilter=x"] {
            assert_eq!(refuse_filter(Some(query)).unwrap_err().status(), 403, "{query}");
        }
        for query in ["", "startIndex=2&count=1&sortBy=id", "count=ten", "x=filter"] {
            assert_eq!(refuse_filter(Some(query)), Ok(()), "{query}");
        }
    }
}
