//! What a store keeps beside a document.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
};

use super::Timestamp;

/// The version of a resource: an opaque token that changes whenever anything of its row does,
/// edges included. It is what an entity tag shows (RFC 7644 §3.14).
///
/// Any store may choose any text of visible ASCII without `"`; our stores count.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Version(Token);

impl Version {
    /// Takes the text as a version.
    pub fn new(version: impl Into<Arc<str>>) -> Self {
        Self(Token::Text(version.into()))
    }

    /// The version as text, without `W/` and quotes.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<u64> for Version {
    fn from(count: u64) -> Self {
        Self(Token::count(count))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// The version of a document alone: it does not move when edges do.
///
/// Whoever reads a document, changes it and writes it back guards the write with the revision, so
/// that any number of concurrent member changes never disturbs a rename.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Revision(Token);

impl Revision {
    /// Takes the text as a revision.
    pub fn new(revision: impl Into<Arc<str>>) -> Self {
        Self(Token::Text(revision.into()))
    }

    /// The revision as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl From<u64> for Revision {
    fn from(count: u64) -> Self {
        Self(Token::count(count))
    }
}

impl fmt::Debug for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
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

/// A text, or the digits of a count in place: every read makes two of them.
#[derive(Clone)]
enum Token {
    Text(Arc<str>),
    Count { digits: [u8; 20], length: u8 },
}

impl Token {
    fn count(count: u64) -> Self {
        let mut digits = [b'0'; 20];
        let (mut start, mut length, mut rest) = (digits.len(), 0, count);
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            (start, length) = (start - 1, length + 1);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        digits.copy_within(start.., 0);
        Self::Count { digits, length }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Count { digits, length } => {
                let digits = digits.get(..usize::from(*length)).unwrap_or_default();
                str::from_utf8(digits).unwrap_or_default()
            }
        }
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Token {}

impl Hash for Token {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_versions() {
        for count in [0, 1, 9, 10, 1_000, 1_234_567, u64::MAX] {
            assert_eq!(Version::from(count).as_str(), count.to_string());
            assert_eq!(Version::from(count), Version::new(count.to_string()));
        }
    }
}
