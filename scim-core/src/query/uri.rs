//! URIs prepared for comparison (RFC 3986 §6.2, RFC 7643 §2.4).

use super::text;

/// How a URI is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// A segment like `v2` is a segment like others.
    Kept,
    /// A segment like `v2` in the path does not count: the URI is that of a SCIM resource
    /// (RFC 7643 §2.4).
    Ignored,
}

/// The URI with scheme and host in lower case, percent-encoding in one form, without dot segments
/// and default ports. A text that is no URI is treated as a relative one.
pub(super) fn normalised(uri: &str, version: Version) -> Box<str> {
    let uri = in_one_encoding(&text::case_exact(uri));
    let (hierarchy, tail) = split_before(&uri, &['?', '#']);
    let (scheme, rest) = split_scheme(hierarchy);
    let (authority, path) = split_authority(rest);
    let mut result = String::with_capacity(uri.len());
    let scheme = scheme.map(str::to_ascii_lowercase);
    if let Some(scheme) = &scheme {
        result.push_str(scheme);
        result.push(':');
    }
    if let Some(authority) = authority {
        result.push_str("//");
        push_authority(&mut result, authority, scheme.as_deref());
    }
    match (authority, path) {
        (Some(_), "") => result.push('/'),
        // Of `urn:` and the like the path has no segments.
        (None, path) if scheme.is_some() && !path.starts_with('/') => result.push_str(path),
        (_, path) => push_path(&mut result, path, version),
    }
    result.push_str(tail);
    result.into()
}

/// A part of a URI, as `co`, `sw` and `ew` look for it in normalised ones.
pub(super) fn fragment(part: &str, version: Version) -> Box<str> {
    let part = in_one_encoding(&text::case_exact(part));
    let (scheme, rest) = split_scheme(&part);
    let (hierarchy, tail) = match (scheme, rest.strip_prefix("//")) {
        (Some(scheme), Some(rest)) => {
            let (authority, path) = split_before(rest, &['/', '?', '#']);
            let mut hierarchy = format!("{}://", lower(scheme));
            push_authority(&mut hierarchy, authority, Some(&lower(scheme)));
            (hierarchy, path)
        }
        _ => (String::new(), &*part),
    };
    if version == Version::Kept {
        return (hierarchy + tail).into();
    }
    let mut segments = tail.split('/').peekable();
    let mut kept: Vec<&str> = segments.next().into_iter().collect();
    while let Some(segment) = segments.next() {
        if !(is_version(segment) && segments.peek().is_some()) {
            kept.push(segment);
        }
    }
    (hierarchy + &kept.join("/")).into()
}

/// Whether the reference is absolute.
pub(super) fn has_scheme(uri: &str) -> bool {
    split_scheme(uri).0.is_some()
}

/// Scheme and authority of an absolute URI: `https://example.com`.
pub(super) fn root(uri: &str) -> Option<&str> {
    let (_, rest) = split_scheme(uri);
    let (Some(_), path) = split_authority(rest) else { return None };
    uri.strip_suffix(path)
}

fn lower(text: &str) -> String {
    text.to_ascii_lowercase()
}

/// RFC 3986 §6.2.2.2: unreserved characters plain, all others with upper-case hex digits.
fn in_one_encoding(uri: &str) -> String {
    let mut result = String::with_capacity(uri.len());
    let mut rest = uri;
    while let Some((before, after)) = rest.split_once('%') {
        result.push_str(before);
        let Some((octet, tail)) = octet(after) else {
            result.push('%');
            rest = after;
            continue;
        };
        match char::from(octet) {
            plain if is_unreserved(plain) => result.push(plain),
            _ => result.push_str(&format!("%{octet:02X}")),
        }
        rest = tail;
    }
    result.push_str(rest);
    result
}

fn octet(text: &str) -> Option<(u8, &str)> {
    let (digits, tail) = text.split_at_checked(2)?;
    let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    are_digits.then(|| u8::from_str_radix(digits, 16).ok())?.map(|octet| (octet, tail))
}

fn is_unreserved(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~')
}

fn split_before<'a>(text: &'a str, ends: &[char]) -> (&'a str, &'a str) {
    text.find(ends).and_then(|end| text.split_at_checked(end)).unwrap_or((text, ""))
}

fn split_scheme(uri: &str) -> (Option<&str>, &str) {
    let is_scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    };
    match uri.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme), rest),
        _ => (None, uri),
    }
}

fn split_authority(rest: &str) -> (Option<&str>, &str) {
    match rest.strip_prefix("//") {
        Some(rest) => {
            let (authority, path) = split_before(rest, &['/']);
            (Some(authority), path)
        }
        None => (None, rest),
    }
}

fn push_authority(result: &mut String, authority: &str, scheme: Option<&str>) {
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    if let Some(user) = user {
        result.push_str(user);
        result.push('@');
    }
    let default_port = match scheme {
        Some("http") => ":80",
        Some("https") => ":443",
        _ => ":",
    };
    let host = host.strip_suffix(default_port).or(host.strip_suffix(':')).unwrap_or(host);
    result.push_str(&lower(host));
}

/// RFC 3986 §5.2.4, and the version segment.
fn push_path(result: &mut String, path: &str, version: Version) {
    let (root, relative) = match path.strip_prefix('/') {
        Some(relative) => ("/", relative),
        None => ("", path),
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = relative.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if is_last {
                    kept.push("");
                }
            }
            _ if version == Version::Ignored && !is_last && is_version(segment) => {}
            _ => kept.push(segment),
        }
    }
    result.push_str(root);
    result.push_str(&kept.join("/"));
}

fn is_version(segment: &str) -> bool {
    segment.strip_prefix(['v', 'V']).is_some_and(|number| {
        number.starts_with(|c: char| c.is_ascii_digit())
            && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_uri_are_equal() {
        // J-004
        let same = [
            ["HTTP://Example.COM/%7ea", "http://example.com/~a"],
            ["http://example.com", "http://example.com:80/"],
            ["https://example.com:443/a", "https://example.com/a"],
            ["https://example.com/a/./b/../c", "https://example.com/a/c"],
            ["https://example.com/%c3%a4", "https://example.com/%C3%A4"],
            ["https://u@Example.com/", "https://u@example.com/"],
            ["https://example.com/a/..", "https://example.com/"],
            ["URN:example:a", "urn:example:a"],
            ["../Users/1", "Users/1"],
            ["file:/a/../b", "file:/b"],
        ];
        for [one, other] in same {
            assert_eq!(normalised(one, Version::Kept), normalised(other, Version::Kept));
        }
    }

    #[test]
    fn what_differs_stays_different() {
        // case counts in the path
        let different = [
            ["https://example.com/a", "https://example.com/A"],
            ["https://example.com/a", "https://example.com/a/"],
            ["https://example.com/a%2Fb", "https://example.com/a/b"],
            ["https://example.com/?q=A", "https://example.com/?q=a"],
            ["https://example.com/v2/Users/1", "https://example.com/Users/1"],
            ["urn:example:A", "urn:example:a"],
            // Only a path has segments.
            ["urn:a/../b", "urn:b"],
        ];
        for [one, other] in different {
            assert_ne!(normalised(one, Version::Kept), normalised(other, Version::Kept));
        }
    }

    #[test]
    fn the_version_of_the_protocol_does_not_count() {
        //
        let plain = normalised("https://example.com/Users/12345", Version::Ignored);
        for uri in ["https://example.com/v2/Users/12345", "https://example.com/v1.1/Users/12345"] {
            assert_eq!(normalised(uri, Version::Ignored), plain);
        }
        for kept in ["/Users/v2", "/v/Users", "/v.1/Users", "/v2x/Users", "/2/Users"] {
            assert_eq!(&*normalised(kept, Version::Ignored), kept);
        }
        assert_eq!(&*normalised("urn:x/v2/y", Version::Ignored), "urn:x/v2/y");
        assert_eq!(&*fragment("/v2/Users", Version::Ignored), "/Users");
        assert_eq!(&*fragment("/scim/v2/Users/v2", Version::Ignored), "/scim/Users/v2");
    }

    #[test]
    fn a_scheme_is_a_letter_and_what_may_follow_it() {
        // RFC 3986 §3.1
        for (uri, scheme) in [
            ("https://example.com", Some("https")),
            ("a+b-c.1:x", Some("a+b-c.1")),
            ("1a:x", None),
            ("a_b:x", None),
            ("/a:b", None),
            (":x", None),
            ("Users", None),
        ] {
            assert_eq!(split_scheme(uri).0, scheme, "{uri}");
            assert_eq!(has_scheme(uri), scheme.is_some(), "{uri}");
        }
    }

    #[test]
    fn parts_are_found_in_whole_uris() {
        // F-009
        assert_eq!(&*fragment("HTTPS://Example.com", Version::Kept), "https://example.com");
        assert_eq!(&*fragment("HTTPS://Example.com/A", Version::Kept), "https://example.com/A");
        assert_eq!(&*fragment("%7e%2f%", Version::Kept), "~%2F%");
    }
}
