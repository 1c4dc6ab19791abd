//! The two versions of the API. Both are about the same accounts.

use axum::http::Method;
use scim_core::Methods;

/// Which version a path belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Version {
    /// SCIM 1.1 under `/1`.
    V1,
    /// SCIM 2.0 under `/2`.
    V2,
}

impl Version {
    /// What can be asked of users: 1.1 does not patch them.
    pub(crate) fn methods_of_users(self) -> Methods {
        match self {
            Self::V1 => Methods::all().without(&Method::PATCH),
            Self::V2 => Methods::all(),
        }
    }
}
