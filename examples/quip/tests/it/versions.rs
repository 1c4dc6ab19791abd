//! Two versions over the same accounts.

use axum::http::Request;
use serde_json::{Value, json};

use crate::service::{BOTH, Service, id};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const CORE_1_0: &str = "urn:scim:schemas:core:1.0";

/// "`/1/…` speaks SCIM 1.1, `/2/…` SCIM 2.0, over the same accounts: in 1.1 `emails` are plain
/// strings and `schemas` is `urn:scim:schemas:core:1.0`; in 2.0 they are objects with `primary`,
/// `type`, `value`."
#[tokio::test]
async fn an_account_looks_as_the_version_has_it() {
    for service in Service::each() {
        for (index, base) in BOTH.iter().enumerate() {
            let (a, b) = (format!("a{index}@x.com"), format!("b{index}@x.com"));
            let body = json!({"name": "Ann Cox", "emails": [a, {"value": b}], "externalId": "7"});
            let user = id(&service.post(&format!("{base}/Users"), body).await.expect(201));
            let common = json!({
                "id": user, "userName": user, "active": true, "externalId": "7",
                "name": {"givenName": "Ann", "familyName": "Cox", "formatted": "Ann Cox"},
            });
            let (mut in_1, mut in_2) = (common.clone(), common);
            in_1["schemas"] = json!([CORE_1_0]);
            in_1["emails"] = json!([a, b]);
            in_2["schemas"] = json!([USER]);
            in_2["emails"] = json!([
                {"primary": true, "type": "work", "value": a},
                {"primary": false, "type": "work", "value": b},
            ]);
            for (base, expected) in [("/1", &in_1), ("/2", &in_2)] {
                let path = format!("{base}/Users/{user}");
                assert_eq!(service.get(&path).await.expect(200), *expected);
                let list =
                    service.get(&format!("{base}/Users?filter=emails eq {a}")).await.expect(200);
                assert_eq!(list["Resources"], json!([expected]));
            }
            // What is written in one is read in the other.
            let other = BOTH[1 - index];
            let body = json!({"name": "Bo Ek", "emails": [b]});
            service.put(&format!("{other}/Users/{user}"), body).await.expect(200);
            let shown = service.get(&format!("{base}/Users/{user}")).await.expect(200);
            assert_eq!(shown["name"]["formatted"], "Bo Ek");
            assert_eq!(crate::service::addresses(&shown), [b]);
        }
        for (base, urn) in
            BOTH.iter().zip([CORE_1_0, "urn:ietf:params:scim:api:messages:2.0:ListResponse"])
        {
            let list = service.get(&format!("{base}/Users")).await.expect(200);
            assert_eq!(list["schemas"], json!([urn]), "{base}");
        }
    }
}

/// "Errors: `{"error_code": 400, "description": "…"}`."
#[tokio::test]
async fn errors_have_a_code_and_a_description() {
    let service = Service::new();
    for base in BOTH {
        for (method, path, body, status) in [
            ("GET", "/Users/nobody", Value::Null, 404),
            ("GET", "/Nothing", Value::Null, 404),
            ("POST", "/Users", json!({}), 400),
            ("POST", "/Users", json!("text"), 400),
            ("PUT", "/Users/nobody", json!({"name": "A B"}), 404),
            ("POST", "/Users/x", json!({}), 405),
            ("GET", "/Users?count=x", Value::Null, 400),
        ] {
            let answer = service.request(method, &format!("{base}{path}"), body).await;
            assert!(!answer.expect_error(status).is_empty());
        }
        service
            .request_as("wrong", "GET", &format!("{base}/Users"), Value::Null)
            .await
            .expect_error(401);
    }
    // Routes beside SCIM's are no exception.
    service.request("PUT", "/2/MergeUsers", json!([])).await.expect_error(405);
    service.get("/3/Users").await.expect_error(404);
}

/// "`ServiceProviderConfig` in 1.1 shape (with `xmlDataFormat`) under `/1`, 2.0 shape under `/2`",
/// readable without a token (RFC 7644 §4).
#[tokio::test]
async fn each_version_describes_itself() {
    let service = Service::new();
    let anonymous = |path: &str| Request::get(path).body(axum::body::Body::empty()).unwrap();
    let documented: Value =
        serde_json::from_str(include_str!("../vectors/configuration.json")).unwrap();
    for path in ["/1/ServiceProviderConfig", "/1/ServiceProviderConfigs"] {
        let config = service.send(anonymous(path)).await.expect(200);
        assert_eq!(config["schemas"], json!([CORE_1_0]), "{path}");
        for (name, sample) in documented.as_object().unwrap() {
            has_shape_of(&config[name], sample, name);
        }
    }
    let config = service.send(anonymous("/2/ServiceProviderConfig")).await.expect(200);
    assert_eq!(
        config["schemas"],
        json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"])
    );
    assert_eq!(config.get("xmlDataFormat"), None);
    assert_eq!(config["patch"]["supported"], true);
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
}

/// Whether a value has the parts of a sample, of the same types.
fn has_shape_of(value: &Value, sample: &Value, place: &str) {
    match (value, sample) {
        (Value::Object(_), Value::Object(sample)) => {
            sample
                .iter()
                .for_each(|(name, it)| has_shape_of(&value[name], it, &format!("{place}.{name}")));
        }
        (Value::Array(values), Value::Array(samples)) => {
            assert!(!values.is_empty(), "{place}");
            values.iter().for_each(|value| has_shape_of(value, &samples[0], place));
        }
        _ => {
            let same = std::mem::discriminant(value) == std::mem::discriminant(sample);
            assert!(same, "{place}: {value} for {sample}");
        }
    }
}
