//! The examples of RFC 7644 §3.7.1 to §3.7.3, and what §4 tells of Bulk.

use scim_core::{Behaviour, Bulk, Limits, Rules, UnknownAttributes};
use serde_json::json;

use super::*;
use crate::endpoint::ENTERPRISE;

#[test]
fn a_user_and_a_group_of_it() {
    // §3.7.2; B-002, B-007, B-011, B-012, B-014, B-016
    let scim = Endpoint::new();
    let operations = bulk(
        &scim,
        json!([
            {
                "method": "POST", "path": "/Users", "bulkId": "qwerty",
                "data": {"schemas": [USER], "userName": "Alice"}
            },
            {
                "method": "POST", "path": "/Groups", "bulkId": "ytrewq",
                "data": {
                    "schemas": [GROUP], "displayName": "Tour Guides",
                    "members": [{"type": "User", "value": "bulkId:qwerty"}]
                }
            }
        ]),
    );
    let (alice, guides) = (id(&operations[0]), id(&operations[1]));
    let version = |path: &str| scim.get(path).expect(200).json()["meta"]["version"].clone();
    let expected = json!([
        {
            "location": format!("{BASE}/Users/{alice}"), "method": "POST", "bulkId": "qwerty",
            "version": version(&format!("/Users/{alice}")), "status": "201"
        },
        {
            "location": format!("{BASE}/Groups/{guides}"), "method": "POST", "bulkId": "ytrewq",
            "version": version(&format!("/Groups/{guides}")), "status": "201"
        }
    ]);
    assert_eq!(json!(operations), expected);
    let shown = scim.get(&format!("/Groups/{guides}")).json();
    let expected = json!([{
        "value": alice, "$ref": format!("{BASE}/Users/{alice}"), "display": "Alice", "type": "User"
    }]);
    assert_eq!(shown["members"], expected);
}

#[test]
fn two_groups_of_each_other() {
    // §3.7.1; B-019
    let scim = Endpoint::new();
    let group = |bulk_id, name, other| {
        json!({
            "method": "POST", "path": "/Groups", "bulkId": bulk_id,
            "data": {
                "schemas": [GROUP], "displayName": name,
                "members": [{"type": "Group", "value": other}]
            }
        })
    };
    let operations = bulk(
        &scim,
        json!([
            group("qwerty", "Group A", "bulkId:ytrewq"),
            group("ytrewq", "Group B", "bulkId:qwerty"),
        ]),
    );
    assert_eq!(statuses(&operations), ["201", "201"]);
    let (a, b) = (id(&operations[0]), id(&operations[1]));
    assert_eq!((members(&scim, &a), members(&scim, &b)), (vec![b], vec![a]));
}

#[test]
fn a_user_and_its_manager() {
    // §3.7.2, where the text says `managerId` and the example `manager.value`; B-017
    let scim = Endpoint::new();
    let operations = bulk(
        &scim,
        json!([
            user("qwerty", "Alice"),
            {
                "method": "POST", "path": "/Users", "bulkId": "ytrewq",
                "data": {
                    "schemas": [USER, ENTERPRISE], "userName": "Bob",
                    ENTERPRISE: {
                        "employeeNumber": "11250",
                        "manager": {"value": "bulkId:qwerty", "$ref": "../Users/bulkId:qwerty"}
                    }
                }
            }
        ]),
    );
    let bob = scim.get(&format!("/Users/{}", id(&operations[1]))).json();
    let alice = id(&operations[0]);
    assert_eq!(bob[ENTERPRISE]["manager"]["value"], alice);
    assert_eq!(bob[ENTERPRISE]["manager"]["$ref"], format!("../Users/{alice}"));
}

#[test]
fn a_user_added_one_put_one_patched_and_one_removed() {
    // §3.7.3 with erratum 5050; B-015, B-025
    let mut behaviour = Behaviour::default();
    behaviour.rules = Rules::default().unknown_attributes(UnknownAttributes::Refuse);
    let scim = Endpoint::with(|builder| builder.behaviour(behaviour));
    let ids = ["put", "patched", "removed"].map(|name| scim.user(name));
    let [put, patched, removed] = &ids;
    let version = |id: &str| scim.get(&format!("/Users/{id}")).header("etag").to_owned();
    let request = |schema: &str| {
        json!({
            "schemas": [REQUEST],
            "failOnErrors": 1,
            "Operations": [
                {
                    "method": "POST", "path": "/Users", "bulkId": "qwerty",
                    "data": {"schemas": [schema], "userName": "Alice"}
                },
                {
                    "method": "PUT", "path": format!("/Users/{put}"), "version": version(put),
                    "data": {"schemas": [USER], "id": put, "userName": "Bob"}
                },
                {
                    "method": "PATCH", "path": format!("/Users/{patched}"),
                    "version": version(patched),
                    "data": {
                        "schemas": [PATCH_OP],
                        "Operations": [
                            {"op": "remove", "path": "nickName"},
                            {"op": "add", "path": "userName", "value": "Dave"}
                        ]
                    }
                },
                {
                    "method": "DELETE", "path": format!("/Users/{removed}"),
                    "version": version(removed)
                }
            ]
        })
    };
    // The printed example names the URN of a message where the schema of users is meant.
    let typo = send(&scim, request("urn:ietf:params:scim:api:messages:2.0:User")).expect(200);
    let operations = answered(&typo);
    assert_eq!(statuses(&operations), ["400"]);
    assert_eq!(operations[0]["bulkId"], "qwerty");
    assert!(operations[0].get("location").is_none());

    let operations = answered(&send(&scim, request(USER)).expect(200));
    assert_eq!(statuses(&operations), ["201", "200", "200", "204"]);
    for (operation, (method, id)) in
        operations[1..].iter().zip([("PUT", put), ("PATCH", patched), ("DELETE", removed)])
    {
        assert_eq!(operation["method"], method);
        assert_eq!(operation["location"], format!("{BASE}/Users/{id}"));
        assert!(operation.get("bulkId").is_none());
    }
    assert_eq!(operations[1]["version"], version(put));
    assert_eq!(operations[2]["version"], version(patched));
    assert!(operations[3].get("version").is_none());
    assert_eq!(scim.get(&format!("/Users/{patched}")).json()["userName"], "Dave");
}

#[test]
fn the_configuration_tells_what_bulk_takes() {
    // B-001, B-022, D-002
    let config = Endpoint::new().get("/ServiceProviderConfig").json();
    let expected = json!({"supported": true, "maxOperations": 1000, "maxPayloadSize": 1_048_576});
    assert_eq!(config["bulk"], expected);

    let mut limits = Limits::default();
    (limits.bulk_operations, limits.bulk_payload) = (7, 512);
    let scim = Endpoint::with(|builder| builder.limits(limits));
    let config = scim.get("/ServiceProviderConfig").json();
    let expected = json!({"supported": true, "maxOperations": 7, "maxPayloadSize": 512});
    assert_eq!(config["bulk"], expected);

    let mut behaviour = Behaviour::default();
    behaviour.bulk = Bulk::Off;
    let scim = Endpoint::with(|builder| builder.behaviour(behaviour));
    assert_eq!(scim.get("/ServiceProviderConfig").json()["bulk"]["supported"], false);
    send(&scim, message(json!([user("a", "alice")]))).expect_error(501, "");
    assert_eq!(users(&scim), 0);
}
