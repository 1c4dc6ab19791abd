//! From the URLs of resources to their ids.

use percent_encoding::percent_decode_str;

use crate::query::uri::{self, Version};

/// A resource as a URL below the base names it.
pub(super) struct Location {
    /// The path below the base in its normal form: `Users/2819c223`.
    pub(super) relative: Box<str>,
    /// The endpoint with its slash: `/Users`.
    pub(super) endpoint: Box<str>,
    /// The id, decoded.
    pub(super) id: Box<str>,
}

/// The resource that an absolute or relative URL names, if it is one of this base.
///
/// A version in the path does not count.
pub(super) fn resolve(base: &str, reference: &str) -> Option<Location> {
    let base = uri::normalised(&format!("{base}/"), Version::Ignored);
    let url = uri::normalised(&absolute(&base, reference), Version::Ignored);
    let relative = url.strip_prefix(&*base)?;
    let (endpoint, id) = relative.split_once('/')?;
    let is_one_segment = !id.is_empty() && !id.contains(['/', '?', '#']);
    let id = percent_decode_str(id).decode_utf8().ok().filter(|_| is_one_segment)?;
    Some(Location {
        relative: relative.into(),
        endpoint: format!("/{endpoint}").into(),
        id: id.into(),
    })
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
