//! What is understood from any client, since it contradicts no rule of the RFCs.

use http::Method;
use serde_json::{Value, json};

use crate::endpoint::{BASE, ENTERPRISE, Endpoint, GROUP, USER};

#[test]
fn filters_are_read_as_they_are_meant() {
    let scim = Endpoint::new();
    let body = json!({
        "schemas": [USER], "userName": "42", "title": "true", "active": true,
        "emails": [{"value": "x@y.z", "type": "work"}, {"value": "a@b.c", "type": "home"}],
    });
    scim.post("/Users", body).expect(201);
    let cases = [
        ("userName eq 42", 1),
        ("userName  eq   \"42\" ", 1),
        ("title eq true", 1),
        ("active eq True", 1),
        ("active eq \"true\"", 1),
        ("emails eq x@y.z", 1),
        ("emails[type eq \"work\"].value eq \"x@y.z\"", 1),
        ("emails[type eq \"work\"].value eq \"a@b.c\"", 0),
        ("meta.lastModified gt \"2020-01-01T00:00:00.1234567Z\"", 1),
        ("USERNAME EQ \"42\" AND active eq true", 1),
    ];
    for (filter, found) in cases {
        let answer = scim.filter("/Users", filter).expect(200).json();
        assert_eq!(answer["totalResults"], found, "{filter}");
    }
    for path in ["/Users/?filter=userName+eq+%2242%22", "/Users?filter=userName%20eq%2042"] {
        assert_eq!(scim.get(path).expect(200).json()["totalResults"], 1, "{path}");
    }
}

#[test]
fn values_of_a_neighbouring_form_are_understood() {
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let manager = format!("{ENTERPRISE}:manager");
    let pointer = format!("/{ENTERPRISE}/manager/value");
    for cleared in [json!(null), json!([]), json!("")] {
        for given in [json!("7"), json!({"value": "7", "displayName": "x", "$ref": null})] {
            let set = json!([{"op": "add", "path": manager, "value": given}]);
            let shown = scim.patch(&path, set).expect(200).json();
            assert_eq!(shown.pointer(&pointer), Some(&json!("7")), "{given}");
        }
        let clear = json!([{"op": "replace", "path": manager, "value": cleared}]);
        let shown = scim.patch(&path, clear).expect(200).json();
        assert_eq!(shown.pointer(&pointer), None, "{cleared}");
    }
    let echoed = json!([{"op": "replace", "value": {
        "id": "x", "schemas": [GROUP], "meta": {"version": "x"}, "displayName": "A", "nope": 1,
    }}]);
    assert_eq!(scim.patch(&path, echoed).expect(200).json()["displayName"], "A");

    let members = |value: Value| json!({"schemas": [GROUP], "displayName": "g", "members": value});
    let id = scim.user("b");
    for value in [
        json!([id]),
        json!(id),
        json!({"value": id}),
        json!([{"value": id, "$ref": null, "displayName": "B"}]),
        json!([{"$ref": format!("{BASE}/Users/{id}")}]),
    ] {
        let shown = scim.post("/Groups", members(value.clone())).expect(201).json();
        assert_eq!(shown["members"][0]["value"], *id, "{value}");
        assert_eq!(shown["members"][0]["type"], "User", "{value}");
    }
}

#[test]
fn one_filter_makes_one_element() {
    let scim = Endpoint::new();
    let path = format!("/Users/{}", scim.user("a"));
    let work = "addresses[type eq \"work\" and primary eq true]";
    let operations = json!([
        {"op": "add", "path": format!("{work}.locality"), "value": "Hollywood"},
        {"op": "Add", "path": format!("{work}.country"), "value": "US"},
    ]);
    let shown = scim.patch(&path, operations).expect(200).json();
    let address =
        json!({"type": "work", "primary": true, "locality": "Hollywood", "country": "US"});
    assert_eq!(shown["addresses"], json!([address]));
}

#[test]
fn schemas_are_derived_and_only_those_of_another_type_refused() {
    let scim = Endpoint::new();
    let post = |name: &str, schemas: Value| {
        scim.post(
            "/Users",
            json!({"schemas": schemas, "userName": name, ENTERPRISE: {"department": "x"}}),
        )
    };
    for (name, schemas) in [
        ("a", json!(["urn:ietf:params:scim:schemas:core:2.0:Usr"])),
        ("b", json!([])),
        ("c", json!([USER, "urn:x"])),
        ("d", json!(USER)),
        ("e", json!([GROUP, USER])),
    ] {
        let shown = post(name, schemas).expect(201).json();
        assert_eq!(shown["schemas"], json!([USER, ENTERPRISE]), "{name}");
    }
    post("f", json!([GROUP])).expect_error(400, "invalidSyntax");
}

#[test]
fn bodies_come_under_many_media_types() {
    // T-005, T-016
    let scim = Endpoint::new();
    let types = [
        "application/json",
        "application/scim+json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
    ];
    for (index, media_type) in types.into_iter().enumerate() {
        let body = json!({"schemas": [USER], "userName": format!("user{index}")});
        let headers = [("content-type", media_type)];
        let created = scim.request(Method::POST, "/Users", &headers, body).expect(201);
        assert_eq!(created.header("location"), created.json()["meta"]["location"]);
        scim.request(Method::GET, "/Users", &headers, "").expect(200);
    }
    scim.post("/Users", json!({"schemas": [USER], "userName": "without"})).expect(201);
}

#[test]
fn discovery_spells_everything_out() {
    let scim = Endpoint::new();
    let schemas = scim.get("/Schemas").expect(200).json();
    for schema in schemas["Resources"].as_array().unwrap() {
        spells_out(&schema["attributes"], schema["id"].as_str().unwrap());
    }
    let config = scim.get("/ServiceProviderConfig").expect(200).json();
    for number in ["/bulk/maxOperations", "/bulk/maxPayloadSize", "/filter/maxResults"] {
        assert!(config.pointer(number).unwrap().is_u64(), "{number}");
    }
}

fn spells_out(attributes: &Value, place: &str) {
    for attribute in attributes.as_array().unwrap() {
        let place = format!("{place}:{}", attribute["name"]);
        for name in ["type", "multiValued", "description", "required", "mutability", "returned"] {
            assert!(attribute.get(name).is_some(), "{place} has no {name}");
        }
        if let Some(parts) = attribute.get("subAttributes") {
            spells_out(parts, &place);
        }
    }
}
