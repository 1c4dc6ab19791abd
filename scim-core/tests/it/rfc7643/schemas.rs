//! Resource types and schemas as they are served (RFC 7643 §3.2, §6, §7).

use http::Method;
use serde_json::{Value, json};

use super::widget::{self, STOCK, WIDGET, body};
use crate::endpoint::{BASE, Endpoint, GROUP, USER};

fn attributes(schema: &Value) -> Vec<Value> {
    let whole = schema["attributes"].as_array().unwrap().clone();
    let parts = whole.iter().filter_map(|it| it["subAttributes"].as_array());
    whole.iter().chain(parts.flatten()).cloned().collect()
}

#[test]
fn a_registered_type_is_served() {
    // S-001, D-014
    let scim = widget::endpoint();
    let shown = scim.get("/ResourceTypes/Widget").expect(200).json();
    assert_eq!((&shown["endpoint"], &shown["schema"]), (&json!("/Widgets"), &json!(WIDGET)));
    let listed = scim.get("/ResourceTypes").json();
    let names: Vec<_> =
        listed["Resources"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["User", "Group", "Widget"]);
    let path = widget::widget(&scim, json!({"plain": "x"}));
    assert_eq!(scim.get(&path).expect(200).json()["meta"]["resourceType"], "Widget");
}

#[test]
fn an_extension_has_names_of_its_own() {
    // S-002, S-005, R-005
    let scim = widget::endpoint();
    let both = json!({"schemas": [WIDGET, STOCK], "plain": "x", STOCK: {"plain": 7}});
    let created = scim.post("/Widgets", both).expect(201).json();
    assert_eq!((&created["plain"], &created[STOCK]["plain"]), (&json!("x"), &json!(7)));
}

#[test]
fn a_required_extension_is_in_every_resource() {
    // S-005, S-006
    let definition = |required: bool| {
        json!({
            "name": "Widget", "endpoint": "/Widgets", "schema": WIDGET,
            "schemaExtensions": [{"schema": STOCK, "required": required}]
        })
    };
    let served = |required: bool| {
        let definition = serde_json::from_value(definition(required)).unwrap();
        let registry = widget::definitions().replace_resource_type(definition).build().unwrap();
        widget::endpoint_of(registry)
    };
    served(false).post("/Widgets", body(json!({}))).expect(201);
    let scim = served(true);
    scim.post("/Widgets", body(json!({}))).expect_error(400, "invalidValue");
    scim.post("/Widgets", body(json!({STOCK: {}}))).expect_error(400, "invalidValue");
    scim.post("/Widgets", body(json!({STOCK: {"plain": 1}}))).expect(201);
}

#[test]
fn resource_types_name_schemas_that_are_served() {
    // S-003, S-004, S-007, S-008, S-010, S-011, D-011
    let scim = widget::endpoint();
    let types = scim.get("/ResourceTypes").expect(200).json();
    for shown in types["Resources"].as_array().unwrap() {
        let endpoint = shown["endpoint"].as_str().unwrap();
        assert!(shown["name"].is_string() && endpoint.starts_with('/'), "{shown}");
        let extensions = shown["schemaExtensions"].as_array().unwrap();
        for urn in extensions.iter().map(|it| &it["schema"]).chain([&shown["schema"]]) {
            let schema = scim.get(&format!("/Schemas/{}", urn.as_str().unwrap())).expect(200);
            assert_eq!(&schema.json()["id"], urn);
        }
        for used in shown["schemas"].as_array().unwrap() {
            scim.get(&format!("/Schemas/{}", used.as_str().unwrap())).expect(200);
        }
    }
    for schema in scim.get("/Schemas").json()["Resources"].as_array().unwrap() {
        assert_eq!(schema["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:Schema"]));
        let id = schema["id"].as_str().unwrap();
        let expected =
            json!({"resourceType": "Schema", "location": format!("{BASE}/Schemas/{id}")});
        assert_eq!(schema["meta"], expected);
    }
}

#[test]
fn every_characteristic_is_published() {
    // S-012, S-013, S-014, A-022, W-021
    let scim = widget::endpoint();
    let schemas = scim.get("/Schemas").json();
    for schema in schemas["Resources"].as_array().unwrap() {
        for attribute in attributes(schema) {
            for key in
                ["name", "type", "multiValued", "description", "required", "mutability", "returned"]
            {
                assert!(attribute.get(key).is_some(), "{}: {attribute}: {key}", schema["id"]);
            }
            let complex = attribute["type"] == "complex";
            assert_eq!(attribute.get("uniqueness").is_none(), complex, "{attribute}");
            assert_eq!(attribute.get("subAttributes").is_some(), complex, "{attribute}");
            assert!(!complex || attribute.get("caseExact").is_none(), "{attribute}");
            let cased =
                ["string", "reference", "binary"].contains(&attribute["type"].as_str().unwrap());
            assert!(!cased || attribute["caseExact"].is_boolean(), "{attribute}");
        }
    }
    let find = |urn: &str, name: &str| {
        let schema = scim.get(&format!("/Schemas/{urn}")).json();
        attributes(&schema).into_iter().find(|it| it["name"] == name).unwrap()
    };
    let certificates = find(USER, "x509Certificates");
    assert_eq!(certificates["subAttributes"][0]["type"], "binary");
    assert_eq!(find(GROUP, "displayName")["required"], true);
}

/// RFC 7643 §7: clients build types from schemas, which a name that comes twice prevents.
#[test]
fn every_schema_names_an_attribute_once() {
    let schemas = widget::endpoint().get("/Schemas").json();
    for schema in schemas["Resources"].as_array().unwrap() {
        let whole = schema["attributes"].as_array().unwrap();
        let parts = whole.iter().filter_map(|it| it["subAttributes"].as_array());
        for siblings in parts.chain([whole]) {
            let name = |it: &Value| it["name"].as_str().unwrap().to_lowercase();
            let mut names: Vec<String> = siblings.iter().map(name).collect();
            names.sort();
            let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
            assert_eq!(twice, None, "{}", schema["id"]);
        }
    }
}

#[test]
fn discovery_resources_are_read_only() {
    // S-009, S-020, D-012, D-013
    let scim = Endpoint::new();
    let user_schema = format!("/Schemas/{USER}");
    for path in [
        "/Schemas",
        &user_schema,
        "/ResourceTypes",
        "/ResourceTypes/User",
        "/ServiceProviderConfig",
    ] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let refused = scim.request(method.clone(), path, &[], "{}");
            refused.expect_error(405, "");
            assert_eq!(refused.header("allow"), "GET, HEAD", "{method} {path}");
        }
    }
}

#[test]
fn served_schemas_may_differ_from_the_rfc() {
    // S-015
    let mut group = scim_core::schema::builtin::group();
    let members = group.attribute_mut("members").unwrap();
    let value = members.sub_attributes.iter_mut().find(|it| it.name == "value").unwrap();
    value.required = true;
    let registry = widget::definitions().replace_schema(group).build().unwrap();
    let scim = widget::endpoint_of(registry);
    let body = json!({"schemas": [GROUP], "displayName": "g", "members": [{"display": "x"}]});
    scim.post("/Groups", body).expect_error(400, "invalidValue");
}

#[test]
fn messages_are_no_schemas() {
    // S-016
    let scim = Endpoint::new();
    let listed = scim.get("/Schemas").text;
    assert!(!listed.contains("urn:ietf:params:scim:api:messages:2.0:PatchOp"));
    let path = "/Schemas/urn:ietf:params:scim:api:messages:2.0:PatchOp";
    scim.get(path).expect_error(404, "");
}
