//! A fixed set of bearer tokens.

use std::fmt;

use async_trait::async_trait;
use http::{HeaderMap, header::AUTHORIZATION, request::Parts};
use sha2::{Digest, Sha256};
use subtle::{ConditionallySelectable, ConstantTimeEq};

use super::{Actor, AuthenticationError, AuthenticationScheme, Authenticator};

type TokenHash = [u8; 32];

/// Knows callers by bearer tokens (RFC 6750 §2.1), which it keeps as SHA-256 hashes only.
///
/// Tokens must be long and random: a hash of a guessable one is guessed too.
///
/// ```
/// use scim_core::{Actor, BearerTokens, store::Tenant};
///
/// let tokens = BearerTokens::builder()
///     .token("mF_9.B5f-4.1JqM", Actor::new("okta").in_tenant(Tenant::new("acme")))
///     .sha256(
///         "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
///         Actor::new("entra").in_tenant(Tenant::new("globex")),
///     )
///     .build()?;
/// assert!(!format!("{tokens:?}").contains("mF_9"));
/// # Ok::<_, scim_core::InvalidBearerTokens>(())
/// ```
#[derive(Clone)]
pub struct BearerTokens {
    entries: Vec<(TokenHash, Actor)>,
    scheme: AuthenticationScheme,
}

/// Collects the tokens of [`BearerTokens`]; made by [`BearerTokens::builder`].
#[derive(Clone)]
#[must_use]
pub struct BearerTokensBuilder {
    entries: Vec<(Option<TokenHash>, Actor)>,
    scheme: AuthenticationScheme,
}

/// Why a set of bearer tokens cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidBearerTokens {
    /// A token is empty or has characters that an `Authorization` header cannot carry, or a hash
    /// is not 64 hexadecimal digits.
    #[error("the token of `{0}` is not visible ASCII, or its hash not 64 hexadecimal digits")]
    Malformed(Box<str>),
    /// Two callers have the same token.
    #[error("the token of `{0}` is given twice")]
    Duplicate(Box<str>),
}

impl BearerTokens {
    /// Starts with no tokens.
    pub fn builder() -> BearerTokensBuilder {
        BearerTokensBuilder { entries: Vec::new(), scheme: AuthenticationScheme::bearer() }
    }

    /// The caller with this token. It takes the same time whichever token matches, or none.
    fn actor(&self, token: &[u8]) -> Option<&Actor> {
        let presented = hash(token);
        let mut found = u64::MAX;
        for (index, (known, _)) in (0_u64..).zip(&self.entries) {
            found.conditional_assign(&index, known.ct_eq(&presented));
        }
        let (_, actor) = self.entries.get(usize::try_from(found).ok()?)?;
        Some(actor)
    }
}

impl BearerTokensBuilder {
    /// Adds a token, which is hashed at once and forgotten.
    pub fn token(mut self, token: impl AsRef<str>, actor: Actor) -> Self {
        let token = token.as_ref().as_bytes();
        self.entries.push((is_token(token).then(|| hash(token)), actor));
        self
    }

    /// Adds a token by its SHA-256 hash in hexadecimal digits.
    pub fn sha256(mut self, hash: impl AsRef<str>, actor: Actor) -> Self {
        self.entries.push((from_hex(hash.as_ref()), actor));
        self
    }

    /// Replaces the scheme that discovery and challenges show and under which tokens are sent.
    pub fn scheme(mut self, scheme: AuthenticationScheme) -> Self {
        self.scheme = scheme;
        self
    }

    /// Checks the tokens.
    ///
    /// # Errors
    /// When a token or hash is malformed or given twice; the error names the caller.
    pub fn build(self) -> Result<BearerTokens, InvalidBearerTokens> {
        let mut entries: Vec<(TokenHash, Actor)> = Vec::with_capacity(self.entries.len());
        for (hash, actor) in self.entries {
            let Some(hash) = hash else {
                return Err(InvalidBearerTokens::Malformed(actor.subject().into()));
            };
            if entries.iter().any(|(known, _)| *known == hash) {
                return Err(InvalidBearerTokens::Duplicate(actor.subject().into()));
            }
            entries.push((hash, actor));
        }
        Ok(BearerTokens { entries, scheme: self.scheme })
    }
}

#[async_trait]
impl Authenticator for BearerTokens {
    async fn authenticate(&self, request: &Parts) -> Result<Actor, AuthenticationError> {
        let token = bearer_token(&request.headers, &self.scheme.http_scheme)?;
        self.actor(token).cloned().ok_or_else(AuthenticationError::invalid)
    }

    fn schemes(&self) -> Vec<AuthenticationScheme> {
        vec![self.scheme.clone()]
    }
}

impl fmt::Debug for BearerTokens {
    /// Shows the callers and neither tokens nor hashes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.iter().map(|(_, actor)| actor.subject())).finish()
    }
}

impl fmt::Debug for BearerTokensBuilder {
    /// Shows the callers and neither tokens nor hashes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.entries.iter().map(|(_, actor)| actor.subject())).finish()
    }
}

/// The bearer token of a request (RFC 6750 §2.1); the scheme's name ignores case (RFC 9110 §11.1).
pub(super) fn bearer_token<'h>(
    headers: &'h HeaderMap,
    expected: &str,
) -> Result<&'h [u8], AuthenticationError> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or_else(AuthenticationError::missing)?.as_bytes();
    if values.next().is_some() {
        return Err(AuthenticationError::invalid());
    }
    let scheme_end = value.iter().position(|byte| *byte == b' ').unwrap_or(value.len());
    let (scheme, token) = value.split_at_checked(scheme_end).unwrap_or((value, &[]));
    if !scheme.eq_ignore_ascii_case(expected.as_bytes()) {
        return Err(AuthenticationError::missing());
    }
    let token = token.trim_ascii();
    if is_token(token) { Ok(token) } else { Err(AuthenticationError::invalid()) }
}

/// More than the `b64token` of RFC 6750 §2.1, since hosts choose their secrets as they like.
fn is_token(token: &[u8]) -> bool {
    !token.is_empty() && token.iter().all(u8::is_ascii_graphic)
}

fn hash(token: &[u8]) -> TokenHash {
    Sha256::digest(token).into()
}

fn from_hex(text: &str) -> Option<TokenHash> {
    let digits: Vec<u8> =
        text.chars().map(|c| c.to_digit(16)?.try_into().ok()).collect::<Option<_>>()?;
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let bytes: Vec<u8> = pairs.iter().map(|[high, low]| high << 4 | low).collect();
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    const TEST_HASH: &str = "9F86D081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    fn tokens() -> BearerTokens {
        BearerTokens::builder()
            .token("mF_9.B5f-4.1JqM", Actor::new("okta"))
            .sha256(TEST_HASH, Actor::new("entra"))
            .token("third", Actor::new("jumpcloud"))
            .build()
            .unwrap()
    }

    fn caller(authorization: &[&[u8]]) -> Result<Box<str>, AuthenticationError> {
        let mut request = Request::new(());
        for value in authorization {
            request.headers_mut().append(AUTHORIZATION, value[..].try_into().unwrap());
        }
        let (parts, ()) = request.into_parts();
        let actor = pollster::block_on(tokens().authenticate(&parts))?;
        Ok(actor.subject().into())
    }

    #[test]
    fn callers_are_known_by_their_tokens() {
        // Y-001, E-006
        let missing = AuthenticationError::missing;
        let invalid = AuthenticationError::invalid;
        type Case<'a> = (&'a [&'a [u8]], Result<&'a str, AuthenticationError>);
        let cases: [Case<'_>; 15] = [
            (&[b"Bearer mF_9.B5f-4.1JqM"], Ok("okta")),
            (&[b"bearer mF_9.B5f-4.1JqM"], Ok("okta")),
            (&[b"BEARER   mF_9.B5f-4.1JqM "], Ok("okta")),
            (&[b"Bearer test"], Ok("entra")),
            (&[b"Bearer third"], Ok("jumpcloud")),
            (&[], Err(missing())),
            (&[b""], Err(missing())),
            (&[b"Basic dGVzdA=="], Err(missing())),
            (&[b"mF_9.B5f-4.1JqM"], Err(missing())),
            (&[b"Bearer"], Err(invalid())),
            (&[b"Bearer "], Err(invalid())),
            (&[b"Bearer Test"], Err(invalid())),
            (&[b"Bearer test test"], Err(invalid())),
            (&[b"Bearer \xff"], Err(invalid())),
            (&[b"Bearer test", b"Bearer third"], Err(invalid())),
        ];
        for (authorization, expected) in cases {
            let shown: Vec<_> =
                authorization.iter().map(|it| it.escape_ascii().to_string()).collect();
            assert_eq!(caller(authorization), expected.map(Into::into), "{shown:?}");
        }
    }

    #[test]
    fn tokens_are_checked_when_the_set_is_built() {
        let malformed = Err(InvalidBearerTokens::Malformed("x".into()));
        let build = |builder: BearerTokensBuilder| builder.build().map(|_| ());
        let new = BearerTokens::builder;
        let actor = || Actor::new("x");
        assert_eq!(build(new()), Ok(()));
        assert_eq!(build(new().token("", actor())), malformed);
        assert_eq!(build(new().token("a b", actor())), malformed);
        assert_eq!(build(new().token("ü", actor())), malformed);
        assert_eq!(build(new().sha256("", actor())), malformed);
        assert_eq!(build(new().sha256(TEST_HASH.trim_start_matches('9'), actor())), malformed);
        assert_eq!(build(new().sha256(TEST_HASH.trim_start_matches("9F"), actor())), malformed);
        assert_eq!(build(new().sha256(TEST_HASH.replace('8', "g"), actor())), malformed);
        let twice = new().token("test", Actor::new("y")).sha256(TEST_HASH, actor());
        assert_eq!(build(twice), Err(InvalidBearerTokens::Duplicate("x".into())));
    }

    #[test]
    fn nothing_shows_tokens_or_hashes() {
        let builder = BearerTokens::builder().token("test", Actor::new("okta"));
        let built = builder.clone().build().unwrap();
        let error = caller(&[b"Bearer wrong-secret"]).unwrap_err();
        for shown in [
            format!("{builder:?}"),
            format!("{built:?}"),
            format!("{error:?} {error}"),
            format!("{:?}", builder.token("test", Actor::new("okta")).build().unwrap_err()),
        ] {
            let shown = shown.to_lowercase();
            for secret in ["test", "9f86d0", "159, 134", "wrong-secret"] {
                assert!(!shown.contains(secret), "{shown}");
            }
        }
    }
}
