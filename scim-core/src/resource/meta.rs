//! What a store keeps beside a document.

use std::{fmt, sync::Arc};

use super::Timestamp;

/// The version of a resource: an opaque token that changes whenever anything of its row does,
/// edges included. It is what an entity tag shows (RFC 7644 §3.14).
///
/// Any store may choose any text of visible ASCII without `"`; our stores count.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version(Arc<str>);

impl Version {
    /// Takes the text as a version.
    pub fn new(version: impl Into<Arc<str>>) -> Self {
        Self(version.into())
    }

    /// The version as text, without `W/` and quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<u64> for Version {
    fn from(count: u64) -> Self {
        Self(digits(count))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// The version of a document alone: it does not move when edges do.
///
/// Whoever reads a document, changes it and writes it back guards the write with the revision, so
/// that any number of concurrent member changes never disturbs a rename.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Revision(Arc<str>);

impl Revision {
    /// Takes the text as a revision.
    pub fn new(revision: impl Into<Arc<str>>) -> Self {
        Self(revision.into())
    }

    /// The revision as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<u64> for Revision {
    fn from(count: u64) -> Self {
        Self(digits(count))
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Metadata of a resource as its store keeps it (RFC 7643 §3.1, `meta`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Moves with every effective change.
    pub version: Version,
    /// Moves with every effective change of the document.
    pub revision: Revision,
    /// When the resource was added.
    pub created: Timestamp,
    /// When the resource last changed; equal to `created` if it never did.
    pub last_modified: Timestamp,
}

impl Meta {
    /// Metadata of a resource that was added at this time, with the first of a count as version.
    pub fn first(now: Timestamp) -> Self {
        Self { version: 1.into(), revision: 1.into(), created: now, last_modified: now }
    }
}

/// A count in decimal digits, straight into its shared text: every read makes two of them.
fn digits(count: u64) -> Arc<str> {
    let mut buffer = [0; 20];
    let (mut start, mut rest) = (buffer.len(), count);
    for digit in buffer.iter_mut().rev() {
        *digit = b"0123456789".get((rest % 10) as usize).copied().unwrap_or_default();
        start = start.saturating_sub(1);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    let digits = buffer.get(start..).unwrap_or_default();
    str::from_utf8(digits).unwrap_or_default().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_versions() {
        for count in [0, 1, 9, 10, 1_000, 1_234_567, u64::MAX] {
            assert_eq!(Version::from(count).as_str(), count.to_string());
        }
    }
}
