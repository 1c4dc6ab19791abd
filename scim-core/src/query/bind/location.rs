//! From the URLs of resources to their ids.

use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::{
    query::uri::{self, Version},
    resource::ResourceId,
    schema::{Registry, ResourceType},
};

/// A resource as a URL below the base names it.
pub(super) struct Location {
    /// The endpoint with its slash: `/Users`.
    pub(super) endpoint: Box<str>,
    /// The id, decoded.
    pub(super) id: Box<str>,
}

/// The resource that an absolute or relative URL names, if it is one of this base.
///
/// A version in the path does not count.
pub(super) fn resolve(base: &str, reference: &str) -> Option<Location> {
    let relative = below(base, reference, Version::Ignored)?;
    let (endpoint, id) = relative.split_once('/')?;
    let is_segment = |text: &str| !text.is_empty() && !text.contains(['/', '?', '#']);
    if !is_segment(endpoint) || !is_segment(id) {
        return None;
    }
    let id = percent_decode_str(id).decode_utf8().ok()?;
    Some(Location { endpoint: format!("/{endpoint}").into(), id: id.into() })
}

/// The normal form of a URL below the base, without the base: `Users/2819c223`.
///
/// `None` for the base itself, and for what is elsewhere.
pub(super) fn below(base: &str, reference: &str, version: Version) -> Option<Box<str>> {
    let base = uri::normalised(&format!("{base}/"), version);
    let url = uri::normalised(&absolute(&base, reference), version);
    url.strip_prefix(&*base).filter(|relative| !relative.is_empty()).map(Box::from)
}

/// The type and the id of the resource that an absolute or relative URL names.
pub(crate) fn located<'r>(
    registry: &'r Registry,
    base: &str,
    reference: &str,
) -> Option<(&'r Arc<ResourceType>, ResourceId)> {
    let location = resolve(base, reference)?;
    Some((registry.at_endpoint(&location.endpoint)?, ResourceId::new(&*location.id)))
}

/// Resolves a reference against the base, whose path ends with a slash (RFC 7643 §2.3.7).
///
/// Steps up in a relative path are passed over, as in the `../Users/…` of RFC 7643 §8.3.
pub(super) fn absolute(base: &str, reference: &str) -> String {
    if uri::has_scheme(reference) {
        return reference.to_owned();
    }
    let below_root = reference.strip_prefix('/');
    match (below_root, uri::root(base)) {
        (Some(path), Some(root)) => format!("{root}/{path}"),
        _ => format!("{base}{}", uri::normalised(reference, Version::Kept)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = "https://example.com/scim/v2";

    #[test]
    fn absolute_and_relative_urls_name_the_same_resource() {
        //
        let urls = [
            "https://example.com/scim/v2/Users/2819c223",
            "HTTPS://EXAMPLE.com:443/scim/Users/%32819c223",
            "/scim/v2/Users/2819c223",
            "Users/2819c223",
            "../Users/2819c223",
            "./Users/2819c223",
        ];
        for url in urls {
            let location = resolve(BASE, url).unwrap();
            assert_eq!((&*location.endpoint, &*location.id), ("/Users", "2819c223"), "{url}");
        }
        assert_eq!(&*resolve(BASE, "Users/a%2Fb%20c").unwrap().id, "a/b c");
    }

    #[test]
    fn what_is_not_below_the_base_names_no_resource() {
        let urls = [
            "https://other.example/scim/v2/Users/1",
            "https://example.com/Users/1",
            "https://example.com/scim/v2/Users",
            "https://example.com/scim/v2/Users/",
            "https://example.com/scim/v2/Users/1/2",
            "https://example.com/scim/v2/Users/1?a=b",
            "https://example.com/scim/v2/Users?a/1",
            "Users/%ff",
            "urn:example:Users/1",
            "//example.com",
            "",
        ];
        for url in urls {
            assert!(resolve(BASE, url).is_none(), "{url}");
        }
    }
}
