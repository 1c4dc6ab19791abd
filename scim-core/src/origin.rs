//! Under which scheme and host the service provider is reached.

use http::{Uri, header, request::Parts, uri::Authority};

/// Where absolute URLs, such as `meta.location`, begin (T-011).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// As the request says: scheme and host of its URI, where that names them, else `http` and
    /// its `Host`.
    ///
    /// Whoever sends a request then chooses the host in its own answers; behind a proxy that ends
    /// TLS the scheme is wrong. Fine for trying things out.
    #[default]
    FromRequest,
    /// Always this one, such as `https://scim.example.com`.
    ///
    /// Where a router takes a prefix away before the server sees the path, as `nest` of axum does,
    /// the prefix belongs to the origin and not to the base path: with the base path `/` and the
    /// origin `https://app.example.com/scim/v2`, users are at
    /// `https://app.example.com/scim/v2/Users`.
    Fixed(Box<str>),
}

impl Origin {
    /// The absolute URL of a path, at the origin of a request.
    pub(crate) fn url(&self, head: &Parts, path: &str) -> String {
        match self {
            Self::Fixed(origin) => [without_slash(origin), path].concat(),
            Self::FromRequest => {
                let scheme = head.uri.scheme_str().unwrap_or("http");
                [scheme, "://", host(head), path].concat()
            }
        }
    }

    /// The origin as far as it is known without a request.
    pub(crate) fn known(&self) -> Option<&str> {
        match self {
            Self::Fixed(origin) => Some(without_slash(origin)),
            Self::FromRequest => None,
        }
    }

    /// Whether a fixed origin is an absolute URL without a query (T-009).
    pub(crate) fn is_valid(&self) -> bool {
        let Self::Fixed(origin) = self else { return true };
        origin.parse::<Uri>().is_ok_and(|uri| {
            uri.scheme().is_some()
                && uri.authority().is_some()
                && uri.query().is_none()
                && !origin.contains('#')
        })
    }
}

fn without_slash(origin: &str) -> &str {
    origin.trim_end_matches('/')
}

/// A URI in absolute form names the host whatever the header says (RFC 9112 §3.2.2).
fn host(head: &Parts) -> &str {
    let header = || head.headers.get(header::HOST)?.to_str().ok().filter(|it| is_authority(it));
    head.uri.authority().map(Authority::as_str).or_else(header).unwrap_or("localhost")
}

/// Names and addresses with or without a port, which most are, need no closer look.
fn is_authority(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "0"));
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    let is_port = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    !name.is_empty() && name.bytes().all(is_plain) && is_port || text.parse::<Authority>().is_ok()
}
