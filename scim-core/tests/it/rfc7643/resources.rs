//! Resources: `schemas`, extensions, `id`, `externalId` and `meta` (RFC 7643 §3).

use serde_json::{Value, json};

use crate::endpoint::{BASE, ENTERPRISE, Endpoint, GROUP, USER, user};

#[test]
fn every_representation_names_its_schemas() {
    // H-013
    let scim = Endpoint::new();
    let body = json!({
        "schemas": [ENTERPRISE, USER], "userName": "a",
        ENTERPRISE.to_lowercase(): {"department": "Tours"}
    });
    let created = scim.post("/Users", body).expect(201);
    let path = format!("/Users/{}", created.id());
    let both = json!([USER, ENTERPRISE]);
    assert_eq!(created.json()["schemas"], both);
    assert_eq!(created.json()[ENTERPRISE]["department"], "Tours");
    for query in ["", "?attributes=userName", "?excludedAttributes=schemas"] {
        let shown = scim.get(&format!("{path}{query}")).json();
        assert!(shown["schemas"].as_array().unwrap().contains(&json!(USER)), "{query}");
    }
    let remove = json!([{"op": "remove", "path": format!("{ENTERPRISE}:department")}]);
    assert_eq!(scim.patch(&path, remove).expect(200).json()["schemas"], json!([USER]));
    let add = json!([{"op": "add", "path": format!("{ENTERPRISE}:employeeNumber"), "value": "1"}]);
    assert_eq!(scim.patch(&path, add).expect(200).json()["schemas"], both);
}

#[test]
fn schemas_are_those_of_the_resource_type() {
    // S-017
    let body = |schemas: Value| json!({"schemas": schemas, "userName": "a"});
    let scim = Endpoint::new();
    let created = scim.post("/Users", body(json!([USER, USER, "urn:example:x"]))).expect(201);
    scim.delete(&format!("/Users/{}", created.id())).expect(204);
    assert_eq!(created.json()["schemas"], json!([USER]));
    // The name of a member is no URN.
    let created = scim.post("/Users", body(json!([USER, "userName", "schemas", ENTERPRISE])));
    scim.delete(&format!("/Users/{}", created.id())).expect(204);
    assert_eq!(created.json()["schemas"], json!([USER]));
    scim.post("/Users", body(json!([GROUP]))).expect_error(400, "invalidSyntax");
    scim.post("/Users", body(json!(5))).expect_error(400, "invalidSyntax");

    let strict = Endpoint::strict();
    let unknown = body(json!([USER, "urn:example:x"]));
    strict.post("/Users", unknown).expect_error(400, "invalidValue");
    for missing in [json!({"userName": "a"}), body(json!([])), body(Value::Null)] {
        strict.post("/Users", missing.clone()).expect_error(400, "invalidSyntax");
        // By default the base schema of the endpoint is assumed.
        Endpoint::new().post("/Users", missing).expect(201);
    }
}

#[test]
fn extension_data_lives_below_its_urn() {
    // R-005, C-012, S-006
    let body = user("a", json!({"employeeNumber": "1"}));
    let created = Endpoint::new().post("/Users", body.clone()).expect(201).json();
    assert!(created.get("employeeNumber").is_none() && created.get(ENTERPRISE).is_none());
    Endpoint::strict().post("/Users", body).expect_error(400, "invalidSyntax");
}

#[test]
fn ids_are_made_by_the_server_and_never_again() {
    //
    let scim = Endpoint::new();
    let first = scim.user("a");
    scim.delete(&format!("/Users/{first}")).expect(204);
    let second = scim.user("a");
    let group = scim.group("a", &[]);
    assert!(first != second && second != group && !first.is_empty());
    for id in [&first, &second, &group] {
        assert!(!id.contains("bulkId"), "{id}");
    }
    let upper = second.to_uppercase();
    assert_ne!(upper, second);
    scim.get(&format!("/Users/{upper}")).expect_error(404, "");
    for (id, total) in [(&second, 1), (&upper, 0)] {
        let found = scim.filter("/Users", &format!("id eq \"{id}\"")).json();
        assert_eq!(found["totalResults"], total);
    }
}

#[test]
fn external_ids_come_from_clients_and_may_repeat() {
    //
    let scim = Endpoint::new();
    let bare = scim.post("/Users", user("a", json!({}))).expect(201).json();
    assert!(bare.get("externalId").is_none());
    for name in ["b", "c"] {
        scim.post("/Users", user(name, json!({"externalId": "701984"}))).expect(201);
    }
    let found = scim.filter("/Users", "externalId eq \"701984\"").json();
    assert_eq!(found["totalResults"], 2);
}

#[test]
fn meta_says_what_the_resource_is_and_when_it_changed() {
    //
    let scim = Endpoint::new();
    let created = scim.post("/Users", user("a", json!({"displayName": "A"}))).expect(201);
    let path = format!("/Users/{}", created.id());
    let meta = created.json()["meta"].clone();
    assert_eq!(meta["resourceType"], "User");
    assert_eq!(meta["created"], meta["lastModified"]);
    assert_eq!(meta["location"], format!("{BASE}{path}"));
    assert_eq!(created.header("location"), meta["location"]);
    assert!(meta["version"].as_str().unwrap().starts_with("W/\""));
    let got = scim.get(&path);
    assert_eq!(got.header("etag"), meta["version"]);
    assert_eq!(got.header("content-location"), meta["location"]);

    let replace = |value: &str| json!([{"op": "replace", "path": "displayName", "value": value}]);
    let same = scim.patch(&path, replace("A")).expect(200).json();
    assert_eq!(same["meta"], meta);
    std::thread::sleep(std::time::Duration::from_millis(5));
    let changed = scim.patch(&path, replace("B")).expect(200).json()["meta"].clone();
    assert_eq!(changed["created"], meta["created"]);
    assert!(changed["lastModified"].as_str() > meta["lastModified"].as_str());
    assert_ne!(changed["version"], meta["version"]);
}

#[test]
fn meta_is_returned_by_default_and_in_parts() {
    //
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let meta = |query: &str| scim.get(&format!("{path}?{query}")).json().get("meta").cloned();
    assert_eq!(meta("attributes=userName"), None);
    assert_eq!(meta("excludedAttributes=meta"), None);
    let version = meta("attributes=meta.version").unwrap();
    assert_eq!(version.as_object().unwrap().keys().collect::<Vec<_>>(), ["version"]);
    assert!(meta("excludedAttributes=meta.version").unwrap().get("version").is_none());
}

#[test]
fn discovery_resources_have_no_external_id() {
    //
    let scim = Endpoint::new();
    for path in ["/ServiceProviderConfig", "/ResourceTypes/User"] {
        assert!(scim.get(path).expect(200).json().get("externalId").is_none(), "{path}");
    }
}
