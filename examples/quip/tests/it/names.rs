//! Names are written in three ways and kept in one.

use serde_json::{Value, json};

use crate::service::{BOTH, Service, id};

fn whole(given: &str, family: &str, formatted: &str) -> Value {
    json!({"givenName": given, "familyName": family, "formatted": formatted})
}

/// "`name` may be written as a string, `formatted`, or `givenName` and `familyName`"; "stored as
/// one value; `formatted` is always given name, space, family name".
#[tokio::test]
async fn a_name_is_a_string_or_an_object_with_either_form() {
    let ann = whole("Ann Lee", "Cox", "Ann Lee Cox");
    let forms = [
        (json!("Ann Lee Cox"), ann.clone()),
        (json!({"formatted": "Ann Lee Cox"}), ann.clone()),
        (json!({"givenName": "Ann Lee", "familyName": "Cox"}), ann.clone()),
        // One value: the parts are the two sides of its last space.
        (json!({"givenName": "Ann", "familyName": "Lee Cox"}), ann.clone()),
        // Parts go before the whole.
        (json!({"givenName": "Ann Lee", "familyName": "Cox", "formatted": "Cox, Ann"}), ann),
        (json!("  Bo   Ek "), whole("Bo", "Ek", "Bo Ek")),
        (json!("Cher"), whole("Cher", "", "Cher")),
    ];
    for base in BOTH {
        for service in Service::each() {
            for (index, (written, shown)) in forms.iter().enumerate() {
                let email = format!("{index}@hello.com");
                let body = json!({"name": written, "emails": [email]});
                let user = service.post(&format!("{base}/Users"), body).await.expect(201);
                assert_eq!(user["name"], *shown, "{base} {written}");
                let path = format!("{base}/Users/{}", id(&user));
                let body = json!({"name": "Some One"});
                let some = whole("Some", "One", "Some One");
                assert_eq!(service.put(&path, body).await.expect(200)["name"], some);
                let body = json!({"name": written});
                assert_eq!(service.put(&path, body).await.expect(200)["name"], *shown, "{base}");
            }
        }
    }
}

/// "PATCH of `name.formatted` re-splits at the last space."
#[tokio::test]
async fn a_patch_of_the_whole_splits_it_again() {
    let service = Service::new();
    let user = service.user_named("Ann Cox", "a@hello.com").await;
    let steps = [
        (
            json!({"path": "name.formatted", "value": "Ann May Fox"}),
            whole("Ann May", "Fox", "Ann May Fox"),
        ),
        (json!({"path": "name.givenName", "value": "Kay"}), whole("Kay", "Fox", "Kay Fox")),
        (json!({"path": "name.familyName", "value": "Po"}), whole("Kay", "Po", "Kay Po")),
        (json!({"path": "name", "value": "Kim Lo"}), whole("Kim", "Lo", "Kim Lo")),
        (json!({"path": "name", "value": {"formatted": "Bo Ek"}}), whole("Bo", "Ek", "Bo Ek")),
        (json!({"value": {"name": "Al Fa"}}), whole("Al", "Fa", "Al Fa")),
        (
            json!({"value": {"name": {"givenName": "Be", "familyName": "Ta"}}}),
            whole("Be", "Ta", "Be Ta"),
        ),
    ];
    for (mut operation, shown) in steps {
        operation["op"] = "replace".into();
        let changed = service.change(&user, json!([operation])).await.expect(200);
        assert_eq!(changed["name"], shown, "{operation}");
    }
    let nothing = json!([{"op": "remove", "path": "name"}]);
    service.change(&user, nothing).await.expect_error(400);
}

/// "`name` and a non-empty `emails` are required on create."
#[tokio::test]
async fn a_new_user_has_a_name_and_an_email() {
    let emails = json!(["a@hello.com"]);
    for base in BOTH {
        let service = Service::new();
        for body in [
            json!({"emails": emails}),
            json!({"emails": emails, "name": ""}),
            json!({"emails": emails, "name": "  "}),
            json!({"emails": emails, "name": {}}),
            json!({"emails": emails, "name": null}),
            json!({"emails": emails, "name": 7}),
            json!({"name": "Ann Cox"}),
            json!({"name": "Ann Cox", "emails": []}),
            json!({"name": "Ann Cox", "emails": null}),
            json!({"name": "Ann Cox", "emails": [{"type": "work"}]}),
        ] {
            service.post(&format!("{base}/Users"), body).await.expect_error(400);
        }
        assert!(service.listed(&format!("{base}/Users")).await.is_empty());
    }
}
