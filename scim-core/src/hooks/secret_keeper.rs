//! What becomes of passwords and other write-only values.

use std::fmt;

use async_trait::async_trait;
use serde_json::Value;

use super::Caller;
use crate::{error::ScimError, schema::Attribute, store::Key};

/// Takes write-only values, such as a `password`, and says what is stored in their place.
///
/// Without a keeper such values are validated and discarded. A keeper hashes, hands the value to
/// the application's own accounts, or refuses it by policy (RFC 7643 §4.1.1, §9.2).
///
/// A `password` arrives as [`prepared_password`](crate::query::prepared_password) leaves it
/// (RFC 7644 §5); one that cannot be prepared is refused before.
///
/// ```
/// use scim_core::async_trait;
/// use scim_core::{Caller, ScimError, ScimType, SecretKeeper, schema::Attribute, store::Key};
/// use serde_json::Value;
///
/// /// Refuses short passwords and stores a digest.
/// #[derive(Debug)]
/// struct Digests;
///
/// #[async_trait]
/// impl SecretKeeper for Digests {
///     async fn keep(
///         &self,
///         _caller: &Caller<'_>,
///         _key: &Key,
///         _attribute: &Attribute,
///         value: Value,
///     ) -> Result<Option<Value>, ScimError> {
///         let password = value.as_str().unwrap_or_default();
///         if password.len() < 8 {
///             return Err(ScimError::new(ScimType::InvalidValue, "at least 8 characters"));
///         }
///         Ok(Some(Value::from(format!("digest of {} bytes", password.len()))))
///     }
/// }
/// # let _keeper: Box<dyn SecretKeeper> = Box::new(Digests);
/// ```
#[async_trait]
pub trait SecretKeeper: Send + Sync + fmt::Debug {
    /// What to store in place of a new value; `None` stores nothing and leaves what was stored.
    ///
    /// The key is that of the resource to which the value belongs; of a new one it is the id that
    /// it is going to have, or a placeholder where the store makes ids. The write comes after
    /// this and may still fail, and one that loses a race against another is prepared anew: a
    /// keeper that hands the value on does so again. What must happen exactly once belongs to an
    /// [`Observer`](super::Observer).
    ///
    /// # Errors
    /// 400 `invalidValue` for a value that the host's policy refuses.
    async fn keep(
        &self,
        caller: &Caller<'_>,
        key: &Key,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError>;
}
