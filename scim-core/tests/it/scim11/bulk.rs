//! Bulk requests.

use http::Method;
use scim_core::{Limits, scim11::MissingVersions};
use serde_json::{Value, json};

use super::{BASE, CORE, One, expect_error};

#[test]
fn the_example_of_the_draft_is_carried_out() {
    // 4.22, API §3.5
    let scim = One::new();
    let [bob, dave, eve] = ["bob", "dave", "eve"].map(|name| {
        let id = scim.user(name, json!({"nickName": name}));
        let version = scim.get(&format!("/Users/{id}")).header("etag").to_owned();
        (format!("/Users/{id}"), version)
    });
    let body = json!({
        "schemas": [CORE],
        "failOnErrors": 1,
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty",
                "data": {"schemas": [CORE], "userName": "Alice"}},
            {"method": "PUT", "path": bob.0, "version": bob.1,
                "data": {"schemas": [CORE], "userName": "Bob"}},
            {"method": "PATCH", "path": dave.0, "version": dave.1,
                "data": {"schemas": [CORE], "userName": "Dave",
                    "meta": {"attributes": ["nickName"]}}},
            {"method": "DELETE", "path": eve.0, "version": eve.1}
        ]
    });
    let answer = scim.post("/Bulk", body).expect(200).json();
    assert_eq!(answer["schemas"], json!([CORE]));
    let operations = answer["Operations"].as_array().unwrap();
    let alice = operations[0]["location"].as_str().unwrap().strip_prefix(BASE).unwrap().to_owned();
    let seen: Vec<Value> = operations
        .iter()
        .map(|it| {
            let mut it = it.clone();
            it.as_object_mut().unwrap().remove("version");
            it
        })
        .collect();
    let at = |path: &str| format!("{BASE}{path}");
    let expected = json!([
        {"location": at(&alice), "method": "POST", "bulkId": "qwerty", "status": {"code": "201"}},
        {"location": at(&bob.0), "method": "PUT", "status": {"code": "200"}},
        {"location": at(&dave.0), "method": "PATCH", "status": {"code": "200"}},
        {"location": at(&eve.0), "method": "DELETE", "status": {"code": "200"}}
    ]);
    assert_eq!(Value::from(seen), expected);
    assert_eq!(scim.get(&alice).expect(200).json()["userName"], "Alice");
    assert_eq!(operations[0]["version"], scim.get(&alice).header("etag"));
    assert!(scim.get(&bob.0).expect(200).json().get("nickName").is_none());
    let dave = scim.get(&dave.0).expect(200).json();
    assert_eq!((&dave["userName"], dave.get("nickName")), (&json!("Dave"), None));
    expect_error(&scim.get(&eve.0), 404);
}

#[test]
fn operations_refer_to_each_other() {
    // 4.22
    let scim = One::new();
    let body = json!({"Operations": [
        {"method": "POST", "path": "/Groups", "bulkId": "g",
            "data": {"displayName": "Tours", "members": [{"value": "bulkId:u"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "babs"}},
        {"method": "PATCH", "path": "/Groups/bulkId:g",
            "data": {"members": [{"value": "bulkId:u", "operation": "delete"}], "displayName": "x"}}
    ]});
    let answer = scim.post("/Bulk", body).expect(200).json();
    let group = answer["Operations"][0]["location"].as_str().unwrap().strip_prefix(BASE).unwrap();
    let group = scim.get(group).expect(200).json();
    assert_eq!((&group["displayName"], &group["members"]), (&json!("x"), &json!([])));
}

#[test]
fn failures_are_described() {
    // 4.22
    let scim = One::new();
    let id = scim.user("babs", json!({}));
    let path = format!("/Users/{id}");
    let body = json!({"Operations": [
        {"method": "POST", "path": "/Users", "data": {"userName": "a"}},
        {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "babs"}},
        {"method": "PATCH", "path": path, "version": "W/\"old\"", "data": {"nickName": "b"}},
        {"method": "DELETE", "path": "/Users/nobody"},
        {"method": "PUT", "path": path,
            "data": {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "b"}}
    ]});
    let answer = scim.post("/Bulk", body).expect(200).json();
    let operations = answer["Operations"].as_array().unwrap();
    let codes: Vec<_> =
        operations.iter().map(|it| it["status"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["400", "409", "412", "404", "400"]);
    for operation in operations {
        assert!(operation["status"]["description"].is_string(), "{operation}");
        assert!(operation.get("response").is_none(), "{operation}");
    }
}

#[test]
fn limits_are_named() {
    // 4.22
    let mut limits = Limits::default();
    limits.bulk_operations = 1;
    limits.bulk_payload = 500;
    let scim = One::with(|it| it, |builder| builder.limits(limits));
    let operation = json!({"method": "DELETE", "path": "/Users/x"});
    let two = json!({"Operations": [operation, operation]});
    assert!(expect_error(&scim.post("/Bulk", two), 413).contains("maxOperations"));
    let large = json!({"Operations": ["x".repeat(600)]});
    assert!(expect_error(&scim.post("/Bulk", large), 413).contains("maxPayloadSize"));
}

#[test]
fn versions_can_be_asked_for() {
    // 4.15, 4.22
    let scim = One::at(|it| it.missing_versions(MissingVersions::Refuse));
    let id = scim.user("babs", json!({}));
    let body = json!({"Operations": [{"method": "DELETE", "path": format!("/Users/{id}")}]});
    let answer = scim.post("/Bulk", body).expect(200).json();
    assert_eq!(answer["Operations"][0]["status"]["code"], "412");
}

#[test]
fn an_operation_overrides_no_method() {
    // 2.5
    let scim = One::new();
    let body = json!({"Operations": []});
    let headers = [("x-http-method-override", "PUT")];
    expect_error(&scim.request(Method::POST, "/Bulk", &headers, &body), 405);
}
