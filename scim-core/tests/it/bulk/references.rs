//! References to what other operations add, in bodies and paths, before and after them.

use serde_json::json;

use super::*;
use crate::endpoint::ENTERPRISE;

#[test]
fn references_lead_forward_too_and_answers_keep_the_order() {
    // B-016, B-020, B-021
    let scim = Endpoint::new();
    let answers = bulk(
        &scim,
        json!([
            group("outer", "Outer", &["bulkId:inner", "bulkId:bob"]),
            group("inner", "Inner", &["bulkId:alice"]),
            user("alice", "alice"),
            user("bob", "bob"),
        ]),
    );
    let bulk_ids: Vec<_> = answers.iter().map(|it| &it["bulkId"]).collect();
    assert_eq!(bulk_ids, ["outer", "inner", "alice", "bob"]);
    let ids: Vec<_> = answers.iter().map(id).collect();
    let mut expected = vec![ids[1].clone(), ids[3].clone()];
    expected.sort_unstable();
    assert_eq!(members(&scim, &ids[0]), expected);
    assert_eq!(members(&scim, &ids[1]), [ids[2].clone()]);
}

#[test]
fn paths_refer_to_what_was_added() {
    // B-014, B-017, B-025
    let scim = Endpoint::new();
    let answers = bulk(
        &scim,
        json!([
            patch(
                "/Groups/bulkId:g",
                json!([
                    {"op": "replace", "path": "displayName", "value": "Guides"},
                    {"op": "add", "path": "members", "value": [{"value": "bulkId:a"}]},
                ])
            ),
            group("g", "Group", &["bulkId:b"]),
            user("a", "alice"),
            user("b", "bob"),
            put("/Users/bulkId:a", "ally"),
            patch(
                "/Groups/bulkId:g",
                json!([{"op": "remove", "path": "members[value eq \"bulkId:b\"]"}])
            ),
            delete("/Users/bulkId:b"),
        ]),
    );
    assert_eq!(statuses(&answers), ["200", "201", "201", "201", "200", "204", "204"]);
    let (g, a) = (id(&answers[1]), id(&answers[2]));
    assert_eq!(answers[0]["location"], format!("{BASE}/Groups/{g}"));
    assert_eq!(answers[6]["location"], answers[3]["location"]);
    assert_eq!(members(&scim, &g), [&*a]);
    assert_eq!(scim.get(&format!("/Users/{a}")).json()["userName"], "ally");
    assert_eq!(scim.get(&format!("/Groups/{g}")).json()["displayName"], "Guides");
    assert_eq!(users(&scim), 1);
}

#[test]
fn references_to_nothing_fail() {
    // B-018
    let scim = Endpoint::new();
    scim.user("taken");
    let manager = json!({
        "method": "POST", "path": "/Users", "bulkId": "m",
        "data": {
            "schemas": [USER, ENTERPRISE], "userName": "m",
            ENTERPRISE: {"manager": {"value": "bulkId:t"}}
        }
    });
    let answers = bulk(
        &scim,
        json!([
            group("u", "Unknown", &["bulkId:nobody"]),
            user("t", "taken"),
            group("f", "Failed", &["bulkId:t"]),
            manager,
            group("ff", "Failed too", &["bulkId:f"]),
            patch("/Users/bulkId:t", json!([{"op": "remove", "path": "title"}])),
            put("/Users/bulkId:nobody", "x"),
            user("x", "fine"),
        ]),
    );
    let expected = ["400", "409", "409", "409", "409", "409", "400", "201"];
    assert_eq!(statuses(&answers), expected);
    assert_eq!(answers[0]["response"]["scimType"], "invalidValue");
    assert_eq!(answers[6]["location"], format!("{BASE}/Users/bulkId:nobody"));
    let detail = answers[2]["response"]["detail"].as_str().unwrap();
    assert_eq!(detail, "the operation with the bulkId `t` failed");
    assert_eq!(users(&scim), 2);
    assert_eq!(scim.get("/Groups?count=0").json()["totalResults"], 0);
}

#[test]
fn references_to_what_could_not_be_read_fail() {
    // B-018
    let scim = Endpoint::new();
    let unreadable = json!({"method": "POST", "path": "/Users", "bulkId": "a"});
    let answers = bulk(&scim, json!([unreadable, group("g", "G", &["bulkId:a"])]));
    assert_eq!(statuses(&answers), ["400", "409"]);
}

#[test]
fn failures_are_counted_in_the_order_of_references() {
    // B-009, B-020
    let scim = Endpoint::new();
    scim.user("taken");
    let operations =
        json!([group("g", "G", &["bulkId:t"]), user("a", "alice"), user("t", "taken"),]);
    let mut request = message(operations);
    request["failOnErrors"] = json!(1);
    let answers = answered(&send(&scim, request).expect(200));
    assert_eq!(statuses(&answers), ["409"]);
    assert_eq!(answers[0]["bulkId"], "t");
}
