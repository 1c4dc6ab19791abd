//! Accounts: what the server sets, what it ignores, how they end and come back.

use serde_json::{Value, json};

use crate::service::{BOTH, COMPANY, Service, id};

/// "`userName` is set by the server (equal to `id`), is not required, and any attempt to write it
/// is ignored with success, also when it is the only change."
#[tokio::test]
async fn the_server_sets_user_names() {
    for service in Service::each() {
        for base in BOTH {
            let email = format!("u{}@x.com", base.trim_start_matches('/'));
            let body = json!({"userName": "mine", "name": "A B", "emails": [email]});
            let user = service.post(&format!("{base}/Users"), body).await.expect(201);
            let id = id(&user);
            assert_eq!(user["userName"], *id);
            let path = format!("{base}/Users/{id}");
            for name in [json!("mine"), json!(7), Value::Null] {
                let put = service.put(&path, json!({"username": name})).await.expect(200);
                assert_eq!(put, user, "{base}");
            }
        }
        let user = service.user("c@x.com").await;
        let before = service.shown(&user).await;
        for operations in [
            json!([{"op": "replace", "path": "userName", "value": "mine"}]),
            json!([{"op": "add", "path": "username", "value": {"a": 1}}]),
            json!([{"op": "remove", "path": "userName"}]),
            json!([{"op": "replace", "value": {"userName": "mine"}}]),
            json!([{
                "op": "replace",
                "path": "urn:ietf:params:scim:schemas:core:2.0:User:userName",
                "value": "mine",
            }]),
        ] {
            assert_eq!(
                service.change(&user, operations.clone()).await.expect(200),
                before,
                "{operations}"
            );
        }
        let both = json!([
            {"op": "replace", "path": "userName", "value": "mine"},
            {"op": "replace", "path": "externalId", "value": "7"},
        ]);
        let changed = service.change(&user, both).await.expect(200);
        assert_eq!((&changed["userName"], &changed["externalId"]), (&json!(user), &json!("7")));
    }
}

/// "`active` must be a JSON boolean; the strings are 400."
#[tokio::test]
async fn active_is_a_boolean() {
    let service = Service::new();
    let user = service.user("a@x.com").await;
    for text in ["true", "false", "True", "False", "1", ""] {
        for base in BOTH {
            let body = json!({"name": "A B", "emails": ["b@x.com"], "active": text});
            service.post(&format!("{base}/Users"), body).await.expect_error(400);
            let path = format!("{base}/Users/{user}");
            service.put(&path, json!({"active": text})).await.expect_error(400);
        }
        let path = json!([{"op": "replace", "path": "active", "value": text}]);
        service.change(&user, path).await.expect_error(400);
        let no_path = json!([{"op": "replace", "value": {"active": text}}]);
        service.change(&user, no_path).await.expect_error(400);
    }
    for active in [json!(1), json!({}), json!([true])] {
        service.put(&format!("/2/Users/{user}"), json!({"active": active})).await.expect_error(400);
    }
    assert_eq!(service.shown(&user).await["active"], true);
    let body = json!({"name": "A B", "emails": ["b@x.com"], "active": false});
    assert_eq!(service.post("/2/Users", body).await.expect(201)["active"], false);
}

/// "`DELETE` disables: GET by id still returns the user, a plain list does not, a filter on email
/// does. Re-enabling is PUT or PATCH `active: true`."
#[tokio::test]
async fn a_deleted_account_is_disabled_and_comes_back() {
    for service in Service::each() {
        for base in BOTH {
            let users = format!("{base}/Users");
            let email = format!("d{}@x.com", base.trim_start_matches('/'));
            let user = service.user(&email).await;
            let path = format!("{users}/{user}");
            let before = service.get(&path).await.expect(200);
            for _ in 0..2 {
                let answer = service.delete(&path).await;
                assert!(matches!(answer.status, 200 | 204) && answer.body.is_null());
            }
            let mut disabled = before.clone();
            disabled["active"] = false.into();
            assert_eq!(service.get(&path).await.expect(200), disabled);
            assert!(!service.listed(&users).await.contains(&user));
            let by_name = format!("{users}?filter=userName eq \"{user}\"").replace('"', "%22");
            assert!(service.listed(&by_name).await.is_empty());
            let by_email = format!("{users}?filter=emails eq {email}");
            assert_eq!(service.listed(&by_email).await, [&*user]);
            assert_eq!(service.put(&path, json!({"active": true})).await.expect(200), before);
            service.delete(&path).await;
            let enable = json!([{"op": "replace", "path": "active", "value": true}]);
            assert_eq!(service.change(&user, enable).await.expect(200)["active"], true);
            assert!(service.listed(&users).await.contains(&user));
        }
        service.delete("/2/Users/nobody").await.expect_error(404);
    }
}

/// "The transition to false ends the user's sessions"; "call PATCH twice in succession, once to
/// set `active` to false, and again to set it to true".
#[tokio::test]
async fn to_be_disabled_ends_all_sessions() {
    let service = Service::new();
    let user = service.user("a@x.com").await;
    let path = format!("/2/Users/{user}");
    let epoch = || service.quip.sessions.epoch(COMPANY, &user);
    let set = |active: bool| json!([{"op": "replace", "path": "active", "value": active}]);
    assert_eq!(epoch(), 0);
    service.change(&user, set(true)).await.expect(200);
    assert_eq!(epoch(), 0);
    service.change(&user, set(false)).await.expect(200);
    assert_eq!(epoch(), 1);
    service.change(&user, set(false)).await.expect(200);
    service.change(&user, set(true)).await.expect(200);
    assert_eq!((epoch(), &service.shown(&user).await["active"]), (1, &json!(true)));
    service.put(&path, json!({"active": false})).await.expect(200);
    assert_eq!(epoch(), 2);
    service.put(&path, json!({"active": true})).await.expect(200);
    service.delete(&path).await.expect(204);
    assert_eq!(epoch(), 3);
    assert_eq!(service.quip.sessions.epoch("other", &user), 0);
}

/// "`externalId` on users, none on groups."
#[tokio::test]
async fn users_have_an_external_id() {
    for service in Service::each() {
        for base in BOTH {
            let email = format!("e{}@x.com", base.trim_start_matches('/'));
            let body = json!({"name": "A B", "emails": [email], "externalId": "1234ABCD"});
            let user = service.post(&format!("{base}/Users"), body).await.expect(201);
            assert_eq!(user["externalId"], "1234ABCD");
            let path = format!("{base}/Users/{}", id(&user));
            let put = service.put(&path, json!({"externalId": base})).await.expect(200);
            assert_eq!(put["externalId"], base);
            let found = format!("/2/Users?filter=externalid eq \"{base}\"").replace('"', "%22");
            assert_eq!(service.listed(&found).await, [id(&user)]);
        }
    }
}

/// "`roles` is accepted and ignored. An undocumented `persist` string is accepted on PUT and PATCH
/// and ignored."
#[tokio::test]
async fn roles_and_persist_mean_nothing() {
    let service = Service::new();
    for base in BOTH {
        let email = format!("r{}@x.com", base.trim_start_matches('/'));
        let body = json!({"name": "A B", "emails": [email], "roles": ["admin"], "persist": "yes"});
        let user = service.post(&format!("{base}/Users"), body.clone()).await.expect(201);
        assert_eq!((user.get("roles"), user.get("persist")), (None, None));
        let path = format!("{base}/Users/{}", id(&user));
        assert_eq!(service.put(&path, body).await.expect(200), user);
    }
    let user = service.user("c@x.com").await;
    let before = service.shown(&user).await;
    let operations = [
        json!({"op": "replace", "path": "roles", "value": ["admin"]}),
        json!({"op": "add", "value": {"roles": [{"value": "admin"}], "displayName": "x"}}),
    ];
    for operation in operations {
        let urn = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
        let body = json!({"schemas": [urn], "persist": "yes", "Operations": [operation]});
        let path = format!("/2/Users/{user}");
        assert_eq!(service.patch(&path, body).await.expect(200), before);
    }
}
