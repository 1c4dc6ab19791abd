//! How callers may authenticate, for discovery and for challenges.

use http::HeaderValue;

use super::AuthenticationError;

/// One way to authenticate, as `/ServiceProviderConfig` shows it (RFC 7643 §5,
/// `authenticationSchemes`) and as a 401 asks for it (RFC 9110 §11.6.1).
///
/// ```
/// use scim_core::AuthenticationScheme;
///
/// let scheme = AuthenticationScheme::bearer()
///     .described("Token from the settings page")
///     .documented_at("https://example.com/docs/scim");
/// assert_eq!(scheme.kind.as_str(), "oauthbearertoken");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuthenticationScheme {
    /// Which kind it is.
    pub kind: AuthenticationKind,
    /// Its name for humans.
    pub name: Box<str>,
    /// What it is, for humans.
    pub description: Box<str>,
    /// URL of its specification.
    pub spec_uri: Option<Box<str>>,
    /// URL of the host's own documentation.
    pub documentation_uri: Option<Box<str>>,
    /// What the credentials are good for, in the words of the host: the `realm` of challenges.
    pub realm: Box<str>,
    /// The scheme in `Authorization` and `WWW-Authenticate` headers, such as `Bearer`.
    pub http_scheme: Box<str>,
}

/// The kinds of authentication that RFC 7643 §5 names. Closed by the RFC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthenticationKind {
    /// `oauth`: OAuth 1.0a.
    OAuth,
    /// `oauth2`: OAuth 2.0 (RFC 6749).
    OAuth2,
    /// `oauthbearertoken`: a bearer token (RFC 6750).
    OAuthBearerToken,
    /// `httpbasic`: name and password (RFC 7617).
    HttpBasic,
    /// `httpdigest`: name and password, digested (RFC 7616).
    HttpDigest,
}

impl AuthenticationKind {
    /// The keyword on the wire: `oauthbearertoken`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OAuth => "oauth",
            Self::OAuth2 => "oauth2",
            Self::OAuthBearerToken => "oauthbearertoken",
            Self::HttpBasic => "httpbasic",
            Self::HttpDigest => "httpdigest",
        }
    }

    /// The scheme in `Authorization` and `WWW-Authenticate` headers.
    fn http_scheme(self) -> &'static str {
        match self {
            Self::OAuth => "OAuth",
            Self::OAuth2 | Self::OAuthBearerToken => "Bearer",
            Self::HttpBasic => "Basic",
            Self::HttpDigest => "Digest",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::OAuth => "OAuth 1.0a",
            Self::OAuth2 => "OAuth 2.0",
            Self::OAuthBearerToken => "OAuth Bearer Token",
            Self::HttpBasic => "HTTP Basic",
            Self::HttpDigest => "HTTP Digest",
        }
    }

    fn specification(self) -> &'static str {
        match self {
            Self::OAuth => "https://www.rfc-editor.org/info/rfc5849",
            Self::OAuth2 => "https://www.rfc-editor.org/info/rfc6749",
            Self::OAuthBearerToken => "https://www.rfc-editor.org/info/rfc6750",
            Self::HttpBasic => "https://www.rfc-editor.org/info/rfc7617",
            Self::HttpDigest => "https://www.rfc-editor.org/info/rfc7616",
        }
    }
}

impl AuthenticationScheme {
    /// A scheme of this kind, described in general terms.
    pub fn new(kind: AuthenticationKind) -> Self {
        Self {
            kind,
            name: kind.title().into(),
            description: format!("Authentication by {}", kind.title()).into(),
            spec_uri: Some(kind.specification().into()),
            documentation_uri: None,
            realm: "scim".into(),
            http_scheme: kind.http_scheme().into(),
        }
    }

    /// Bearer tokens (RFC 6750), which is what nearly every identity provider sends.
    pub fn bearer() -> Self {
        Self::new(AuthenticationKind::OAuthBearerToken)
    }

    /// Sets the description for humans.
    pub fn described(mut self, description: impl Into<Box<str>>) -> Self {
        self.description = description.into();
        self
    }

    /// Names the URL of the host's own documentation.
    pub fn documented_at(mut self, uri: impl Into<Box<str>>) -> Self {
        self.documentation_uri = Some(uri.into());
        self
    }

    /// Sets the realm of challenges.
    pub fn with_realm(mut self, realm: impl Into<Box<str>>) -> Self {
        self.realm = realm.into();
        self
    }

    /// Sets the scheme in headers where it is not the one that the kind usually has.
    ///
    /// ```
    /// # use scim_core::{AuthenticationKind, AuthenticationScheme};
    /// let scheme = AuthenticationScheme::new(AuthenticationKind::OAuth2).in_headers("OAuth2");
    /// assert_eq!(&*scheme.http_scheme, "OAuth2");
    /// ```
    pub fn in_headers(mut self, http_scheme: impl Into<Box<str>>) -> Self {
        self.http_scheme = http_scheme.into();
        self
    }

    /// The challenge for a caller that is turned away, if it asks for credentials at all.
    ///
    /// A request without credentials is told no error (RFC 6750 §3.1).
    pub(crate) fn challenge(&self, refusal: &AuthenticationError) -> Option<HeaderValue> {
        if !refusal.asks_for_credentials() {
            return None;
        }
        let scheme = &*self.http_scheme;
        let realm = self.realm.replace('\\', r"\\").replace('"', r#"\""#);
        let error = match (scheme, refusal.is_invalid()) {
            ("Bearer", true) => r#", error="invalid_token""#,
            _ => "",
        };
        let challenge = format!(r#"{scheme} realm="{realm}"{error}"#);
        // A realm with control characters cannot be shown; the scheme alone is a challenge too.
        Some(
            HeaderValue::try_from(challenge)
                .unwrap_or_else(|_| HeaderValue::from_static(self.kind.http_scheme())),
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn challenges_name_scheme_realm_and_error() {
        // Y-001
        let bearer = AuthenticationScheme::bearer();
        let quoted = AuthenticationScheme::bearer().with_realm(r#"the "app" \o/"#);
        let broken = AuthenticationScheme::bearer().with_realm("a\r\nSet-Cookie: b");
        let basic = AuthenticationScheme::new(AuthenticationKind::HttpBasic);
        let oauth = AuthenticationScheme::new(AuthenticationKind::OAuth2).in_headers("OAuth2");
        let missing = AuthenticationError::missing();
        let invalid = AuthenticationError::invalid();
        let cases = [
            (&bearer, &missing, Some(r#"Bearer realm="scim""#)),
            (&bearer, &invalid, Some(r#"Bearer realm="scim", error="invalid_token""#)),
            (&quoted, &missing, Some(r#"Bearer realm="the \"app\" \\o/""#)),
            (&broken, &missing, Some("Bearer")),
            (&basic, &invalid, Some(r#"Basic realm="scim""#)),
            (&oauth, &invalid, Some(r#"OAuth2 realm="scim""#)),
            (&bearer, &AuthenticationError::forbidden("no"), None),
            (&bearer, &AuthenticationError::unavailable(Duration::ZERO), None),
        ];
        for (scheme, refusal, expected) in cases {
            let challenge = scheme.challenge(refusal);
            let challenge = challenge.as_ref().map(|it| it.to_str().unwrap());
            assert_eq!(challenge, expected, "{scheme:?} {refusal:?}");
        }
    }
}
