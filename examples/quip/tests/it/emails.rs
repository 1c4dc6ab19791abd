//! Emails are unique in a company, of one type, and never missing.

use serde_json::{Value, json};

use crate::service::{BOTH, Service, addresses, id};

fn email(value: &str, primary: bool) -> Value {
    json!({"primary": primary, "type": "work", "value": value})
}

fn new(email: &str) -> Value {
    json!({"name": "Some One", "emails": [email]})
}

/// "Emails are unique per company, ignoring case. An address held by an active user: 409."
#[tokio::test]
async fn an_address_of_an_active_user_is_taken_whatever_its_case() {
    for service in Service::each() {
        let holder = service.user("Ann@Hello.com").await;
        let other = service.user("other@hello.com").await;
        for base in BOTH {
            let users = format!("{base}/Users");
            service.post(&users, new("ann@hello.COM")).await.expect_error(409);
            let body = json!({"name": "A B", "emails": ["new@hello.com", "ANN@hello.com"]});
            service.post(&users, body).await.expect_error(409);
            let path = format!("{users}/{other}");
            service.put(&path, new("ANN@HELLO.COM")).await.expect_error(409);
        }
        let add = json!([{"op": "add", "path": "emails", "value": {"value": "aNN@hello.com"}}]);
        service.change(&other, add).await.expect_error(409);
        // Its own address in another case is no conflict.
        let renamed = service.put(&format!("/2/Users/{holder}"), new("ANN@hello.com")).await;
        assert_eq!(addresses(&renamed.expect(200)), ["ANN@hello.com"]);
        // Another company has addresses of its own.
        service
            .request_as("another-secret", "POST", "/2/Users", new("ann@hello.com"))
            .await
            .expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_many_at_once_gets_an_address() {
    for service in Service::each() {
        let service = std::sync::Arc::new(service);
        let requests: Vec<_> = (0..8)
            .map(|number| {
                let service = service.clone();
                let users = format!("{}/Users", BOTH[number % 2]);
                tokio::spawn(async move { service.post(&users, new("a@hello.com")).await.status })
            })
            .collect();
        let mut statuses = Vec::new();
        for request in requests {
            statuses.push(request.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(service.listed("/2/Users").await.len(), 1);
    }
}

/// "Held by a disabled user: that user is reactivated according to `active`, the rest of the body
/// is ignored, and the answer is that existing user."
#[tokio::test]
async fn an_address_of_a_disabled_user_brings_that_user_back() {
    for service in Service::each() {
        for base in BOTH {
            let users = format!("{base}/Users");
            let address = format!("ann{}@hello.com", base.trim_start_matches('/'));
            let ann = service.disabled(&address).await;
            let before = service.shown(&ann).await;
            let again = json!({
                "name": "Another Name", "emails": [address.to_uppercase(), "more@hello.com"],
                "externalId": "9", "active": false,
            });
            let still = service.post(&users, again.clone()).await.expect(200);
            assert_eq!((id(&still), &still["active"]), (ann.clone(), &json!(false)));
            for active in [json!(true), Value::Null] {
                service.delete(&format!("/2/Users/{ann}")).await;
                let mut again = again.clone();
                again.as_object_mut().unwrap().remove("active");
                if active == true {
                    again["active"] = active;
                }
                let back = service.post(&users, again).await.expect(200);
                assert_eq!((id(&back), &back["active"]), (ann.clone(), &json!(true)), "{base}");
                let mut expected = before.clone();
                expected["active"] = true.into();
                assert_eq!(service.shown(&ann).await, expected);
            }
        }
        // It is a conflict for whoever exists already.
        service.disabled("gone@hello.com").await;
        let other = service.user("other@hello.com").await;
        service.put(&format!("/2/Users/{other}"), new("gone@hello.com")).await.expect_error(409);
        // And where another of the addresses belongs to an account in use.
        let body = json!({"name": "A B", "emails": ["gone@hello.com", "other@hello.com"]});
        service.post("/2/Users", body).await.expect_error(409);
        assert_eq!(service.listed("/2/Users?filter=active eq false").await.len(), 1);
    }
}

/// "The type of every email is `work`, whatever is sent."
#[tokio::test]
async fn every_email_is_of_the_type_work() {
    let service = Service::new();
    let body = json!({
        "name": "Ann Cox",
        "emails": [{"value": "a@x.com", "type": "home"}, {"value": "b@x.com", "type": "other"}],
    });
    let user = service.post("/2/Users", body.clone()).await.expect(201);
    let expected = json!([email("a@x.com", true), email("b@x.com", false)]);
    assert_eq!(user["emails"], expected);
    let path = format!("/2/Users/{}", id(&user));
    assert_eq!(service.put(&path, body).await.expect(200)["emails"], expected);
    let change = json!([{"op": "replace", "path": "emails.type", "value": "home"}]);
    assert_eq!(service.change(&id(&user), change).await.expect(200)["emails"], expected);
}

/// "`primary` is not writable by PUT, is by PATCH."
#[tokio::test]
async fn which_email_is_primary_is_for_patch_to_say() {
    let service = Service::new();
    let both = |first: bool| json!([{"value": "a@x.com", "primary": first}, {"value": "b@x.com", "primary": !first}]);
    let user = service.user("a@x.com").await;
    let path = format!("/2/Users/{user}");
    let put = service.put(&path, json!({"name": "A B", "emails": both(false)})).await.expect(200);
    assert_eq!(put["emails"], json!([email("a@x.com", true), email("b@x.com", false)]));
    let second = json!([email("a@x.com", false), email("b@x.com", true)]);
    let change = json!([{"op": "replace", "path": "emails", "value": both(false)}]);
    assert_eq!(service.change(&user, change).await.expect(200)["emails"], second);
    // It stays so, whatever a PUT says, unless the address goes.
    let put = service.put(&path, json!({"name": "A B", "emails": both(true)})).await.expect(200);
    assert_eq!(put["emails"], second);
    let add =
        json!([{"op": "add", "path": "emails", "value": {"value": "A@x.com", "primary": true}}]);
    let changed = service.change(&user, add).await.expect(200);
    assert_eq!(changed["emails"], json!([email("A@x.com", true), email("b@x.com", false)]));
    let put = service.put(&path, json!({"emails": ["b@x.com", "c@x.com"]})).await.expect(200);
    assert_eq!(put["emails"], json!([email("b@x.com", true), email("c@x.com", false)]));
}

/// "An account has at least one email at the end of a request; the documented sample removes one
/// before it adds another, in one PATCH."
#[tokio::test]
async fn an_account_has_an_email_at_the_end_of_a_request() {
    for service in Service::each() {
        let user = service.user("old@x.com").await;
        let remove = json!({"op": "remove", "path": "emails", "value": {"value": "old@x.com"}});
        let all = json!({"op": "remove", "path": "emails"});
        let add = json!({"op": "add", "path": "emails", "value": {"value": "new@x.com"}});
        for operation in [&remove, &all] {
            service.change(&user, json!([operation])).await.expect_error(400);
        }
        let none = json!([{"op": "replace", "path": "emails", "value": []}]);
        service.change(&user, none).await.expect_error(400);
        for base in BOTH {
            let body = json!({"name": "A B", "emails": []});
            service.put(&format!("{base}/Users/{user}"), body).await.expect_error(400);
        }
        assert_eq!(addresses(&service.shown(&user).await), ["old@x.com"]);
        let changed = service.change(&user, json!([remove, add])).await.expect(200);
        assert_eq!(addresses(&changed), ["new@x.com"]);
        // The address is free again.
        service.user("old@x.com").await;
    }
}

/// An address is given once, in whatever case it is repeated.
#[tokio::test]
async fn an_address_stands_in_a_list_once() {
    let service = Service::new();
    let body = json!({"name": "A B", "emails": ["a@x.com", "A@x.com", {"value": "a@X.com"}]});
    let user = service.post("/2/Users", body).await.expect(201);
    assert_eq!(addresses(&user), ["a@x.com"]);
}
