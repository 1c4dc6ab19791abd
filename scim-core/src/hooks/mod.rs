//! What a host decides: who calls, and what becomes of secrets.

mod actor;
mod authentication_scheme;
mod authenticator;
mod bearer_tokens;
mod dangerous;
mod secret_keeper;

pub use actor::{Access, Actor};
pub use authentication_scheme::{AuthenticationKind, AuthenticationScheme};
pub use authenticator::{AuthenticationError, Authenticator};
pub use bearer_tokens::{BearerTokens, BearerTokensBuilder, InvalidBearerTokens};
pub use dangerous::DangerouslyUnauthenticated;
pub use secret_keeper::SecretKeeper;
