//! Doing without authentication.

use async_trait::async_trait;
use http::request::Parts;

use super::{Actor, AuthenticationError, AuthenticationScheme, Authenticator};

/// Lets everybody do everything in every tenant, for tests and for servers that something else guards.
///
/// **Whoever reaches such a server reads and changes every account.**
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct DangerouslyUnauthenticated;

impl DangerouslyUnauthenticated {
    /// Chooses to do without authentication.
    pub fn new() -> Self {
        Self
    }
}

#[async_trait]
impl Authenticator for DangerouslyUnauthenticated {
    async fn authenticate(&self, _: &Parts) -> Result<Actor, AuthenticationError> {
        Ok(Actor::new("anonymous").in_any_tenant())
    }

    fn schemes(&self) -> Vec<AuthenticationScheme> {
        Vec::new()
    }
}
