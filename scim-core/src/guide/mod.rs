//! How to use this crate, a chapter for each question. All code in it is compiled and run.
//!
//! 1. [Quick start](quick_start)
//! 2. [Mounting](mounting): axum, hyper, actix-web
//! 3. [Authentication](authentication)
//! 4. [Client profiles](clients)
//! 5. [Your own schema](own_schema)
//! 6. [Your own store](own_store)
//! 7. [Limits](limits)
//! 8. [The typed API](typed_api)
//! 9. [Testing your hooks](testing_hooks)
//! 10. [Errors that identity providers show](errors)
//! 11. [Running it](running): backups, upgrades, timeouts, logs

#[doc = include_str!("quick_start.md")]
pub mod quick_start {}

#[doc = include_str!("mounting.md")]
pub mod mounting {}

#[doc = include_str!("authentication.md")]
pub mod authentication {}

#[doc = include_str!("clients.md")]
pub mod clients {}

#[doc = include_str!("own_schema.md")]
pub mod own_schema {}

#[doc = include_str!("own_store.md")]
pub mod own_store {}

#[doc = include_str!("limits.md")]
pub mod limits {}

#[doc = include_str!("typed_api.md")]
pub mod typed_api {}

#[doc = include_str!("testing_hooks.md")]
pub mod testing_hooks {}

#[doc = include_str!("errors.md")]
pub mod errors {}

#[doc = include_str!("running.md")]
pub mod running {}
