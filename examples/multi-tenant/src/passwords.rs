//! Passwords, kept as Argon2id hashes.

use std::{sync::Arc, thread};

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use async_trait::async_trait;
use http::StatusCode;
use scim_core::{Caller, ScimError, ScimType, SecretKeeper, schema::Attribute, store::Key};
use serde_json::Value;
use tokio::{sync::Semaphore, task::spawn_blocking};

/// How many characters a password needs.
const SHORTEST: usize = 8;

/// Hashes passwords on threads of their own, no more at once than there are cores: each takes
/// 19 MiB and some milliseconds on purpose.
#[derive(Clone, Debug)]
pub struct Passwords {
    at_once: Arc<Semaphore>,
}

impl Passwords {
    /// A keeper for one server.
    pub fn new() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self { at_once: Arc::new(Semaphore::new(cores)) }
    }

    async fn hashed(&self, password: String) -> Option<String> {
        let permit = self.at_once.clone().acquire_owned().await.ok()?;
        let hash = spawn_blocking(move || {
            let hash = Argon2::default().hash_password(password.as_bytes());
            drop(permit);
            hash
        });
        Some(hash.await.ok()?.ok()?.to_string())
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl SecretKeeper for Passwords {
    async fn keep(
        &self,
        _: &Caller<'_>,
        _: &Key,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        let Some(password) = value.as_str().map(str::to_owned) else { return Ok(None) };
        if password.chars().count() < SHORTEST {
            let detail = format!("a password has at least {SHORTEST} characters");
            return Err(ScimError::new(ScimType::InvalidValue, detail).at(attribute.path()));
        }
        let detail = "the password could not be hashed";
        let failed = || ScimError::with_status(StatusCode::INTERNAL_SERVER_ERROR, detail);
        let hash = self.hashed(password).await.ok_or_else(failed)?;
        Ok(Some(hash.into()))
    }
}

/// Whether a password is the one of which the store keeps this, as when a user signs in.
pub fn is_password(password: &str, stored: &str) -> bool {
    PasswordHash::new(stored)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}
