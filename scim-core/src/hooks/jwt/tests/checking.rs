//! Which tokens are accepted.

use super::*;

#[test]
fn tokens_of_each_kind_of_key_are_accepted() {
    // Y-001
    let pairs = [Pair::rsa(Algorithm::RS256), Pair::ec("ec", EC), Pair::ed25519()];
    let jwt = builder(StaticKeys::new(jwks(&pairs.each_ref()))).build().unwrap();
    for pair in &pairs {
        let actor = caller(&jwt, &pair.sign(&claims(json!({})))).unwrap();
        assert_eq!((actor.subject(), actor.access()), ("okta", Access::ReadWrite));
    }
}

#[test]
fn a_token_is_for_us_and_for_now() {
    let pair = Pair::ec("ec", EC);
    let jwt = builder(StaticKeys::new(jwks(&[&pair]))).build().unwrap();
    let cases = [
        (json!({}), 200),
        (json!({"aud": ["other", "scim"]}), 200),
        (json!({"aud": "other"}), 401),
        (json!({"aud": null}), 401),
        (json!({"iss": "https://evil.example.com"}), 401),
        (json!({"iss": null}), 401),
        (json!({"sub": null}), 401),
        (json!({"sub": 7}), 401),
        (json!({"exp": null}), 401),
        (json!({"exp": now() - 30}), 200),
        (json!({"exp": now() - 90}), 401),
        (json!({"exp": "tomorrow"}), 401),
        (json!({"nbf": now() + 30}), 200),
        (json!({"nbf": now() + 90}), 401),
    ];
    for (changes, expected) in cases {
        assert_eq!(
            status(caller(&jwt, &pair.sign(&claims(changes.clone())))),
            expected,
            "{changes}"
        );
    }
}

#[test]
fn a_token_cannot_choose_how_it_is_checked() {
    let pair = Pair::rsa(Algorithm::RS256);
    let public = jwks(&[&pair]);
    let jwt = builder(StaticKeys::new(public.clone())).build().unwrap();
    let good = pair.sign(&claims(json!({})));
    let (head, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = head.split_once('.').unwrap();
    let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());

    // The public key taken for a shared secret.
    let shared = EncodingKey::from_secret(public.as_bytes());
    let mut by_secret = Header::new(Algorithm::HS256);
    by_secret.kid = Some("rsa".to_owned());
    let by_secret = encode(&by_secret, &claims(json!({})), &shared).unwrap();

    let other = Pair { private: EncodingKey::from_ec_der(OTHER_EC), ..Pair::ec("rsa", EC) };
    let refused = [
        ("without algorithm", format!("{}.{payload}.", part(json!({"alg": "none", "kid": "rsa"})))),
        ("without signature", format!("{head}.")),
        ("of two parts", head.to_owned()),
        ("of four parts", format!("{good}.x")),
        ("other claims", format!("{header}.{}.{signature}", part(claims(json!({"sub": "root"}))))),
        ("a shared secret", by_secret),
        ("another algorithm of the same key", Pair::rsa(Algorithm::RS512).sign(&claims(json!({})))),
        ("a key of another kind", other.sign(&claims(json!({})))),
        ("not base64", "a.b.c".to_owned()),
        ("critical extension", {
            let header = json!({"alg": "RS256", "kid": "rsa", "crit": ["b64"], "b64": false});
            format!("{}.{payload}.{signature}", part(header))
        }),
        ("huge", format!("{head}{}.{signature}", "A".repeat(MAX_TOKEN))),
    ];
    assert_eq!(status(caller(&jwt, &good)), 200);
    for (why, token) in refused {
        assert_eq!(status(caller(&jwt, &token)), 401, "{why}");
    }
}

#[test]
fn a_key_is_used_for_what_it_says() {
    let pair = Pair::ec("ec", EC);
    let sign = || pair.sign(&claims(json!({})));
    let accepts = |change: &dyn Fn(&mut Value)| {
        let mut key = pair.public();
        change(&mut key);
        let set = json!({"keys": [key, {"kty": "oct", "k": "AA", "kid": "x"}]}).to_string();
        status(caller(&builder(StaticKeys::new(set)).build().unwrap(), &sign()))
    };
    assert_eq!(accepts(&|_| {}), 200);
    assert_eq!(accepts(&|key| key["use"] = "sig".into()), 200);
    assert_eq!(accepts(&|key| key["use"] = "enc".into()), 401);
    assert_eq!(accepts(&|key| key["alg"] = "ES384".into()), 401);
    assert_eq!(accepts(&|key| key["kid"] = "another".into()), 401);

    // Without a name, the only key that fits; of several, none.
    let unnamed =
        encode(&Header::new(Algorithm::ES256), &claims(json!({})), &pair.private).unwrap();
    let (rsa, other) = (Pair::rsa(Algorithm::RS256), Pair::ec("other", OTHER_EC));
    for (keys, expected) in [(jwks(&[&pair, &rsa]), 200), (jwks(&[&pair, &other]), 401)] {
        assert_eq!(
            status(caller(&builder(StaticKeys::new(keys)).build().unwrap(), &unnamed)),
            expected
        );
    }
}

#[test]
fn keys_that_are_not_understood_are_passed_over() {
    // RFC 7517 §5
    let pair = Pair::ec("ec", EC);
    let strange = [
        json!({"kty": "AKP", "alg": "ML-DSA-44", "kid": "new", "pub": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "use": "enc", "kid": "x", "x": "AA"}),
        json!({"kty": "EC", "crv": "secp256k1", "kid": "k", "x": "AA", "y": "AA"}),
        json!({"kty": "RSA", "kid": "half", "e": "AQAB"}),
        json!({"kid": "none"}),
    ];
    for strange in strange {
        let set = json!({"keys": [strange, pair.public()]}).to_string();
        let jwt = builder(StaticKeys::new(set)).build().unwrap();
        assert_eq!(status(caller(&jwt, &pair.sign(&claims(json!({}))))), 200, "{strange}");
    }
}

#[test]
fn scopes_and_tenant_come_from_the_claims() {
    // Y-013, N-003
    let pair = Pair::ec("ec", EC);
    let jwt = builder(StaticKeys::new(jwks(&[&pair])))
        .scopes("scim.read", "scim.write")
        .tenant_claim("tid")
        .actor(|actor, claims| match claims.get("blocked") {
            Some(_) => Err(AuthenticationError::forbidden("blocked")),
            None => Ok(actor.with_extension(claims.len())),
        })
        .build()
        .unwrap();
    let call = |changes| caller(&jwt, &pair.sign(&claims(changes)));
    let actor = call(json!({})).unwrap();
    assert_eq!(actor.tenant(), Some(&Tenant::new("acme")));
    assert_eq!(actor.extensions().get::<usize>(), Some(&6));
    let read = [json!({"scope": "scim.read"}), json!({"scope": null, "scp": ["scim.read"]})];
    for changes in read {
        assert_eq!(call(changes).unwrap().access(), Access::Read);
    }
    for changes in [json!({"scope": "openid"}), json!({"scope": null}), json!({"blocked": 1})] {
        assert_eq!(status(call(changes)), 403);
    }
    for changes in [json!({"tid": null}), json!({"tid": ""}), json!({"tid": 7})] {
        assert_eq!(status(call(changes)), 401);
    }
}

#[test]
fn nothing_may_be_left_open() {
    use InvalidJwtBearer::{Algorithm, Audience, Issuer, Keys};
    type Step = (InvalidJwtBearer, fn(JwtBearerBuilder) -> JwtBearerBuilder);
    let steps: [Step; 4] = [
        (Issuer, |builder| builder.issuer("i")),
        (Audience, |builder| builder.audience("a")),
        (Algorithm, |builder| builder.algorithms([JwtAlgorithm::PS256])),
        (Keys, |builder| builder.keys(StaticKeys::new("{}"))),
    ];
    for (left_out, _) in &steps {
        let named = steps.iter().filter(|(name, _)| name != left_out);
        let builder = named.fold(JwtBearer::builder(), |builder, (_, step)| step(builder));
        assert_eq!(builder.build().unwrap_err(), *left_out);
    }
}

#[test]
fn no_token_is_shown() {
    let pair = Pair::ec("ec", EC);
    let jwt = builder(StaticKeys::new(jwks(&[&pair]))).build().unwrap();
    let token = pair.sign(&claims(json!({"aud": "other"})));
    let error = caller(&jwt, &token).unwrap_err();
    let shown = format!("{error:?} {error} {jwt:?}");
    assert!(!token.split('.').any(|part| shown.contains(part)), "{shown}");
}
