//! `MergeUsers` and `TransferContent`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::service::{COMPANY, Service, addresses};

async fn settled(service: &Service, source: &str, target: &str) -> Value {
    let path = format!("/2/MergeUsers?source_user_ids={source}&target_user_ids={target}");
    loop {
        let status = service.get(&path).await.expect(200)[0].clone();
        if status["merge_status"] != "PENDING" {
            return status;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Asks for a merge and waits for its end; why it failed, if it did.
async fn merged(service: &Service, source: &str, target: &str, force: Value) -> Option<String> {
    let mut merge = json!({"source_user_id": source, "target_user_id": target});
    let mut pending = merge.clone();
    pending["merge_status"] = "PENDING".into();
    if !force.is_null() {
        merge["force_merge"] = force;
    }
    let answer = service.post("/2/MergeUsers", json!([merge])).await.expect(200);
    assert_eq!(answer, json!([pending]));
    let status = settled(service, source, target).await;
    match status["merge_status"].as_str().unwrap() {
        "COMPLETE" => assert_eq!(status.get("error_message"), None),
        other => assert_eq!(other, "FAILED"),
    }
    status["error_message"].as_str().map(str::to_owned)
}

/// "Answers PENDING each; later the source is gone and its emails belong to the target."
#[tokio::test]
async fn a_merge_moves_everything_to_the_target() {
    for service in Service::each() {
        let source = service.user("source@x.com").await;
        let target = service.user("target@x.com").await;
        let other = service.user("other@x.com").await;
        let group = json!({"displayName": "Group", "members": [source, other]});
        let group = crate::service::id(&service.post("/2/Groups", group).await.expect(201));
        let folder = json!({"displayName": "Folder", "members": [source]});
        let folder = crate::service::id(&service.post("/2/GroupFolders", folder).await.expect(201));
        service.quip.content.add(COMPANY, &source, "Plan");
        service.quip.content.add(COMPANY, &target, "List");

        assert_eq!(merged(&service, &source, &target, Value::Null).await, None);
        service.get(&format!("/2/Users/{source}")).await.expect_error(404);
        assert!(service.listed("/2/Users?filter=emails eq source@x.com").await.contains(&target));
        let shown = service.shown(&target).await;
        assert_eq!(addresses(&shown), ["target@x.com", "source@x.com"]);
        assert_eq!(
            (&shown["emails"][0]["primary"], &shown["emails"][1]["primary"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(shown["groups"], json!([{"value": group, "display": "Group"}]));
        let folder = service.get(&format!("/2/GroupFolders/{folder}")).await.expect(200);
        assert_eq!(folder["members"], json!([{"value": target}]));
        assert_eq!(service.quip.content.of(COMPANY, &target), ["List", "Plan"]);
        assert!(service.quip.content.of(COMPANY, &source).is_empty());
        assert_eq!(service.quip.sessions.epoch(COMPANY, &source), 1);
    }
}

/// "Names must match unless forced; not two disabled accounts"; "you can merge a disabled account
/// into an active account".
#[tokio::test]
async fn a_merge_has_conditions() {
    let service = Service::new();
    let ann = service.user_named("Ann Cox", "ann@x.com").await;
    let bob = service.user_named("Bob Cox", "bob@x.com").await;
    let failed = merged(&service, &ann, &bob, json!(false)).await.unwrap();
    assert_eq!(failed, "the names of the users do not match");
    assert_eq!(addresses(&service.shown(&bob).await), ["bob@x.com"]);
    assert_eq!(merged(&service, &ann, &bob, json!(true)).await, None);

    let [one, two] = [service.disabled("one@x.com").await, service.disabled("two@x.com").await];
    let failed = merged(&service, &one, &two, json!(true)).await.unwrap();
    assert_eq!(failed, "two disabled accounts cannot be merged");
    let active = service.user("active@x.com").await;
    assert_eq!(merged(&service, &one, &active, Value::Null).await, None);
    assert_eq!(service.shown(&active).await["active"], true);

    for (source, target) in [("nobody", &*active), (&*active, "nobody"), (&*one, &*active)] {
        let failed = merged(&service, source, target, json!(true)).await.unwrap();
        assert_eq!(failed, "there is no such user");
    }
    assert!(merged(&service, &active, &active, json!(true)).await.unwrap().contains("itself"));
}

/// "A user can go through only one merge at a time … the latter requests would eventually fail."
#[tokio::test]
async fn a_user_is_in_one_merge_at_a_time() {
    let service = Service::new();
    let [a, b, c] = [
        service.user("a@x.com").await,
        service.user("b@x.com").await,
        service.user("c@x.com").await,
    ];
    let merge =
        |source: &str, target: &str| json!({"source_user_id": source, "target_user_id": target});
    let both = json!([merge(&a, &b), merge(&b, &c), merge(&a, &b)]);
    let answer = service.post("/2/MergeUsers", both).await.expect(200);
    assert_eq!(answer.as_array().unwrap().len(), 3);
    assert_eq!(settled(&service, &a, &b).await["merge_status"], "COMPLETE");
    let second = settled(&service, &b, &c).await;
    assert_eq!(second["merge_status"], "FAILED");
    assert!(second["error_message"].as_str().unwrap().contains("another merge"));
}

/// "An array of at most 50"; "PENDING, COMPLETE, FAILED with `error_message`, NOT FOUND".
#[tokio::test]
async fn merges_come_in_batches_of_50() {
    let service = Service::new();
    let merge = json!({"source_user_id": "a", "target_user_id": "b"});
    let fifty = vec![merge.clone(); 50];
    let answer = service.post("/2/MergeUsers", json!(fifty)).await.expect(200);
    assert_eq!(answer.as_array().unwrap().len(), 50);
    service.post("/2/MergeUsers", json!(vec![merge.clone(); 51])).await.expect_error(400);
    for wrong in [json!({}), merge, json!([{}]), json!([{"source_user_id": 1}]), Value::Null] {
        service.post("/2/MergeUsers", wrong).await.expect_error(400);
    }
    let path = |sources: &str, targets: &str| {
        format!("/2/MergeUsers?source_user_ids={sources}&target_user_ids={targets}")
    };
    let unknown = service.get(&path("x,y", "z,w")).await.expect(200);
    let status = |source: &str, target: &str| json!({"source_user_id": source, "target_user_id": target, "merge_status": "NOT FOUND"});
    assert_eq!(unknown, json!([status("x", "z"), status("y", "w")]));
    let many = vec!["x"; 51].join(",");
    for wrong in [path("x,y", "z"), path(&many, &many), "/2/MergeUsers".to_owned()] {
        service.get(&wrong).await.expect_error(400);
    }
    // Another company sees nothing of it.
    let other = service.request_as("another-secret", "GET", &path("a", "b"), Value::Null).await;
    assert_eq!(other.expect(200)[0]["merge_status"], "NOT FOUND");
}

/// "`POST /2/TransferContent` (the source must be disabled)."
#[tokio::test]
async fn content_of_disabled_users_is_transferred() {
    for service in Service::each() {
        let source = service.user("source@x.com").await;
        let target = service.user("target@x.com").await;
        service.quip.content.add(COMPANY, &source, "Plan");
        let body = json!({"source_user_id": source, "target_user_id": target});
        let refused = service.post("/2/TransferContent", body.clone()).await.expect_error(400);
        assert_eq!(refused, "the source user must be disabled");
        service.delete(&format!("/2/Users/{source}")).await.expect(204);
        service.post("/2/TransferContent", body.clone()).await.expect(200);
        assert_eq!(service.quip.content.of(COMPANY, &target), ["Plan"]);
        assert!(service.quip.content.of(COMPANY, &source).is_empty());
        for wrong in [
            json!({"source_user_id": "nobody", "target_user_id": target}),
            json!({"source_user_id": source, "target_user_id": "nobody"}),
            json!({"source_user_id": source}),
            json!([]),
        ] {
            service.post("/2/TransferContent", wrong).await.expect_error(400);
        }
        service
            .request_as("another-secret", "POST", "/2/TransferContent", body)
            .await
            .expect_error(400);
    }
}
