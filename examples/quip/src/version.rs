//! The two versions of the API. Both are about the same accounts.

/// Which version a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// SCIM 1.1.
    V1,
    /// SCIM 2.0.
    V2,
}

impl Version {
    /// Where the endpoints of the version are.
    pub(crate) fn base(self) -> &'static str {
        match self {
            Self::V1 => "/1",
            Self::V2 => "/2",
        }
    }
}
