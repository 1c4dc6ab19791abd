//! The path under which a server is mounted.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::mount::Fit;
use crate::store::Tenant;

/// What a path segment needs escaped (RFC 3986 §3.3, `pchar`), a little more strictly than it
/// must.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b'@');

/// More than most base paths take.
const ROOM: usize = 64;

/// The only parameter a base path may have.
const TENANT: &str = "{tenant}";

/// The path that precedes every SCIM endpoint (RFC 7644 §1.3, §3.13), such as `/scim/v2` or
/// `/tenants/{tenant}/scim/v2`.
///
/// A last segment of the form `v2` is the protocol version, which clients may leave out. The
/// parameter `{tenant}` stands for one whole segment, the name of a tenant.
///
/// ```
/// use scim_core::BasePath;
///
/// assert!("/tenants/{tenant}/scim/v2".parse::<BasePath>().is_ok());
/// assert!("/scim?version=2".parse::<BasePath>().is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasePath {
    segments: Vec<Segment>,
    version: Option<Box<str>>,
    protocol: ProtocolVersion,
    /// The path of a tenant without a name, which is that of all where no tenant is named.
    nameless: Box<str>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(Box<str>),
    Tenant,
}

/// Why a text is no [`BasePath`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBasePath {
    /// It does not begin with `/`.
    #[error("a base path begins with `/`")]
    NotAbsolute,
    /// It has a query or a fragment, which RFC 7644 §1.3 forbids.
    #[error("a base path has no query and no fragment")]
    NotAPath,
    /// Two slashes stand side by side.
    #[error("a base path has no empty segments")]
    EmptySegment,
    /// A segment with braces is not the parameter `{tenant}`, or is so twice.
    #[error("`{0}` is not the one parameter `{{tenant}}`")]
    UnknownParameter(Box<str>),
    /// A segment has characters that a path shows only escaped.
    #[error("`{0}` has characters that do not stand in a path")]
    InvalidSegment(Box<str>),
    /// The last segment names a version of the protocol other than the one that is served there.
    #[error("`{0}` is not a version of the protocol that is served")]
    UnsupportedVersion(Box<str>),
}

/// What a base path makes of the beginning of a request's path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mounted<'m, 's> {
    /// The tenant that the path names.
    pub(crate) tenant: Option<Tenant>,
    /// The base path with its parameters filled in, without a slash at the end.
    pub(crate) base: Cow<'m, str>,
    /// The decoded segments after it.
    pub(crate) rest: &'s [Cow<'s, str>],
}

/// Why a path does not lead below a base path.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NotMounted {
    /// It leads somewhere else.
    Elsewhere,
    /// It names a version of the protocol that is not served (V-002).
    Version(String),
}

impl BasePath {
    /// Whether the path names a tenant.
    pub fn has_tenant(&self) -> bool {
        self.segments.contains(&Segment::Tenant)
    }

    /// Takes the base path off the beginning of a request's decoded segments.
    ///
    /// `is_endpoint` tells the name of an endpoint from a version where both could stand.
    pub(crate) fn strip<'s>(
        &self,
        path: &'s [Cow<'s, str>],
        is_endpoint: impl Fn(&str) -> bool,
    ) -> Result<Mounted<'_, 's>, NotMounted> {
        let (own, rest) =
            path.split_at_checked(self.segments.len()).ok_or(NotMounted::Elsewhere)?;
        let mut tenant = None;
        for (segment, given) in self.segments.iter().zip(own) {
            match segment {
                Segment::Literal(literal) if **literal == **given => {}
                Segment::Literal(_) => return Err(NotMounted::Elsewhere),
                Segment::Tenant => tenant = Some(Tenant::new(&**given)),
            }
        }
        let rest = skip_version(rest, self.protocol, is_endpoint)?;
        let base = match &tenant {
            None => Cow::Borrowed(&*self.nameless),
            Some(tenant) => Cow::Owned(self.of(tenant)),
        };
        Ok(Mounted { tenant, base, rest })
    }

    /// How many segments it has, without the version.
    pub(super) fn depth(&self) -> usize {
        self.segments.len()
    }

    /// How a request's path fits.
    pub(super) fn fit(&self, path: &str) -> Fit {
        let Some(path) = segments(path) else { return Fit::None };
        match self.strip(&path, |_| true) {
            Err(_) => Fit::None,
            Ok(Mounted { rest, .. }) => match rest.first().map(|it| ProtocolVersion::read(it)) {
                Some(Some(version)) if version == self.protocol => Fit::Named,
                Some(Some(_)) => Fit::None,
                Some(None) | None => Fit::Possible,
            },
        }
    }

    /// The base path of a tenant, without a slash at the end.
    pub(crate) fn of(&self, tenant: &Tenant) -> String {
        let mut base = String::with_capacity(ROOM);
        for segment in &self.segments {
            base.push('/');
            match segment {
                Segment::Literal(literal) => base.push_str(literal),
                Segment::Tenant => base.extend(encoded(tenant.as_str())),
            }
        }
        if let Some(version) = &self.version {
            base.push('/');
            base.push_str(version);
        }
        base
    }
}

impl std::str::FromStr for BasePath {
    type Err = InvalidBasePath;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::of_version(text, ProtocolVersion::Two)
    }
}

impl BasePath {
    /// Reads the base path of a version of the protocol.
    pub(crate) fn of_version(
        text: &str,
        protocol: ProtocolVersion,
    ) -> Result<Self, InvalidBasePath> {
        if text.contains(['?', '#']) {
            return Err(InvalidBasePath::NotAPath);
        }
        let inner = text.strip_suffix('/').unwrap_or(text);
        let (segments, nameless) = (Vec::new(), Box::default());
        let mut path = Self { segments, version: None, protocol, nameless };
        if inner.is_empty() {
            return Ok(path);
        }
        for segment in inner.strip_prefix('/').ok_or(InvalidBasePath::NotAbsolute)?.split('/') {
            let segment = Segment::read(segment)?;
            if segment == Segment::Tenant && path.has_tenant() {
                return Err(InvalidBasePath::UnknownParameter(TENANT.into()));
            }
            path.segments.push(segment);
        }
        path.take_version()?;
        path.nameless = path.of(&Tenant::default()).into();
        Ok(path)
    }

    /// Moves a version at the end out of the segments that every request must show.
    fn take_version(&mut self) -> Result<(), InvalidBasePath> {
        let Some(Segment::Literal(last)) = self.segments.last() else { return Ok(()) };
        match ProtocolVersion::read(last) {
            None => Ok(()),
            Some(version) if version == self.protocol => {
                self.version = Some(last.clone());
                self.segments.pop();
                Ok(())
            }
            Some(_) => Err(InvalidBasePath::UnsupportedVersion(last.clone())),
        }
    }
}

impl Segment {
    fn read(text: &str) -> Result<Self, InvalidBasePath> {
        if text.is_empty() {
            return Err(InvalidBasePath::EmptySegment);
        }
        if text == TENANT {
            return Ok(Self::Tenant);
        }
        if text.contains(['{', '}']) {
            return Err(InvalidBasePath::UnknownParameter(text.into()));
        }
        if encoded(text).eq([text]) {
            Ok(Self::Literal(text.into()))
        } else {
            Err(InvalidBasePath::InvalidSegment(text.into()))
        }
    }
}

/// What a segment of the form `v` and a number says (RFC 7644 §3.13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProtocolVersion {
    One,
    Two,
    Other,
}

impl ProtocolVersion {
    fn read(segment: &str) -> Option<Self> {
        let number = segment.strip_prefix(['v', 'V'])?;
        let is_number = number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().all(|c| c.is_ascii_digit() || c == '.');
        is_number.then_some(match number {
            "1" => Self::One,
            "2" => Self::Two,
            _ => Self::Other,
        })
    }
}

/// A version may precede the endpoint or be left out (V-001, V-003).
fn skip_version<'s>(
    rest: &'s [Cow<'s, str>],
    protocol: ProtocolVersion,
    is_endpoint: impl Fn(&str) -> bool,
) -> Result<&'s [Cow<'s, str>], NotMounted> {
    match rest.split_first() {
        Some((first, after)) if !is_endpoint(first) => match ProtocolVersion::read(first) {
            Some(version) if version == protocol => Ok(after),
            Some(_) => Err(NotMounted::Version(first.to_string())),
            None => Ok(rest),
        },
        _ => Ok(rest),
    }
}

/// The decoded segments of a path; `None` where one is empty or no UTF-8.
pub(super) fn segments(path: &str) -> Option<Vec<Cow<'_, str>>> {
    let path = path.strip_prefix('/')?;
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Vec::new());
    }
    let decoded = match path.contains('%') {
        true => |segment| percent_decode_str(segment).decode_utf8().ok(),
        false => |segment| Some(Cow::Borrowed(segment)),
    };
    path.split('/').map(|segment| decoded(segment).filter(|it| !it.is_empty())).collect()
}

/// A text as one path segment, which has no characters that JSON escapes (T-008).
pub(super) fn segment(text: &str) -> Cow<'_, str> {
    match is_simple(text) {
        true => Cow::Borrowed(text),
        false => encoded(text).into(),
    }
}

/// Whether a segment needs no escapes, nor those of JSON, as most ids. All of it is looked at, several
/// bytes at a time.
pub(super) fn is_simple(segment: &str) -> bool {
    let is_fit = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-');
    segment.bytes().fold(true, |are_fit, byte| are_fit & is_fit(byte))
}

/// The text as one path segment, in pieces.
fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    utf8_percent_encode(text, SEGMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_paths_are_plain_paths_with_at_most_one_tenant() {
        // T-009, T-010, V-001
        use InvalidBasePath as Invalid;
        let cases: [(&str, Result<&str, Invalid>); 17] = [
            ("", Ok("")),
            ("/", Ok("")),
            ("/scim/v2", Ok("/scim/v2")),
            ("/scim/v2/", Ok("/scim/v2")),
            ("/scim/tenant/x/v2", Ok("/scim/tenant/x/v2")),
            ("/tenants/{tenant}/scim/v2", Ok("/tenants/a%20b/scim/v2")),
            ("/people/companies/{tenant}", Ok("/people/companies/a%20b")),
            ("/volume2/scim", Ok("/volume2/scim")),
            ("scim", Err(Invalid::NotAbsolute)),
            ("https://example.com/scim", Err(Invalid::NotAbsolute)),
            ("/scim?x=1", Err(Invalid::NotAPath)),
            ("/scim#x", Err(Invalid::NotAPath)),
            ("/scim//v2", Err(Invalid::EmptySegment)),
            ("/{realm}/v2", Err(Invalid::UnknownParameter("{realm}".into()))),
            ("/x{tenant}/v2", Err(Invalid::UnknownParameter("x{tenant}".into()))),
            ("/{tenant}/{tenant}", Err(Invalid::UnknownParameter("{tenant}".into()))),
            ("/scim/v1", Err(Invalid::UnsupportedVersion("v1".into()))),
        ];
        for (text, expected) in cases {
            let filled = text.parse().map(|path: BasePath| path.of(&Tenant::new("a b")));
            assert_eq!(filled, expected.map(str::to_owned), "{text}");
        }
        let escaped = Invalid::InvalidSegment("a%20b".into());
        assert_eq!("/a%20b".parse::<BasePath>(), Err(escaped));
    }
}
