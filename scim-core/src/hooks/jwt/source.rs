//! Where the keys of an issuer come from.

use std::fmt;

use async_trait::async_trait;

/// Why keys could not be fetched.
pub type KeySourceError = Box<dyn std::error::Error + Send + Sync>;

/// Where the keys of an issuer come from: usually a GET of its `jwks_uri`, by the HTTP client that
/// the host already has.
///
/// What was fetched is kept, and fetched again when it is old or when a token names a key that is
/// not among it. All requests that need keys at the same time wait for one fetch, which goes on as
/// long as one of them is there, and with the next one that needs keys if all go away.
///
/// ```
/// use async_trait::async_trait;
/// use scim_core::{KeySource, KeySourceError};
///
/// #[derive(Debug)]
/// struct File(std::path::PathBuf);
///
/// #[async_trait]
/// impl KeySource for File {
///     async fn fetch(&self) -> Result<String, KeySourceError> {
///         Ok(std::fs::read_to_string(&self.0)?)
///     }
/// }
/// ```
#[async_trait]
pub trait KeySource: Send + Sync + fmt::Debug {
    /// The present set of keys, as JSON (RFC 7517 §5).
    ///
    /// It should give up after a few seconds: requests wait for it.
    ///
    /// # Errors
    /// When the keys cannot be had for now. Callers then get 503.
    async fn fetch(&self) -> Result<String, KeySourceError>;
}

/// Keys that never change.
#[derive(Clone, Debug)]
pub struct StaticKeys(String);

impl StaticKeys {
    /// These keys, as a JSON Web Key Set (RFC 7517 §5).
    pub fn new(json: impl Into<String>) -> Self {
        Self(json.into())
    }
}

#[async_trait]
impl KeySource for StaticKeys {
    async fn fetch(&self) -> Result<String, KeySourceError> {
        Ok(self.0.clone())
    }
}
