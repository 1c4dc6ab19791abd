//! Media types of requests and responses (RFC 7644 §3.8).

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::format::Format;

/// Chooses among what the client accepts; `None` when it accepts nothing that is offered.
pub(super) fn negotiate(headers: &HeaderMap, offered: &[Format]) -> Option<Format> {
    // Most clients name one type and nothing else.
    let only = only_value(headers, &header::ACCEPT).unwrap_or_default();
    if let Some(format) = offered.iter().find(|it| is_one_of(only, it.media_types())) {
        return Some(*format);
    }
    let ranges: Vec<_> = elements(headers, header::ACCEPT).filter_map(Range::read).collect();
    if ranges.is_empty() {
        return offered.first().copied();
    }
    let rated = offered.iter().map(|format| (quality(&ranges, *format), *format));
    let best = rated.reduce(|best, next| if next.0 > best.0 { next } else { best })?;
    (best.0 > 0.0).then_some(best.1)
}

/// Whether a `Content-Type` names the format.
pub(super) fn names(value: &[u8], format: Format) -> bool {
    is_one_of(essence(value), format.media_types())
}

/// Whether a body is not what its media type says, but an encoding of it (RFC 9110 §8.4).
pub(super) fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = elements(headers, header::CONTENT_ENCODING);
    !encodings.all(|encoding| encoding.eq_ignore_ascii_case(b"identity"))
}

/// One element of `Accept`: a media range and how welcome it is.
struct Range<'a> {
    media: &'a [u8],
    quality: f32,
}

impl<'a> Range<'a> {
    /// Reads `type/subtype;q=0.5`; other parameters do not matter to JSON.
    fn read(element: &'a [u8]) -> Option<Self> {
        let media = essence(element);
        let quality = element.split(|byte| *byte == b';').skip(1).find_map(quality_parameter);
        (!media.is_empty()).then_some(Self { media, quality: quality.unwrap_or(1.0) })
    }

    /// How closely the range names the format; `None` when it does not.
    fn precision(&self, format: Format) -> Option<u8> {
        if is_one_of(self.media, format.media_types()) {
            Some(2)
        } else if self.media.eq_ignore_ascii_case(b"application/*") {
            Some(1)
        } else {
            (self.media == b"*/*" || self.media == b"*").then_some(0)
        }
    }
}

/// The quality that the most precise range gives the format (RFC 9110 §12.5.1).
fn quality(ranges: &[Range<'_>], format: Format) -> f32 {
    let named = ranges.iter().filter_map(|range| Some((range.precision(format)?, range)));
    let closest = named.reduce(|best, next| if next.0 > best.0 { next } else { best });
    closest.map_or(0.0, |(_, range)| range.quality)
}

/// The value of `q` (RFC 9110 §12.4.2); a malformed one counts as not given.
fn quality_parameter(parameter: &[u8]) -> Option<f32> {
    let (name, value) = parameter.trim_ascii().split_at_checked(2)?;
    if !name.eq_ignore_ascii_case(b"q=") {
        return None;
    }
    let quality: f32 = str::from_utf8(value).ok()?.parse().ok()?;
    (0.0..=1.0).contains(&quality).then_some(quality)
}

fn is_one_of(media: &[u8], media_types: &[&str]) -> bool {
    media_types.iter().any(|known| media.eq_ignore_ascii_case(known.as_bytes()))
}

/// The media type without its parameters.
fn essence(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
}

/// The value of the only header of this name.
fn only_value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    values.next().is_none().then(|| first.as_bytes())
}

/// The elements of all headers of this name.
fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    let values = headers.get_all(name).iter().map(HeaderValue::as_bytes);
    values
        .flat_map(|value| value.split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &[Format] = &[Format::Scim, Format::Json];

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn the_response_is_what_the_client_accepts() {
        // T-002, T-003, T-004
        use Format::{Json, Scim};
        let cases: [(&[&str], Option<Format>); 25] = [
            (&[], Some(Scim)),
            (&[""], Some(Scim)),
            (&["*/*"], Some(Scim)),
            (&["*"], Some(Scim)),
            (&["application/*"], Some(Scim)),
            (&["application/scim+json"], Some(Scim)),
            (&["Application/SCIM+JSON; charset=utf-8"], Some(Scim)),
            (&["application/json"], Some(Json)),
            (&["application/json;charset=utf-8"], Some(Json)),
            (&["application/scim+json, application/json"], Some(Scim)),
            (&["application/json, application/scim+json"], Some(Scim)),
            (&["application/json", "application/scim+json"], Some(Scim)),
            (&["application/json, text/plain, */*"], Some(Scim)),
            (&["application/scim+json;q=0.5, application/json"], Some(Json)),
            (&["application/json;q=0.5, */*;q=0.1"], Some(Json)),
            (&["*/*, application/scim+json;q=0"], Some(Json)),
            (&["application/*;q=0, application/json"], Some(Json)),
            (&["*/*;q=0.1, application/*;Q=0.9"], Some(Scim)),
            (&["application/json;q=abc"], Some(Json)),
            (&["application/json;q=NaN, text/html"], Some(Json)),
            (&["text/html"], None),
            (&["text/*, image/png"], None),
            (&["application/scim"], None),
            (&["*/*;q=0"], None),
            (&["application/xml;q=1, application/json;q=0.0"], None),
        ];
        for (values, expected) in cases {
            let chosen = Format::accepted(&headers(&header::ACCEPT, values), BOTH);
            match chosen {
                Ok(chosen) => assert_eq!(Some(chosen), expected, "{values:?}"),
                Err(error) => assert_eq!((error.status().as_u16(), None), (406, expected)),
            }
        }
    }

    #[test]
    fn the_request_is_json() {
        // T-001, T-005, T-016
        let cases: [(&[&str], bool); 14] = [
            (&[], true),
            (&["application/scim+json"], true),
            (&["application/scim+json; charset=utf-8"], true),
            (&["APPLICATION/JSON;charset=\"UTF-8\""], true),
            (&["application/json ; charset=iso-8859-1"], true),
            (&["application/json;"], true),
            (&["application/json", "application/scim+json"], true),
            (&[""], false),
            (&["application/json-patch+json"], false),
            (&["application/xml"], false),
            (&["text/plain"], false),
            (&["text/json"], false),
            (&["application/x-www-form-urlencoded"], false),
            (&["application/json", "text/plain"], false),
        ];
        for (values, expected) in cases {
            let outcome = Format::of_content(&headers(&header::CONTENT_TYPE, values), BOTH);
            assert_eq!(
                outcome.map_err(|error| error.status().as_u16()).is_ok(),
                expected,
                "{values:?}"
            );
        }
        for (value, expected) in [("identity", true), ("gzip", false), ("identity, br", false)] {
            let outcome = Format::of_content(&headers(&header::CONTENT_ENCODING, &[value]), BOTH);
            let status = outcome.map_err(|error| error.status().as_u16());
            assert_eq!(status.map(drop), if expected { Ok(()) } else { Err(415) }, "{value}");
        }
    }
}
