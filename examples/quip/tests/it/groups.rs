//! Groups and group folders, which are the same under both versions.

use serde_json::{Value, json};

use crate::service::{BOTH, Service, id};

const ENDPOINTS: [&str; 2] = ["Groups", "GroupFolders"];
const CORE_1_0: &str = "urn:scim:schemas:core:1.0";

async fn users(service: &Service) -> [String; 3] {
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(service.user(&format!("{name}@x.com")).await);
    }
    ids.try_into().unwrap()
}

fn members(group: &Value) -> Vec<&str> {
    group["members"].as_array().unwrap().iter().map(|it| it["value"].as_str().unwrap()).collect()
}

/// "PATCH body `{"displayName", "members":[{"value","operation":"add"|"delete"}]}`, not PatchOp even
/// under `/2`; no `operation` means add. POST members may be plain ids; answers hold objects.
/// Answers of both carry `schemas: ["urn:scim:schemas:core:1.0"]` even under `/2`."
#[tokio::test]
async fn groups_are_patched_by_members_with_operations() {
    for service in Service::each() {
        let [a, b, c] = users(&service).await;
        for base in BOTH {
            for endpoint in ENDPOINTS {
                let body = json!({"displayName": "One", "members": [a, {"value": b}]});
                let group = service.post(&format!("{base}/{endpoint}"), body).await.expect(201);
                let shown = json!({
                    "schemas": [CORE_1_0], "id": group["id"], "displayName": "One",
                    "members": [{"value": a}, {"value": b}],
                });
                assert_eq!(group, shown);
                let path = format!("{base}/{endpoint}/{}", id(&group));
                assert_eq!(service.get(&path).await.expect(200), shown);

                let mixed = json!({"schemas": [CORE_1_0], "members": [
                    {"value": c, "operation": "add"}, {"value": a, "operation": "delete"},
                ]});
                let changed = service.patch(&path, mixed).await.expect(200);
                assert_eq!(
                    (members(&changed), &changed["displayName"]),
                    (vec![&*b, &*c], &json!("One"))
                );
                let renamed = json!({"displayName": "Two", "members": [{"value": a}]});
                let changed = service.patch(&path, renamed).await.expect(200);
                assert_eq!(
                    (members(&changed), &changed["displayName"]),
                    (vec![&*a, &*b, &*c], &json!("Two"))
                );
                let named = service.patch(&path, json!({"displayName": "Three"})).await.expect(200);
                assert_eq!((members(&named).len(), &named["displayName"]), (3, &json!("Three")));
                let list = service.get(&format!("{base}/{endpoint}")).await.expect(200);
                assert_eq!(list["schemas"], json!([CORE_1_0]));
                assert_eq!(list["Resources"][0]["schemas"], json!([CORE_1_0]));
            }
        }
    }
}

#[tokio::test]
async fn other_patches_of_groups_are_refused() {
    let service = Service::new();
    let [a, ..] = users(&service).await;
    for base in BOTH {
        let body = json!({"displayName": "One", "members": [a]});
        let group = service.post(&format!("{base}/Groups"), body).await.expect(201);
        let path = format!("{base}/Groups/{}", id(&group));
        for body in [
            json!({}),
            json!({"Operations": [{"op": "remove", "path": "members"}]}),
            json!({"members": a}),
            json!({"members": [{"value": a, "operation": "replace"}]}),
            json!({"members": [{"value": a, "operation": 1}]}),
            json!({"members": [{"operation": "delete"}]}),
            json!({"members": [{"value": "nobody"}]}),
            json!({"displayName": ""}),
            json!({"displayName": null}),
        ] {
            let answer = service.patch(&path, body.clone()).await;
            assert_eq!(answer.status, 400, "{base} {body}: {}", answer.body);
            answer.expect_error(400);
        }
        assert_eq!(service.get(&path).await.expect(200), group);
        // Who is no member need not be removed, and nobody is nothing.
        for body in [
            json!({"members": [{"value": "nobody", "operation": "delete"}]}),
            json!({"members": []}),
        ] {
            assert_eq!(service.patch(&path, body).await.expect(200), group);
        }
    }
}

/// "`externalId` on users, none on groups."
#[tokio::test]
async fn groups_have_no_external_id() {
    let service = Service::new();
    let [a, ..] = users(&service).await;
    for base in BOTH {
        for endpoint in ENDPOINTS {
            let body = json!({"displayName": "One", "members": [a], "externalId": "7"});
            let group = service.post(&format!("{base}/{endpoint}"), body.clone()).await.expect(201);
            assert_eq!(group.get("externalId"), None);
            let path = format!("{base}/{endpoint}/{}", id(&group));
            assert_eq!(service.put(&path, body).await.expect(200).get("externalId"), None);
        }
    }
}

/// "A group folder has at least one member always."
#[tokio::test]
async fn a_group_folder_is_never_empty() {
    for service in Service::each() {
        let [a, b, _] = users(&service).await;
        for base in BOTH {
            let folders = format!("{base}/GroupFolders");
            for members in [json!([]), Value::Null] {
                let body = json!({"displayName": "One", "members": members});
                service.post(&folders, body).await.expect_error(400);
            }
            service.post(&folders, json!({"displayName": "One"})).await.expect_error(400);
            let body = json!({"displayName": "One", "members": [a, b]});
            let path = format!("{folders}/{}", id(&service.post(&folders, body).await.expect(201)));
            let delete = |id: &str| json!({"value": id, "operation": "delete"});
            let all = json!({"displayName": "Two", "members": [delete(&a), delete(&b)]});
            service.patch(&path, all).await.expect_error(400);
            service.patch(&path, json!({"members": [delete(&a)]})).await.expect(200);
            service.patch(&path, json!({"members": [delete(&b)]})).await.expect_error(400);
            let swap = json!({"members": [delete(&b), {"value": a}]});
            let shown = service.patch(&path, swap).await.expect(200);
            assert_eq!((members(&shown), &shown["displayName"]), (vec![&*a], &json!("One")));
            service
                .put(&path, json!({"displayName": "One", "members": []}))
                .await
                .expect_error(400);
        }
        // A group may be empty.
        service.post("/2/Groups", json!({"displayName": "Nobody"})).await.expect(201);
    }
}

/// "`groups` shown on 2.0 users"; "DELETE of a group removes its members."
#[tokio::test]
async fn users_show_their_groups_until_these_are_deleted() {
    for service in Service::each() {
        for base in BOTH {
            let user = service.user(&format!("g{}@x.com", base.trim_start_matches('/'))).await;
            let body = json!({"displayName": "My Group", "members": [user]});
            let group = service.post(&format!("{base}/Groups"), body.clone()).await.expect(201);
            service.post(&format!("{base}/GroupFolders"), body).await.expect(201);
            let shown = service.shown(&user).await;
            assert_eq!(shown["groups"], json!([{"value": group["id"], "display": "My Group"}]));
            let in_1 = service.get(&format!("/1/Users/{user}")).await.expect(200);
            assert_eq!(in_1.get("groups"), None);

            let path = format!("{base}/Groups/{}", id(&group));
            let answer = service.delete(&path).await;
            assert!(matches!(answer.status, 200 | 204) && answer.body.is_null());
            service.get(&path).await.expect_error(404);
            service.delete(&path).await.expect_error(404);
            let shown = service.shown(&user).await;
            assert_eq!((shown.get("groups"), &shown["active"]), (None, &json!(true)));
            let folders = service.get(&format!("{base}/GroupFolders")).await.expect(200);
            assert!(
                folders["Resources"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .any(|it| members(it) == [user.as_str()])
            );
        }
    }
}

/// Group folders "can be further managed using the Admin Console": no call removes one.
#[tokio::test]
async fn group_folders_are_not_deleted_over_scim() {
    let service = Service::new();
    let [a, ..] = users(&service).await;
    let body = json!({"displayName": "One", "members": [a]});
    let folder = service.post("/2/GroupFolders", body).await.expect(201);
    for base in BOTH {
        let path = format!("{base}/GroupFolders/{}", id(&folder));
        service.delete(&path).await.expect_error(405);
        assert_eq!(service.get(&path).await.expect(200), folder);
    }
}
