//! What a host decides: who calls, and what becomes of secrets.

mod secret_keeper;

pub use secret_keeper::SecretKeeper;
