//! Media types of requests and responses (RFC 7644 §3.8).

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::{config::ResponseType, error::ScimError};

const SCIM: &str = ResponseType::Scim.as_str();
const JSON: &str = ResponseType::Json.as_str();

impl ResponseType {
    /// The media type as a header.
    pub(crate) fn to_header(self) -> HeaderValue {
        HeaderValue::from_static(self.as_str())
    }

    /// Chooses among what the client accepts (RFC 9110 §12.5.1); of two that are equally welcome,
    /// SCIM's own.
    ///
    /// # Errors
    /// 406 when the client accepts neither (T-004).
    pub(crate) fn negotiate(headers: &HeaderMap) -> Result<Self, ScimError> {
        let ranges: Vec<_> = elements(headers, header::ACCEPT).filter_map(Range::read).collect();
        if ranges.is_empty() {
            return Ok(Self::Scim);
        }
        let scim = quality(&ranges, Self::Scim);
        let json = quality(&ranges, Self::Json);
        if scim <= 0.0 && json <= 0.0 {
            let detail = format!("responses are {SCIM} or {JSON} only");
            return Err(ScimError::with_status(StatusCode::NOT_ACCEPTABLE, detail));
        }
        Ok(if scim >= json { Self::Scim } else { Self::Json })
    }
}

/// Checks that the body of a request is JSON as it stands.
///
/// A body without a media type is taken for JSON; parameters such as `charset` are tolerated.
///
/// # Errors
/// 415 for any other media type (T-005, T-016) and for an encoded body (RFC 9110 §8.4).
pub(crate) fn check_content(headers: &HeaderMap) -> Result<(), ScimError> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter().map(HeaderValue::as_bytes);
    if !types.all(|value| is_json(essence(value))) {
        let detail = format!("requests are {SCIM} or {JSON} only");
        return Err(ScimError::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    let mut encodings = elements(headers, header::CONTENT_ENCODING);
    if !encodings.all(|encoding| encoding.eq_ignore_ascii_case(b"identity")) {
        let detail = "encoded requests are not supported";
        return Err(ScimError::with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    Ok(())
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

    /// How closely the range names the media type; `None` when it does not.
    fn precision(&self, media_type: ResponseType) -> Option<u8> {
        if self.media.eq_ignore_ascii_case(media_type.as_str().as_bytes()) {
            Some(2)
        } else if self.media.eq_ignore_ascii_case(b"application/*") {
            Some(1)
        } else {
            (self.media == b"*/*" || self.media == b"*").then_some(0)
        }
    }
}

/// The quality that the most precise range gives the media type (RFC 9110 §12.5.1).
fn quality(ranges: &[Range<'_>], media_type: ResponseType) -> f32 {
    let named = ranges.iter().filter_map(|range| Some((range.precision(media_type)?, range)));
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

fn is_json(media: &[u8]) -> bool {
    [SCIM, JSON].iter().any(|known| media.eq_ignore_ascii_case(known.as_bytes()))
}

/// The media type without its parameters.
fn essence(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii()
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

    fn headers(name: &HeaderName, values: &[&str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn the_response_is_what_the_client_accepts() {
        // T-002, T-003, T-004
        use ResponseType::{Json, Scim};
        let cases: [(&[&str], Option<ResponseType>); 25] = [
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
            let chosen = ResponseType::negotiate(&headers(&header::ACCEPT, values));
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
            let outcome = check_content(&headers(&header::CONTENT_TYPE, values));
            assert_eq!(
                outcome.map_err(|error| error.status().as_u16()).is_ok(),
                expected,
                "{values:?}"
            );
        }
        for (value, expected) in [("identity", true), ("gzip", false), ("identity, br", false)] {
            let outcome = check_content(&headers(&header::CONTENT_ENCODING, &[value]));
            let status = outcome.map_err(|error| error.status().as_u16());
            assert_eq!(status, if expected { Ok(()) } else { Err(415) }, "{value}");
        }
    }
}
